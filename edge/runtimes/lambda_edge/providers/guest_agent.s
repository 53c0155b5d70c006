# The agent of a guest (see guest_agent.py), for Linux on x86-64. Its code is made by
#   as guest_agent.s -o agent.o && objcopy -O binary -j .text agent.o agent && xxd -p agent
# On descriptor 3 it reads orders of 56 bytes: a time (timespec), and entropy as RNDADDENTROPY takes it.
.intel_syntax noprefix
.set ORDER_BYTES, 56
.set ENTROPY_AT, 16
        sub rsp, 64
        mov eax, 2                      # open("/dev/random", O_WRONLY)
        lea rdi, random[rip]
        mov esi, 1
        syscall
        mov r12d, eax
order:  xor ebx, ebx                    # bytes of an order so far
more:   xor eax, eax                    # read(3, ...)
        mov edi, 3
        lea rsi, [rsp + rbx]
        mov edx, ORDER_BYTES
        sub edx, ebx
        syscall
        test eax, eax
        js ended
        jz none
        add ebx, eax
        cmp ebx, ORDER_BYTES
        jb more
        mov eax, 16                     # ioctl(random, RNDADDENTROPY, entropy)
        mov edi, r12d
        mov esi, 0x40085203
        lea rdx, [rsp + ENTROPY_AT]
        syscall
        mov eax, 16                     # ioctl(random, RNDRESEEDCRNG)
        mov edi, r12d
        mov esi, 0x5207
        syscall
        mov eax, 227                    # clock_settime(CLOCK_REALTIME, time)
        xor edi, edi
        mov rsi, rsp
        syscall
        mov eax, 1                      # write(3, ".", 1): it is done
        mov edi, 3
        lea rsi, done[rip]
        mov edx, 1
        syscall
        jmp order
none:   mov eax, 7                      # nobody is there yet: poll(NULL, 0, 1 ms)
        xor edi, edi
        xor esi, esi
        mov edx, 1
        syscall
        jmp more
ended:  mov eax, 60                     # exit(1)
        mov edi, 1
        syscall
random: .asciz "/dev/random"
done:   .ascii "."
