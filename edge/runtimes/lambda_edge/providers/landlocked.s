# What runs between bubblewrap and a runtime (see landlocked.py), for Linux on x86-64. Its code is made by
#   as landlocked.s -o landlocked.o && objcopy -O binary -j .text landlocked.o landlocked && xxd -p landlocked
# Descriptor 5 holds the rules; the arguments are the program to become, and its arguments.
.intel_syntax noprefix
.set RULES, 5
        mov eax, 446                    # landlock_restrict_self(rules, 0)
        mov edi, RULES
        xor esi, esi
        syscall
        test eax, eax
        js failed
        mov eax, 3                      # close(rules)
        mov edi, RULES
        syscall
        mov rdi, [rsp + 16]             # execve(argv[1], argv + 1, environment)
        lea rsi, [rsp + 16]
        mov rcx, [rsp]
        lea rdx, [rsp + rcx * 8 + 16]
        mov eax, 59
        syscall
failed: mov eax, 60                     # exit(126)
        mov edi, 126
        syscall
