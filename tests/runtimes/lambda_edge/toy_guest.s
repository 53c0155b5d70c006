# A guest that is smaller than any kernel. It starts in 64-bit mode, as Linux does, and writes the text that follows its
# code to the serial port. Where the byte after that text is 1, it resets the machine. Where it is 0, the guest stays,
# and answers each byte on the serial port with how many there were so far, as a digit; a "q" resets the machine.
#
#     as -o toy_guest.o toy_guest.s && objcopy -O binary toy_guest.o /dev/stdout | xxd -p

.intel_syntax noprefix
        lea     rsi, [rip + text]
        mov     ebx, '0'                # the answer to the byte before the first
write:  lodsb
        test    al, al
        jz      written
        mov     dx, 0x3f8               # COM1
        out     dx, al
        jmp     write
written:
        cmp     byte ptr [rsi], 0
        jne     reset
wait:   mov     dx, 0x3fd               # its line status: is there a byte?
        in      al, dx
        test    al, 1
        jz      wait
        mov     dx, 0x3f8
        in      al, dx
        cmp     al, 'q'
        je      reset
        inc     ebx
        mov     al, bl
        out     dx, al
        jmp     wait
reset:  mov     al, 0xfe                # to the keyboard controller: the processor's reset line
        out     0x64, al
        jmp     wait
text:
