/* sim/firmware/vga.S -- a video ROM that does nothing: the emulator insists on finding one.
 * An option ROM: 55 AA, length in units of 512 bytes, code that returns at once. The last byte is
 * set by checksum.lua so that all bytes add up to 0 modulo 256.
 * SPDX-License-Identifier: MIT */
        .section .rom, "ax"
        .code16
        .byte   0x55, 0xaa, 1
        lret
        .org    0x1e
        .asciz  "Flatfish: no video"
        .org    512
