/* monitors/tests/rogue.c -- a program that misbehaves as `do` says, for the border tests: ends by a
 * fault, eats a budget, or tries what a child must not be able to do and says "held" if it could
 * not. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

static bool quiet;
static uint64_t stop_at;

static void say(const char *format, const char *what)
{
    if (!quiet)
        printf(format, what);
}

static void fault(void)
{
    __asm__ volatile("movb $1, 8");
}

static void divide(void)
{
    __asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx" : : : "rax", "rcx", "rdx");
}

static void misuse(void)
{
    fk_mutex_unlock(fk_at(&mon));
}

/* Off the end of the stack. */
static void recurse(void)
{
    __asm__ volatile("1: pushq $0; jmp 1b");
}

/* All memory there is, in pieces; then still able to say so. */
static void memory(void)
{
    uint64_t pieces = 0, region = mon_ref();
    while (!mempool_alloc(mon.ref[PARENT_MEMPOOL], 16 * FK_PAGE, region))
        pieces++;
    say("ate %s\n", pieces ? "memory" : "nothing");
}

static void objects(void)
{
    uint64_t count = 0;
    while (mon_ref())
        count++;
    say("ate %s\n", count ? "objects" : "nothing");
}

static void heap(void)
{
    while (malloc(4000))
        ;
    say("%s", "ate the heap\n");
}

static void pools(void)
{
    uint64_t count = 0, pool = mon_ref();
    while (!mempool_sub(mon.ref[PARENT_MEMPOOL], 0, pool))
        count++;
    say("ate %s\n", count ? "pools" : "nothing");
}

static void files(void)
{
    static char block[8192];
    FILE *file = fopen("/big", "w");
    while (file && fwrite(block, sizeof(block), 1, file))
        ;
    say("ate files: %s\n", strerror(errno));
}

static void names(void)
{
    char path[32];
    unsigned count = 0;
    do
        snprintf(path, sizeof(path), "/name%u", count++);
    while (!filesystem_mkdir(mon.ref[PARENT_FILESYSTEM], path));
    say("ate %s\n", count > 100 ? "names" : "nothing");
}

static void views(void)
{
    uint64_t count = 0, view = mon_ref();
    while (!filesystem_subset(mon.ref[PARENT_FILESYSTEM], "/", 0, FILE_WRITE, view))
        count++;
    while (!scheduler_group(mon.ref[PARENT_SCHEDULER], 1, 0, view))
        count++;
    say("ate %s\n", count > 100 ? "views and groups" : "nothing");
}

static void descriptors(void)
{
    uint64_t file = mon_ref();
    while (!filesystem_open(mon.ref[PARENT_FILESYSTEM], "/bin/hello", FILE_READ, file))
        ;
    say("%s", "ate descriptors\n");
}

static void threads(void)
{
    uint64_t thread, count = 0, port = mon_ref(), value;
    while ((thread = mon_object(FK_DEBUG_THREAD))) {
        uint64_t ref = mon_ref_to(thread, FK_DEBUG_THREAD);
        if (!ref || scheduler_attach(mon.ref[PARENT_SCHEDULER], ref, &value, port))
            break;
        count++;
    }
    say("ate %s\n", count ? "threads" : "nothing");
}

/* Connects everywhere and says nothing; asks, and never takes the answer; with several threads. */
static void hold_one(void *port)
{
    struct fk_ipc ipc = {.dest = (uint64_t)port};
    fk_client_connect(&ipc);
    while ((uint64_t)fk_clock_read() < stop_at)
        fk_thread_yield();
}

static void hold_one_asleep(void *port)
{
    struct fk_ipc ipc = {.dest = (uint64_t)port};
    while ((uint64_t)fk_clock_read() < stop_at) {
        fk_client_connect(&ipc);
        fk_clock_wait((uint64_t)fk_clock_read() + 100000000);
        fk_client_disconnect(&ipc);
    }
}

static void hold_answer(void *port)
{
    struct fk_ipc ipc = {.dest = (uint64_t)port};
    fk_client_connect(&ipc);
    ipc.tag = 1;
    ipc.word[0] = 1;
    fk_client_send_over(&ipc);
    while ((uint64_t)fk_clock_read() < stop_at)
        fk_thread_yield();
}

static void hold_port(uint64_t port)
{
    unsigned count = (unsigned)mon_option_number("holders", 5);
    for (unsigned i = 0; i < count && port; i++)
        mon_thread(i % 5 == 4 ? hold_answer : hold_one, (void *)port, 0);
}

static void hold_parent(void)
{
    hold_port(mon.parent);
    fk_clock_wait(stop_at);
}

static void hold(void)
{
    for (unsigned name = PARENT_MEMPOOL; name < PARENT_NAMES; name++)
        hold_port(mon.ref[name]);
    hold_parent();
}

/* Fewer than serve there: nobody else has to wait for the watch to let go of them. */
static void grip(void)
{
    for (uint64_t i = mon_option_number("holders", 3); i; i--)
        mon_thread(hold_one_asleep, (void *)mon.ref[PARENT_FILESYSTEM], 0);
    fk_clock_wait(stop_at);
}

/* Connects, and makes its request when nobody waits for it any more: refused, not left hanging. */
static void late(void)
{
    struct fk_ipc ipc = {.dest = mon.parent};
    fk_client_connect(&ipc);
    fk_clock_wait(stop_at);
    ipc = (struct fk_ipc){.dest = mon.parent, .tag = 2, .word = {PROTO_parent_get, PARENT_CLOCK}};
    long outcome = fk_client_send_over_receive(&ipc);
    printf(outcome == FK_DISCONNECTED ? "refused\n" : "BROKEN: %ld\n", outcome);
}

static void spin(void)
{
    while ((uint64_t)fk_clock_read() < stop_at)
        for (unsigned i = 0; i < 100000; i++)
            __asm__ volatile("");
}

/* Calls that only the root may make; the guard makes each answer instead of raising. */
static void root_calls(void)
{
    char text[] = "must not be seen\n";
    mon_guard();
    if (fk_console_write(fk_at(text), sizeof(text)) >= 0 ||
        fk_console_read(fk_at(text), sizeof(text)) >= 0 || fk_console_wait(0) >= 0 ||
        fk_machine_exit(9) >= 0 || fk_kernel_debug(FK_DEBUG_CHECK, 0, 0) >= 0)
        printf("BROKEN\n");
    else
        printf("held\n");
}

/* Nothing is mapped but what was given: nowhere is an object that is not ours. */
static void look_around(void)
{
    struct fk_found found;
    uint64_t at = 0, end = MON_AREA + (64ull << 20);
    mon_guard();
    while (fk_region_search(at, end - at, fk_at(&found)) == FK_OK) {
        if (found.address < MON_BIRTH || found.type == FK_DEBUG_SPACE) {
            printf("BROKEN: object of type %lu at %lx\n", found.type, found.address);
            return;
        }
        at = found.address + FK_OBJECT_BYTES;
    }
    printf("held\n");
}

/* Exactly the capabilities of enum parent_name, of exactly these types. */
static void capabilities(void)
{
    struct fk_ref_state state;
    bool good = true;
    uint64_t ref = mon_ref();
    for (unsigned name = 0; name < 1000; name++) {
        long outcome = parent_get(mon.parent, name, ref);
        if (outcome == -PROTO_NOT_FOUND)
            continue;
        fk_ref_get_state(ref, fk_at(&state), 0);
        good = good && name < PARENT_NAMES &&
               state.type == (name == PARENT_SPACE ? FK_DEBUG_SPACE : FK_DEBUG_PORT);
    }
    /* a port cannot be served, moved or searched by one who has a reference to it */
    mon_guard();
    good = good && fk_port_set_state(mon.parent, 0, 0) < 0 && fk_port_destroy(mon.parent) < 0;
    printf(good ? "held\n" : "BROKEN\n");
}

/* The text of a program that others use, too: mapped without the right to write. */
static void write_code(void)
{
    uint64_t file = mon_ref(), region = mon_ref(), size;
    mon_guard();
    if (filesystem_open(mon.ref[PARENT_FILESYSTEM], "/bin/hello", FILE_READ, file) ||
        file_map(file, FK_READ, &size, region))
        printf("BROKEN: cannot read\n");
    char *at = mon_window(region, size, 0, FK_READ | FK_WRITE);
    if (file_map(file, FK_WRITE, &size, region) != -PROTO_NOT_ALLOWED)
        printf("BROKEN: got the right to write\n");
    printf("held\n");
    fflush(stdout);
    *at = 0; /* ends here */
    printf("BROKEN: wrote\n");
}

static long raw(uint64_t port, unsigned words, uint64_t first, const void *data, uint64_t bytes)
{
    struct fk_message block = {.send = {.buffer = {fk_at(data), bytes}}};
    struct fk_ipc ipc = {
        .dest = port, .message = fk_at(&block), .tag = words, .word = {first, 1ull << 40, ~0ull}};
    for (unsigned i = 3; i < FK_IPC_WORDS; i++)
        ipc.word[i] = 0x8000000000000000ull + i;
    if (fk_client_connect_send_over_receive(&ipc) != FK_OK)
        return -1;
    return ipc.tag & FK_TAG_WORDS ? (long)ipc.word[0] : -1;
}

/* Malformed requests to everybody: each is refused, and everybody still works. */
static void garbage(void)
{
    static char large[3 * PROTO_DATA_MAX];
    struct fk_ipc one_way;
    mon_guard();
    memset(large, 'x', sizeof(large));
    for (unsigned name = PARENT_MEMPOOL; name < PARENT_NAMES; name++) {
        uint64_t ref = mon.ref[name];
        for (uint64_t op = 0; ref && op < 20; op++)
            for (unsigned words = 0; words <= FK_IPC_WORDS; words++) {
                if ((name == PARENT_MEMPOOL && op == PROTO_mempool_destroy) ||
                    (name == PARENT_CONSOLE &&
                     (op == PROTO_console_read || op == PROTO_console_interrupt)))
                    continue; /* in order: it ends everything, it waits for keys */
                raw(ref, words, op, large, words * 100);
            }
        if (ref) {
            raw(ref, 8, 1, large, sizeof(large));
            one_way = (struct fk_ipc){.dest = ref, .tag = 3};
            fk_ipc_send(&one_way);
            one_way = (struct fk_ipc){.dest = ref, .tag = 2, .word = {1, 2}};
            fk_client_connect_send_disconnect(&one_way);
        }
    }
    printf("held\n");
}

static const struct {
    const char *name;
    void (*function)(void);
} deeds[] = {{"fault", fault},     {"divide", divide},    {"misuse", misuse},
             {"recurse", recurse}, {"memory", memory},    {"objects", objects},
             {"heap", heap},       {"pools", pools},      {"files", files},
             {"names", names},     {"views", views},      {"descriptors", descriptors},
             {"threads", threads}, {"hold", hold},        {"parent", hold_parent},
             {"late", late},       {"grip", grip},        {"spin", spin},
             {"root", root_calls}, {"look", look_around}, {"capabilities", capabilities},
             {"code", write_code}, {"garbage", garbage}};

/* Once, and then sleeps for `ms`; or with again=1 over and over for that time, without a word. */
int main(void)
{
    const char *deed = mon_option("do");
    uint64_t end = (uint64_t)fk_clock_read() + mon_option_number("ms", 0) * 1000000;
    bool again = mon_option_number("again", 0);
    size_t i = 0, count = sizeof(deeds) / sizeof(*deeds);
    while (deed && i < count && strcmp(deeds[i].name, deed))
        i++;
    if (!deed || i == count)
        mon_fatal("do= what?");
    quiet = again;
    stop_at = end;
    do
        deeds[i].function();
    while (again && (uint64_t)fk_clock_read() < end);
    fflush(stdout);
    if ((uint64_t)fk_clock_read() < end)
        fk_clock_wait(end);
    return 0;
}
