/* IPC of every kind, in every stage in which a side can wait, with every interruption that can come
 * then: what each side's call answers in the end is the table below. Words, bulk and references
 * alike; and where the table says `o`, all that was sent arrived, once and whole.
 *
 * A row: a victim waits in a stage while its peer stands at a gate. A column: what happens then.
 * The gate opens, everybody runs until nobody can, and both outcomes are looked up.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/rebirth.h"

/* Scripts, a letter a call. Those in the second line carry the message of the form that is tested.
 *   | the gate   c connect_send  s send  v over  a ack  d disconnect  N wait_receive without room
 *   R connect_send_over_receive  r send_over_receive  q call  w one-way  g receive
 *   W wait_receive  E receive  A ack_send_disconnect, and k ack, o over, as a server
 *   T alert the client  t alert the server */
struct row {
    const char *name, *victim, *peer, *spare;
    bool client;                 /* the victim is one */
    bool victim_gets, peer_gets; /* a message of the form, in the last receiving call */
    const char *alert;           /* the peer's script with an alert behind the gate, or NULL */
    const char *outcome;         /* for each column: the victim's, the peer's */
};

/* o = all is well, d = DISCONNECTED, i = INVALID_DEST, x = insanity, f = page fault, . = it waits,
 * + = it was destroyed, - = the column does not apply */
enum {
    NOTHING,
    INTERRUPT,
    HELD_BACK,
    STATE,
    REBIRTH,
    REBIRTH_PEER,
    REBIRTH_BOTH,
    PEER_DIES,
    PORT_DIES,
    SET_DIES,
    PORT_MOVES,
    SPACE_DIES,
    PEER_SPACE_DIES,
    KEEPER,
    PEER_KEEPER,
    GONE,
    PEER_GONE,
    ALERT,
    TIMEOUT,
    DONOR_DIES,
    COLUMNS
};
static const char *const columns[COLUMNS] = {
    [NOTHING] = "nothing",
    [INTERRUPT] = "interrupt",
    [HELD_BACK] = "interrupt held back",
    [STATE] = "get_state, set_state",
    [REBIRTH] = "rebirth",
    [REBIRTH_PEER] = "rebirth of the peer",
    [REBIRTH_BOTH] = "rebirth of both",
    [PEER_DIES] = "death of the peer",
    [PORT_DIES] = "death of the port",
    [SET_DIES] = "death of the portset",
    [PORT_MOVES] = "move of the port",
    [SPACE_DIES] = "death of its space",
    [PEER_SPACE_DIES] = "death of the peer's space",
    [KEEPER] = "its buffers at a keeper",
    [PEER_KEEPER] = "the peer's buffers at a keeper",
    [GONE] = "its buffers gone",
    [PEER_GONE] = "the peer's buffers gone",
    [ALERT] = "alert",
    [TIMEOUT] = "time-out of a donor",
    [DONOR_DIES] = "death of a donor",
};

static const struct row rows[] = {
    {"connect, no server yet", "R", "|WA", "WA", true, true, true, NULL,
     "oo oo oo oo oo oo oo o+ i. ox o. oo oo oo oo f. .f -- oo oo"},
    {"send, the server is busy", "cr", "N|EA", "WA", true, true, true, "N|TEA",
     "oo oo oo oo oo oo oo d+ oo oo oo oo oo oo oo f. .f oo oo oo"},
    {"receive, the server works", "R", "W|A", "WA", true, true, true, "W|TA",
     "oo oo oo oo oo oo oo d+ oo oo oo oo oo oo oo f. .f oo oo oo"},
    {"call, no server yet", "q", "|WAWA", "WA", true, true, true, NULL,
     "o. o. o. o. o. o. o. o+ i. ox o. o. o. oo o. f. .f -- o. o."},
    {"call, the server works", "q", "W|AWA", "WA", true, true, true, NULL,
     "o. oo o. oo oo oo oo o+ o. ox o. oo o. oo o. f. .f -- o. o."},
    {"one-way, no server yet", "w", "|W", "W", true, false, true, NULL,
     "oo oo oo oo oo oo oo o+ i. ox o. oo oo oo oo f. .f -- oo oo"},
    {"ack, the line is not offered", "cvad", "W|koE", "WA", true, false, false, "W|TkoE",
     "oo oo oo oo oo oo oo d+ oo oo oo oo oo oo oo oo oo oo oo oo"},
    {"server: wait", "WA", "|R", "R", false, true, true, NULL,
     "oo oo oo oo oo oo oo o+ .i x. .. oo oo oo oo f. .f -- oo oo"},
    {"server: receive", "WA", "c|vg", "R", false, false, true, "c|tvg",
     "oo oo oo oo oo oo oo d+ oo oo oo oo oo oo oo f. .f oo oo oo"},
    {"server: send, the client is busy", "WA", "cv|g", "R", false, false, true, "cv|tg",
     "oo oo oo oo oo oo oo d+ oo oo oo oo oo oo oo f. .f oo oo oo"},
    {"server: ack, the line is not offered", "NA", "cs|vg", "R", false, false, true, "cs|tvg",
     "oo oo oo oo oo oo oo d+ oo oo oo oo oo oo oo f. .f oo oo oo"},
};
#define ROWS (sizeof(rows) / sizeof(*rows))

/* ---- actors ---- */

enum { VICTIM, PEER, SPARE, KEEP, DONOR, THREADS };
enum form { WORDS, BULK, REFS, FORMS };

#define ROUNDS 5
#define BYTES  600
#define VIEW   0x320000000000ull
#define WINDOW 0x310000000000ull
#define PAGES  6 /* in and out, for three actors */

static struct patient patients[THREADS];
static const char *script[THREADS];
static struct fk_message block[THREADS];
static uint64_t refs[THREADS], stacks[THREADS], table[PAGES], views[3], view_region;
static volatile char outcome[THREADS];
static uint64_t gate, stage_space[3], space[3], map[3], whole_ref, view_ref, marked, trap_stacks;
static uint64_t spare_set, cells;
static enum form form;
static struct test_port port, keeper_port, sets[2]; /* the ref of a set names the portset */
static bool gets[THREADS], held_back;

static unsigned char *buffer(uint64_t who, bool out)
{
    return (unsigned char *)(VIEW + (2 * who + out) * FK_PAGE + 300);
}

static void arm(uint64_t who, bool room, bool send)
{
    struct fk_message *m = &block[who];
    memset(m, 0, sizeof(*m));
    if (form == BULK && send)
        m->send.buffer = (struct fk_buffer){fk_at(buffer(who, true)), BYTES};
    if (form == BULK && room)
        m->receive.buffer = (struct fk_buffer){fk_at(buffer(who, false)), BYTES};
    if (form == REFS && send)
        m->send = (struct fk_part){.refs = refs[who], .ref_count = 2};
    if (form == REFS && room)
        m->receive = (struct fk_part){.refs = refs[who] + 2 * FK_OBJECT_BYTES, .ref_count = 2};
}

/* The message of the form has arrived. */
static bool arrived(uint64_t who, const struct fk_ipc *ipc)
{
    bool good = true;
    for (unsigned i = 0; i < 3; i++)
        good &= ipc->word[i] == 0x51 + i;
    for (unsigned i = 0; form == BULK && i < BYTES; i++)
        good &= buffer(who, false)[i] == (unsigned char)(i * 7 + 1);
    for (unsigned i = 0; form == REFS && i < 2; i++)
        good &= fk_ref_compare(refs[who] + (2 + i) * FK_OBJECT_BYTES, marked) == FK_OK;
    return good;
}

static long wait_at_gate(void)
{
    CHECK_EQ(fk_mutex_lock(gate), FK_OK);
    return fk_mutex_unlock(gate);
}

struct call {
    char letter;
    long (*make)(struct fk_ipc *);
    char dest; /* p: the port, s: the portset */
    uint8_t words;
    bool send, room; /* a message of the form */
};
static const struct call calls[] = {
    {'c', fk_client_connect_send, 'p', 1, false, false},
    {'s', fk_client_send, 0, 1, false, false},
    {'v', fk_client_over, 0, 0, false, false},
    {'a', fk_client_ack, 0, 0, false, false},
    {'d', fk_client_disconnect, 0, 0, false, false},
    {'R', fk_client_connect_send_over_receive, 'p', 3, true, true},
    {'r', fk_client_send_over_receive, 0, 3, true, true},
    {'q', fk_ipc_call, 'p', 3, true, true},
    {'w', fk_ipc_send, 'p', 3, true, false},
    {'g', fk_client_receive, 0, 0, false, true},
    {'N', fk_server_wait_receive, 's', 0, false, false},
    {'W', fk_server_wait_receive, 's', 0, false, true},
    {'E', fk_server_receive, 0, 0, false, true},
    {'A', fk_server_ack_send_disconnect, 0, 3, true, false},
    {'k', fk_server_ack, 0, 0, false, false},
    {'o', fk_server_over, 0, 0, false, false},
    {'T', fk_server_alert, 0, 0, false, false},
    {'t', fk_client_alert, 0, 0, false, false},
};

static long make(uint64_t who, char letter, struct fk_ipc *ipc)
{
    const struct call *call = calls;
    if (letter == '|')
        return wait_at_gate();
    while (call->letter != letter)
        call++;
    arm(who, call->room, call->send);
    *ipc = (struct fk_ipc){.message = call->send || call->room ? fk_at(&block[who]) : 0,
                           .tag = call->words,
                           .word = {0x51, 0x52, 0x53}};
    ipc->dest = call->dest == 'p' ? port.ref : who == SPARE ? spare_set : sets[0].portset;
    long answer = call->make(ipc);
    if (call->room && gets[who] && answer == FK_OK && !arrived(who, ipc))
        answer = -1;
    return letter == 'N' && answer == FK_MORE_DATA ? FK_OK : answer;
}

static _Noreturn void finish(uint64_t who, char letter)
{
    outcome[who] = letter;
    for (;;)
        fk_clock_wait(FK_FOREVER >> 1);
}

/* Handlers: of interrupts and alerts, which only count; and of exceptions, which end the actor. It
 * is known by its handler's stack. */
extern char on_trap[], on_interrupt[], on_alert[];
__asm__("on_interrupt: incq matrix_interrupts(%rip); mov $0x2d, %eax; syscall; ud2;"
        "on_alert: incq matrix_alerts(%rip); mov $0x2d, %eax; syscall; ud2;"
        "on_trap: mov %rax, %rdi; mov %rsp, %rsi; call matrix_trapped; ud2");
volatile uint64_t matrix_interrupts, matrix_alerts;
_Noreturn void matrix_trapped(uint64_t cause, uint64_t rsp);

_Noreturn void matrix_trapped(uint64_t cause, uint64_t rsp)
{
    uint64_t who = (rsp - 1 - trap_stacks) / FK_PAGE;
    finish(who, cause == FK_TRAP_PAGE_FAULT ? 'f' : 'x');
}

static void actor(uint64_t who)
{
    const uint64_t handlers[FK_HANDLERS] = {fk_at(on_trap), fk_at(on_interrupt), fk_at(on_alert),
                                            fk_at(on_alert)};
    struct fk_ipc ipc;
    long answer = FK_OK;
    CHECK_EQ(fk_thread_handlers(fk_at(handlers), trap_stacks + (who + 1) * FK_PAGE), FK_OK);
    if (who != VICTIM || !held_back)
        fk_thread_enable();
    for (const char *at = script[who]; *at && answer == FK_OK; at++)
        answer = make(who, *at, &ipc);
    finish(who, answer == FK_OK             ? 'o'
                : answer == FK_DISCONNECTED ? 'd'
                : answer == FK_INVALID_DEST ? 'i'
                                            : '?');
}

static void keeper(uint64_t who)
{
    struct fk_ipc ipc = {.dest = keeper_port.portset};
    (void)who;
    fk_server_wait_receive(&ipc);
    for (;;) {
        uint64_t page = ipc.word[1] / FK_PAGE;
        CHECK(page < PAGES);
        table[page] = (page * FK_PAGE) | 7;
        ipc.dest = keeper_port.portset;
        ipc.tag = 0;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static void donor(uint64_t who)
{
    (void)who;
    fk_thread_schedule(patients[VICTIM].ref, 0, 0, FK_FOREVER);
    finish(DONOR, 'o');
}

/* ---- the stage ---- */

static void start(unsigned who, void (*entry)(uint64_t), unsigned place)
{
    static struct fk_thread_state state;
    struct fk_thread_links links = {.space = stage_space[place]};
    uint64_t thread = test_object();
    outcome[who] = '.';
    CHECK_EQ(fk_thread_create(thread), FK_OK);
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    state.thread_va = thread;
    state.flags = 0;
    state.frame.rip = fk_at((void *)entry);
    state.frame.rdi = who;
    state.frame.rsp = stacks[who] - 8;
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), fk_at(&links)), FK_OK);
    rebirth_prepare(&patients[who], thread);
}

static void end(unsigned who)
{
    if (patients[who].thread)
        CHECK_EQ(fk_thread_destroy(patients[who].thread), FK_OK);
    patients[who].thread = 0;
}

/* Until nobody can run: who is woken by the last to run gets a turn in the next round. */
static void run_all(void)
{
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i < THREADS; i++)
            while (patients[i].thread &&
                   fk_thread_schedule(patients[i].ref, 0, FK_SENSE_BLOCK, FK_FOREVER) != FK_BLOCKED)
                ;
}

static void shut_gate(bool locked)
{
    const struct fk_mutex_state state = {0, locked};
    CHECK_EQ(fk_mutex_set_state(gate, fk_at(&state), 0), FK_OK);
}

static void space_make(unsigned i)
{
    const struct fk_mapping_state all = {.size = FK_USER_END, .prot = 7};
    const struct fk_mapping_links links = {stage_space[i], whole_ref};
    CHECK_EQ(fk_space_create(space[i]), FK_OK);
    CHECK_EQ(fk_space_budget(space[i], 96 * FK_PAGE), FK_OK);
    CHECK_EQ(fk_space_reference(space[i], stage_space[i]), FK_OK);
    CHECK_EQ(fk_mapping_create(map[i]), FK_OK);
    CHECK_EQ(fk_mapping_set_state(map[i], fk_at(&all), fk_at(&links)), FK_OK);
}

static void space_end(unsigned i)
{
    CHECK_EQ(fk_space_destroy(space[i]), FK_OK);
    CHECK_EQ(fk_mapping_destroy(map[i]), FK_OK);
}

/* The window on an actor's two pages. */
static void view_make(unsigned who)
{
    const struct fk_mapping_state state = {.start = VIEW + 2 * who * FK_PAGE,
                                           .size = 2 * FK_PAGE,
                                           .offset = 2 * who * FK_PAGE,
                                           .prot = 7};
    const struct fk_mapping_links links = {stage_space[0], view_ref};
    CHECK_EQ(fk_mapping_create(views[who]), FK_OK);
    CHECK_EQ(fk_mapping_set_state(views[who], fk_at(&state), fk_at(&links)), FK_OK);
}

static void port_link(const struct test_port *to)
{
    const struct fk_port_state state = {.alias = 5};
    const struct fk_port_links links = {to->ref};
    CHECK_EQ(fk_port_set_state(port.port, fk_at(&state), fk_at(&links)), FK_OK);
}

static void port_make(void)
{
    CHECK_EQ(fk_port_create(port.port), FK_OK);
    CHECK_EQ(fk_port_reference(port.port, port.ref), FK_OK);
    port_link(&sets[0]);
}

/* ---- interruptions ---- */

static void away(unsigned who)
{
    table[2 * who] = table[2 * who + 1] = 0;
    CHECK_EQ(fk_region_flush(view_region, 2 * who * FK_PAGE, 2 * FK_PAGE), FK_OK);
}

/* It stands still until it is given another home. */
static void homeless(unsigned who, unsigned place)
{
    const struct fk_thread_links links = {.space = stage_space[3 - place]};
    space_end(place);
    run_all();
    CHECK(outcome[who] == '.');
    CHECK_EQ(fk_thread_set_state(patients[who].thread, 0, fk_at(&links)), FK_OK);
}

static void state_only(void)
{
    static struct fk_thread_state state;
    CHECK_EQ(fk_thread_get_state(patients[VICTIM].thread, fk_at(&state), 0), FK_OK);
    state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
    CHECK_EQ(fk_thread_set_state(patients[VICTIM].thread, fk_at(&state), 0), FK_OK);
}

static void interrupt_with(unsigned column)
{
    switch (column) {
    case INTERRUPT:
    case HELD_BACK:
        CHECK_EQ(fk_thread_interrupt(patients[VICTIM].thread), FK_OK);
        break;
    case STATE:
        state_only();
        break;
    case REBIRTH:
    case REBIRTH_PEER:
    case REBIRTH_BOTH:
        rebirth(patients, THREADS, column - REBIRTH + 1, false);
        break;
    case PEER_DIES:
        end(PEER);
        start(SPARE, actor, 2);
        break;
    case PORT_DIES:
        CHECK_EQ(fk_port_destroy(port.port), FK_OK);
        break;
    case SET_DIES:
        CHECK_EQ(fk_portset_destroy(sets[0].portset), FK_OK);
        port_link(&sets[1]);
        start(SPARE, actor, 2);
        break;
    case PORT_MOVES:
        port_link(&sets[1]);
        start(SPARE, actor, 2);
        break;
    case SPACE_DIES:
    case PEER_SPACE_DIES:
        homeless(column - SPACE_DIES, column - SPACE_DIES + 1);
        break;
    case KEEPER:
    case PEER_KEEPER:
        away(column - KEEPER);
        break;
    case GONE:
    case PEER_GONE:
        CHECK_EQ(fk_mapping_destroy(views[column - GONE]), FK_OK);
        break;
    case TIMEOUT:
        CHECK_EQ(fk_thread_schedule(patients[VICTIM].ref, 0, 0, (uint64_t)fk_clock_read() + 100000),
                 FK_TIMEOUT);
        break;
    case DONOR_DIES:
        start(DONOR, donor, 1);
        run_all();
        end(DONOR);
        break;
    }
}

static void mend(unsigned column)
{
    if (column == PORT_DIES)
        port_make();
    if (column == SET_DIES)
        CHECK_EQ(fk_portset_create(sets[0].portset), FK_OK);
    if (column == SET_DIES)
        CHECK_EQ(fk_portset_reference(sets[0].portset, sets[0].ref), FK_OK);
    if (column == SET_DIES || column == PORT_MOVES)
        port_link(&sets[0]);
    if (column == SPACE_DIES || column == PEER_SPACE_DIES)
        space_make(column - SPACE_DIES + 1);
    if (column == GONE || column == PEER_GONE)
        view_make(column - GONE);
}

/* ---- one cell ---- */

/* The death of the peer alerts the other end of a connection. */
static bool connected(const struct row *row)
{
    return row->alert;
}

static void prepare(void)
{
    for (unsigned page = 0; page < PAGES; page++)
        table[page] = page * FK_PAGE | 7;
    for (unsigned who = 0; who < 3; who++) {
        memset(buffer(who, false), 0, BYTES);
        for (unsigned i = 0; i < BYTES; i++)
            buffer(who, true)[i] = (unsigned char)(i * 7 + 1);
        for (unsigned i = 2; i < 4; i++)
            CHECK_EQ(fk_ref_set_state(refs[who] + i * FK_OBJECT_BYTES, 0, 0), FK_OK);
    }
    matrix_interrupts = matrix_alerts = 0;
}

static bool with_spare(unsigned column)
{
    return column == PEER_DIES || column == SET_DIES || column == PORT_MOVES;
}

static void play(const struct row *row, unsigned column, char *got)
{
    prepare();
    script[VICTIM] = row->victim;
    script[PEER] = column == ALERT ? row->alert : row->peer;
    script[SPARE] = row->spare;
    gets[VICTIM] = row->victim_gets;
    gets[PEER] = row->peer_gets;
    gets[SPARE] = false;
    held_back = column == HELD_BACK;
    spare_set = sets[with_spare(column) && column != PEER_DIES].portset;
    shut_gate(true);
    start(VICTIM, actor, 1);
    start(PEER, actor, 2);
    run_all();
    CHECK(outcome[VICTIM] == '.' && outcome[PEER] == '.');
    interrupt_with(column);
    run_all();
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    shut_gate(false);
    run_all();
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    got[0] = outcome[VICTIM];
    got[1] = patients[PEER].thread ? outcome[PEER] : '+';
    CHECK_EQ(matrix_interrupts, column == INTERRUPT);
    CHECK_EQ(matrix_alerts, column == ALERT || (column == PEER_DIES && connected(row)));
    for (unsigned who = VICTIM; who <= SPARE; who++)
        end(who);
    mend(column);
}

static bool applies(const struct row *row, unsigned column)
{
    bool buffers = column >= KEEPER && column <= PEER_GONE;
    return (!buffers || form == BULK) && (column != ALERT || row->alert);
}

static bool try_row(const struct row *row)
{
    char got[2 * COLUMNS + 1] = {0};
    bool good = true;
    for (unsigned column = 0; column < COLUMNS; column++) {
        char *cell = got + 2 * column;
        cell[0] = cell[1] = '-';
        if (applies(row, column)) {
            play(row, column, cell);
            cells++;
        } else if (row->alert || column != ALERT) {
            cell[0] = row->outcome[3 * column]; /* another form's business */
            cell[1] = row->outcome[3 * column + 1];
        }
        if (memcmp(cell, row->outcome + 3 * column, 2) == 0)
            continue;
        print("form %u, %s; %s: ", (uint64_t)form, row->name, columns[column]);
        print("%s\n", got + 2 * column);
        good = false;
    }
    if (!good)
        print("form %u, %s: %s\n", (uint64_t)form, row->name, got);
    return good;
}

static void open(void)
{
    uint64_t root = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space)), frames = test_pages(PAGES);
    stage_space[0] = root;
    whole_ref = test_ref(FK_DEBUG_REGION, test_region(root, 0, FK_USER_END, 7, 0));
    for (unsigned i = 1; i < 3; i++) {
        space[i] = test_object();
        map[i] = test_object();
        stage_space[i] = test_object();
        CHECK_EQ(fk_ref_create(stage_space[i]), FK_OK);
        space_make(i);
    }
    gate = test_object();
    CHECK_EQ(fk_mutex_create(gate), FK_OK);
    keeper_port = test_port(1);
    for (unsigned i = 0; i < 2; i++) {
        sets[i] = test_port(2);
        sets[i].ref = test_ref(FK_DEBUG_PORTSET, sets[i].portset);
    }
    port.port = test_object();
    port.ref = test_object();
    CHECK_EQ(fk_ref_create(port.ref), FK_OK);
    port_make();
    trap_stacks = test_pages(THREADS);
    uint64_t map_va = test_object(), pool = test_region(root, frames, PAGES * FK_PAGE, 7, 0);
    const struct fk_mapping_state window = {
        .start = WINDOW, .size = PAGES * FK_PAGE, .prot = 7, .table = fk_at(table)};
    const struct fk_mapping_links links = {root, test_ref(FK_DEBUG_REGION, pool)};
    CHECK_EQ(fk_mapping_create(map_va), FK_OK);
    CHECK_EQ(fk_mapping_set_state(map_va, fk_at(&window), fk_at(&links)), FK_OK);
    view_region = test_region(root, WINDOW, PAGES * FK_PAGE, 7, keeper_port.ref);
    view_ref = test_ref(FK_DEBUG_REGION, view_region);
    uint64_t cond = test_object();
    CHECK_EQ(fk_cond_create(cond), FK_OK);
    marked = test_ref(FK_DEBUG_COND, cond);
    for (unsigned who = 0; who < THREADS; who++) {
        stacks[who] = test_pages(2) + 2 * FK_PAGE;
        refs[who] = test_pages(1);
        for (unsigned i = 0; i < 4; i++)
            CHECK_EQ(fk_ref_create(refs[who] + i * FK_OBJECT_BYTES), FK_OK);
        for (unsigned i = 0; i < 2; i++)
            CHECK_EQ(fk_cond_reference(cond, refs[who] + i * FK_OBJECT_BYTES), FK_OK);
        if (who < 3) {
            views[who] = test_object();
            view_make(who);
        }
    }
    start(KEEP, keeper, 0);
}

void test_run(void)
{
    bool good = true;
    open();
    for (form = WORDS; form < FORMS; form++)
        for (unsigned i = 0; i < ROWS; i++)
            good &= try_row(&rows[i]);
    print("%u cells\n", cells);
    CHECK(good && cells > 500);
}
