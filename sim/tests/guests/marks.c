/* marks.c -- every magic NOP of abi/simcall once or more, from ring 0 and ring 3, with a small
 * debug block. Where nobody listens they do nothing; the output is the same. show=1 says which;
 * snaps= is how many snapshots it asks for in a row.
 * SPDX-License-Identifier: MIT */
#include "abi/fk/debug.h"
#include "abi/simcall/simcall.h"
#include "sim/tests/guests/rt/rt.h"

static struct fk_debug_block block = {
    .magic = FK_DEBUG_MAGIC, .version = FK_DEBUG_VERSION, .bytes = sizeof block};
static struct fk_debug_space root = {.head = {.id = 1}, .level = 1, .name = "root"};
static struct fk_debug_space child = {
    .head = {.id = 2, .owner = 1}, .parent = 1, .level = 2, .name = "child"};
static unsigned long answered, unanswered;

static void heard(unsigned long rax)
{
    if (rax)
        answered++;
    else
        unanswered++;
}

static void print(const char *text)
{
    unsigned long n = 0;

    while (text[n])
        n++;
    unsigned long rax = simcall_PRINT((unsigned long)text, n, 0);
    heard(rax);
    if (!rax)
        rt_print("%s", text);
}

static void announce(void)
{
    root.cr3 = rt_cr3();
    child.cr3 = rt_space_new();
    root.head.next = (uint64_t)&child;
    block.list[FK_DEBUG_SPACE] = (uint64_t)&root;
    block.current.space = 1;
    block.current.changes = 1;
    heard(simcall_DEBUG_BLOCK((unsigned long)&block, 0, 0));
}

static uint64_t in_ring3(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        heard(simcall_MARK((unsigned long)"square", i, i * i));
    return n;
}

static void visit_child(void)
{
    block.current.space = 2;
    rt_set_cr3(child.cr3);
    heard(simcall_BEGIN(2, 0, 0));
    rt_user_run(in_ring3, 3, 0);
    heard(simcall_END(2, 0, 0));
    rt_set_cr3(root.cr3);
    block.current.space = 1;
}

int guest_main(void)
{
    unsigned long version = simcall_PRESENT(0, 0, 0);

    heard(version);
    announce();
    heard(simcall_BEGIN(1, 0, 0));
    print("marks: begin\n");
    rt_user_run(in_ring3, rt_option("n", 5), 0);
    visit_child();
    for (unsigned long i = rt_option("snaps", 1); i-- > 0;)
        heard(simcall_SNAPSHOT(1, 0, 0));
    print("marks: end\n");
    heard(simcall_END(1, 0, 0));
    if (rt_option("show", 0))
        rt_print("marks: version %lu, %lu answered, %lu not\n", version, answered, unanswered);
    rt_print("marks: %s\n", answered == 0 || unanswered == 0 ? "of one mind" : "half heard");
    return answered == 0 || unanswered == 0 ? 0 : 1;
}
