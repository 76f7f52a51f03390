/* hostile.c -- a guest that lies to the simulator: n= magic NOPs with random numbers, addresses and
 * lengths, and debug blocks that are torn, circular, endless or nowhere. All must be survived, and
 * none may cost more than a bounded effort. On other machines it does nothing.
 * SPDX-License-Identifier: MIT */
#include "abi/fk/debug.h"
#include "abi/simcall/simcall.h"
#include "sim/tests/guests/rt/random.h"
#include "sim/tests/guests/rt/rt.h"

#define RECORDS 6000 /* more than the simulator's table of spaces holds */

static uint64_t seed;
static struct fk_debug_block block;
static struct fk_debug_space spaces[RECORDS];

/* nopl SIMCALL_MAGIC|number(%rax,%rax,1); ret */
static uint8_t call_code[9] = {0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0xc3};

static void call(uint32_t number, uint64_t a0, uint64_t a1, uint64_t a2)
{
    uint64_t rax = 0;

    *(volatile uint32_t *)(call_code + 4) = SIMCALL_MAGIC | (number & 0xffff);
    __asm__ volatile("call *%4"
                     : "+a"(rax), "+D"(a0), "+S"(a1), "+d"(a2)
                     : "r"(call_code)
                     : "memory", "cc");
}

/* An address of any kind but readable text. */
static uint64_t nowhere(void)
{
    uint64_t r = random_next(&seed);
    const uint64_t places[] = {0x200000000,
                               UINT64_MAX,
                               1ull << 47,
                               0xffff7fffffffffff,
                               0x40000000 + (r >> 20),
                               RT_WINDOW + 0xb0000000,
                               RT_WINDOW + 0x100000000,
                               r | 1ull << 62};

    return places[r % (sizeof places / sizeof places[0])];
}

static uint64_t anywhere(void)
{
    uint64_t r = random_next(&seed);

    return r & 3 ? nowhere() : (uint64_t)&block + (r >> 8) % sizeof spaces;
}

static void random_call(void)
{
    uint64_t r = random_next(&seed);
    uint32_t number = r & 1 ? (uint32_t)(r >> 8) % 12 : (uint32_t)(r >> 8);

    switch (number & 0xffff) {
    case SIMCALL_EXIT:
        break;
    case SIMCALL_PRINT:
        call(SIMCALL_PRINT, nowhere(), random_next(&seed), 0);
        break;
    case SIMCALL_MARK:
        call(SIMCALL_MARK, anywhere(), random_next(&seed), 0);
        break;
    default:
        call(number, anywhere(), random_next(&seed), random_next(&seed));
        break;
    }
}

static void announce(void)
{
    block.current.changes++;
    call(SIMCALL_DEBUG_BLOCK, (uint64_t)&block, 0, 0);
    call(SIMCALL_MARK, (uint64_t) "look", 0, 0);
}

static void block_good(void)
{
    block = (struct fk_debug_block){
        .magic = FK_DEBUG_MAGIC, .version = FK_DEBUG_VERSION, .bytes = sizeof block};
}

/* A list of all records that ends as `end` says. Names are not ended. */
static void block_list(uint64_t end)
{
    block_good();
    for (unsigned i = 0; i < RECORDS; i++) {
        spaces[i].head.next = i + 1 < RECORDS ? (uint64_t)&spaces[i + 1] : end;
        spaces[i].head.id = i / 2;
        spaces[i].cr3 = i % 3 ? (uint64_t)i << 12 : rt_cr3();
        spaces[i].parent = spaces[i].level = UINT32_MAX - i;
        for (unsigned k = 0; k < FK_DEBUG_NAME; k++)
            spaces[i].name[k] = (char)(random_next(&seed) | 1);
    }
    for (unsigned kind = 0; kind < FK_DEBUG_KINDS; kind++)
        block.list[kind] = (uint64_t)&spaces[kind];
    announce();
}

static void blocks(void)
{
    block_list(0);
    block_list((uint64_t)&spaces[7]);           /* a circle */
    block_list((uint64_t)&spaces[RECORDS - 1]); /* a circle of one */
    block_list(nowhere());
    block_good();
    block.list[0] = nowhere();
    announce();
    block_good();
    block.bytes = UINT32_MAX;
    announce();
    block_good();
    block.version = 77;
    announce();
    for (unsigned i = 0; i < sizeof block / 8; i++)
        ((volatile uint64_t *)&block)[i] = random_next(&seed);
    announce();
    block.magic = FK_DEBUG_MAGIC;
    block.version = FK_DEBUG_VERSION;
    announce();
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 5000);

    seed = rt_option("seed", 1) * 0x9e3779b97f4a7c15 + 1;
    blocks();
    for (uint64_t i = 0; i < n; i++)
        random_call();
    call(SIMCALL_DEBUG_BLOCK, 0, 0, 0);
    rt_print("hostile: %lu calls\n", n);
    return 0;
}
