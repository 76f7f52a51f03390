/* tests/linux/loader.S -- boots a Linux kernel from a PC's disk: boot sector and second stage in one.
 *
 * image.lua unpacks the kernel on the host and lays its parts out on the disk, so that the simulated
 * machine need not run a decompressor for minutes. This loader reads the parts through the BIOS
 * (int 13h) to where they belong, asks the BIOS for the memory map, and enters the kernel by
 * Linux's 64-bit boot protocol. The head of the disk, as read to 0x7c00:
 *   0x0000  this code               0x1000  parts: { first sector, sectors, address }, ended by 0
 *   0x2000  Linux's boot_params     0x3000  command line        HEAD  end
 * SPDX-License-Identifier: MIT */
#define AT 0x7c00
#define HEAD 0x4000
#define PARTS (AT + 0x1000)
#define PARAMS (AT + 0x2000)
#define E820_COUNT (PARAMS + 0x1e8)
#define E820_TABLE (PARAMS + 0x2d0)
#define E820_MAX 128
#define BUFFER 0x20000          /* a transfer lands here, then goes up */
#define BUFFER_SEGMENT 0x2000
#define BUFFER_SECTORS 64
#define TABLES 0x70000          /* page tables: first 4 GiB onto themselves */
#define KERNEL 0x1000000        /* where a Linux kernel wants to be */
#define ENTRY 0x214             /* in boot_params: where it is entered (image.lua) */
#define KERNEL_END 0x5000000    /* cleared up to here: the parts leave zeros out */
#define CODE64 0x10             /* selectors of the boot protocol */
#define DATA 0x18

    .code16
    .globl _start
_start:
    cli
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $AT, %sp
    ljmp $0, $1f
1:  sti
    cld
    mov %dl, drive
    mov $0x42, %ah              /* the rest of the head */
    mov $packet, %si
    int $0x13
    jnc stage2
failed:
    mov $message, %si
1:  lodsb
    test %al, %al
    jz 2f
    mov $0x0e, %ah
    mov $7, %bx
    int $0x10
    jmp 1b
2:  cli
    hlt
    jmp 2b

message:
    .asciz "flatfish: cannot read the disk\r\n"
drive:
    .byte 0
    .balign 4
packet:                         /* of int 13h, ah = 42h */
    .byte 16, 0
packet_sectors:
    .word HEAD / 512 - 1
    .word AT + 512              /* offset, */
packet_segment:
    .word 0                     /* segment */
packet_lba:
    .quad 1

    .org 510
    .word 0xaa55

    .balign 16
stage2:
    in $0x92, %al               /* address line 20 */
    or $2, %al
    out %al, $0x92
    movl $0, packet_sectors     /* from now on: to BUFFER */
    movw $BUFFER_SEGMENT, packet_segment
    call clear
    mov $PARTS, %bx
part:
    mov 4(%bx), %ecx            /* sectors left */
    test %ecx, %ecx
    jz memory_map
    mov (%bx), %eax
    mov %eax, packet_lba
    mov 8(%bx), %edi            /* address */
transfer:
    mov %ecx, %edx
    cmp $BUFFER_SECTORS, %edx
    jbe 1f
    mov $BUFFER_SECTORS, %edx
1:  mov %dx, packet_sectors
    pushal
    mov $0x42, %ah
    mov drive, %dl
    mov $packet, %si
    int $0x13
    jc failed
    popal
    call reach
    push %ecx
    mov $BUFFER, %esi
    mov %edx, %ecx
    shl $7, %ecx
    addr32 rep movsl
    pop %ecx
    add %edx, packet_lba
    sub %edx, %ecx
    jnz transfer
    add $12, %bx
    jmp part

/* Zeros where the kernel goes. */
clear:
    call reach
    mov $KERNEL, %edi
    mov $(KERNEL_END - KERNEL) / 4, %ecx
    xor %eax, %eax
    addr32 rep stosl
    ret

/* Makes ds and es reach 4 GiB from base 0, in real mode; a BIOS call may have undone it. */
reach:
    cli
    pushl %eax
    lgdt gdt_pointer
    mov %cr0, %eax
    or $1, %al
    mov %eax, %cr0
    mov $DATA, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %cr0, %eax
    and $~1, %al
    mov %eax, %cr0
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    popl %eax
    sti
    ret

memory_map:
    xor %ebx, %ebx
    mov $E820_TABLE, %edi
    movb $0, E820_COUNT
1:  mov $0xe820, %eax
    mov $0x534d4150, %edx       /* "SMAP" */
    mov $20, %ecx
    int $0x15
    jc long_mode
    incb E820_COUNT
    add $20, %di
    test %ebx, %ebx
    jz long_mode
    cmpb $E820_MAX, E820_COUNT
    jb 1b

long_mode:
    call reach
    cli
    mov $TABLES, %edi           /* PML4, PDPT, four page directories of 2 MiB pages */
    mov $6 * 4096 / 4, %ecx
    xor %eax, %eax
    addr32 rep stosl
    mov $TABLES + 0x1003, %eax
    mov $TABLES, %edi
    mov %eax, (%edi)
    mov $4, %ecx
1:  add $0x1000, %eax           /* the PDPT's four entries */
    add $8, %edi
    mov %eax, 0xff8(%edi)
    dec %ecx
    jnz 1b
    mov $TABLES + 0x2000, %edi
    mov $0x83, %eax
    mov $4 * 512, %ecx
1:  mov %eax, (%edi)
    add $0x200000, %eax
    add $8, %edi
    dec %ecx
    jnz 1b
    mov $TABLES, %eax
    mov %eax, %cr3
    mov $0x20, %eax             /* PAE */
    mov %eax, %cr4
    mov $0xc0000080, %ecx       /* EFER.LME */
    rdmsr
    or $0x100, %eax
    wrmsr
    mov $0x80000001, %eax       /* paging and protection in one step */
    mov %eax, %cr0
    ljmpl $CODE64, $enter

    .code64
enter:
    mov $DATA, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $AT, %esp
    mov $PARAMS, %esi
    mov ENTRY(%rsi), %eax
    jmp *%rax

    .balign 8
gdt:
    .quad 0, 0
    .quad 0x00af9b000000ffff    /* CODE64 */
    .quad 0x00cf93000000ffff    /* DATA */
gdt_pointer:
    .word . - gdt - 1
    .long gdt

    .org 0x1000
