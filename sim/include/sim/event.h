/* sim/event.h -- what happens in the machine: crossings between domains, markers, spaces.
 *
 * A *space* is an address space; a *domain* is a space with a privilege (kernel or user). Every
 * instruction belongs to one domain; a crossing event says where control leaves one for another.
 * `icount` of an event = instructions begun before control arrives in `to`: the instruction that
 * crosses (syscall, int, the faulting one, iret) belongs to `from`.
 * Consumers: a *sink* takes batches and sees every event once, even if the machine goes back and
 * lives through it again; a *listener* is called at once, for the kinds it names, each time the
 * machine is run over the event (not while sim_goto() brings it somewhere). Neither changes the
 * machine's timing or its digest.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_EVENT_H
#define SIM_EVENT_H

#include "sim/machine.h"
#include "abi/trace/record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* struct trace_record, enum trace_kind: abi/trace/record.h, abi/trace/events.def */

/* A sink gets every event, in order, in batches. After a goto backwards, what was already delivered
 * is not delivered again. sim_event_flush() hands over what waits (every stop does). */
#define SIM_BATCH 2048 /* records in a batch at most */
struct sim_sink {
    void (*take)(void *ctx, const struct trace_record *r, size_t n);
    void *ctx;
    /* Or NULL: gives memory for the next SIM_BATCH records, so that a sink that keeps them need not
     * copy. Asked for after every take; of several such sinks only one is, so what is taken may as
     * well lie elsewhere. The memory must stay until the sink is removed. */
    struct trace_record *(*room)(void *ctx);
    /* What it makes of the events is machine state and goes back in time: after a goto backwards it
     * is given again what comes again. */
    bool goes_back;
};
int sim_sink_add(const struct sim_sink *sink); /* at most 8; pointers are copied */
void sim_sink_remove(void *ctx);
void sim_event_flush(void);

/* A listener is called at the event, machine consistent, registers readable. For kinds whose bit is
 * in `kinds` (1ull << enum trace_kind). It may call sim_stop_request(). Returns an id or -1. */
typedef void sim_listen_fn(void *ctx, const struct trace_record *r);
int sim_listen(uint64_t kinds, sim_listen_fn *fn, void *ctx);
void sim_unlisten(int id);

/* Spaces and domains. Domain d = space index * 2 + (1 when user). Index 0 = before paging and
 * whatever does not fit the table (SIM_SPACES). Names and levels from the guest's debug block. When
 * there is one, index 0 and page tables that are no space's are all called SIM_KERNEL_START. */
#define SIM_KERNEL_START "kernel start"
#define SIM_SPACES       4096
struct sim_space {
    uint64_t cr3;    /* page table root without flag bits; a VM guest's has bit 0 set */
    uint32_t id;     /* debug block's id, 0 = it has none */
    uint32_t parent; /* debug block's id of the parent */
    uint32_t level;  /* debug block's level; 0 for guests that have none */
    bool live;
    char name[24]; /* debug block's name, else SIM_KERNEL_START, "cr3:HEX" */
};
unsigned sim_space_count(void);
const struct sim_space *sim_space(unsigned index); /* NULL = out of range */
unsigned sim_domain_now(void);
/* Index of the space on whose behalf the machine works; its thread's id, 0 = unknown. */
unsigned sim_behalf_now(uint32_t *thread);
/* Virtual address of the guest's debug block (abi/fk/debug.h); 0 = none announced. */
uint64_t sim_debug_block(void);

/* Whether crossings are counted and charged. Off at first, because it costs a few nanoseconds a
 * crossing; what ran while it was off stands in row 0 (domain 0). Instructions always count. */
void sim_account(bool on);

/* The exact account: each instruction is charged once, to (domain it ran in, space on whose
 * behalf). The sum over all rows equals sim_icount(), always. */
struct sim_charge {
    uint16_t domain, behalf; /* behalf = space index */
    uint64_t instructions;
    uint64_t entries; /* how often control came in */
};
size_t sim_charges(struct sim_charge *rows, size_t max); /* returns how many there are */

/* Labels of MARK events, interned: text of label `id`, or NULL. At most 1024 a run; more share id
 * 0. */
const char *sim_label(unsigned id);

/* Totals a kind, while the account is on. */
uint64_t sim_event_count(enum trace_kind kind);

#ifdef __cplusplus
}
#endif
#endif
