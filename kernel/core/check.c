/* kernel/core/check.c -- walks every live object and checks what docs/kernel.md promises for every
 * kernel exit. Called by tests through kernel_debug, after steps that could have gone wrong.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/port.h"
#include "kernel/core/sched.h"

#define CHECK(number, cond)                                                                        \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            kprintf("check %u failed: %s\n", (uint64_t)(number), #cond);                           \
            return number;                                                                         \
        }                                                                                          \
    } while (0)

static long check_object(struct object *object, uint64_t *bytes)
{
    CHECK(1, object_table[object->slot] == object && object->serial);
    CHECK(2, *object->debug_prev == (uint64_t)object_debug(object));
    if (object->pa) {
        uint32_t at = frame_of(object->pa)->objects;
        while (at && object_table[at - 1] != object)
            at = object_table[at - 1]->frame_next;
        CHECK(3, at && object_bound(object->pa) == object);
    }
    *bytes += (kinds[object->kind]->bytes + 63) & ~63ull;
    return 0;
}

static long check_side(const struct thread *thread, int side)
{
    const struct side *own = &thread->side[side], *other;
    if (own->state != SIDE_LIVE || !own->peer)
        return 0;
    if (own->idempotent) {
        CHECK(10, own->peer->wait == WAIT_REPLY && own->peer->donee == thread);
        return 0;
    }
    other = &own->peer->side[1 - side];
    CHECK(11, other->peer == thread && other->state == SIDE_LIVE);
    CHECK(12, (own->sender || own->offered) + (other->sender || other->offered) == 1);
    return 0;
}

/* A client that waits for a reply is known to the server that got its request. */
static bool asks(const struct thread *client)
{
    const struct side *side = client->donee ? &client->donee->side[SERVER] : NULL;
    return side && side->peer == client && side->idempotent;
}

static uint32_t id_of(const struct thread *thread)
{
    return thread ? thread->dbg.head.id : 0;
}

/* What debuggers are told of whom it serves, and of who serves it. */
static long check_links(const struct thread *thread)
{
    bool asked = thread->wait == WAIT_REPLY;
    CHECK(13, thread->dbg.client == id_of(thread->side[SERVER].peer));
    CHECK(14, thread->dbg.server == id_of(asked ? thread->donee : thread->side[CLIENT].peer));
    return 0;
}

/* Those who expect it before those who schedule it before the others. */
static unsigned rank(const struct thread *donor)
{
    return donor->wait == WAIT_PORTSET ? 0 : donor->wait == WAIT_DONATE ? 1 : 2;
}

static long check_donors(const struct thread *thread)
{
    const struct thread *donor = thread->donors, *next;
    for (; donor; donor = next == thread->donors ? NULL : next) {
        next = donor->donor_next;
        CHECK(27, donor->donee == thread && next->donor_prev == donor);
        CHECK(28, next == thread->donors || (rank(donor) <= rank(next) && rank(next)));
    }
    return 0;
}

/* Its time can be used, and will not be. What the current thread has is seen to when that stops. */
static bool is_owed_time(struct thread *thread)
{
    const struct thread *end = thread->source ? chain_end(thread) : NULL;
    return end && end != current && thread != run_source && !thread->run_queued;
}

static long check_thread(struct thread *thread)
{
    long outcome = check_side(thread, CLIENT);
    if (!outcome)
        outcome = check_side(thread, SERVER);
    if (!outcome)
        outcome = check_links(thread);
    if (outcome)
        return outcome;
    CHECK(20, (thread->wait == WAIT_NONE || thread->wait == WAIT_SCHED) ==
                  (thread->dbg.state != FK_DEBUG_T_WAITING));
    CHECK(21, thread->wait != WAIT_REPLY || asks(thread));
    CHECK(22, !thread->timed || thread->wait == WAIT_CLOCK || thread->wait == WAIT_DONATE);
    CHECK(23, !thread->waits_on || thread->in_queue.prev->next == &thread->in_queue);
    CHECK(24, arch_frame_valid(&thread->frame) && (thread->frame.rflags & 0x3200) == 0x200);
    CHECK(25, !(thread->flags & FK_THREAD_STOPPED) || thread->wait == WAIT_NONE);
    CHECK(26, !thread->donee || (thread->donee->donors && thread->wait != WAIT_NONE));
    CHECK(29, !is_owed_time(thread));
    return check_donors(thread);
}

static long check_port(const struct port *port)
{
    struct object *portset = link_get(&port->portset);
    CHECK(30, !!port->pending_in == (portset && !list_empty(&port->clients)));
    CHECK(31, !port->pending_in || &port->pending_in->obj == portset);
    return 0;
}

/* What keeps a tree flat, see tree.c. */
static bool tree_fits(const struct tree *node)
{
    const struct tree *left = node->left, *right = node->right;
    unsigned level = node->level, low = left ? left->level : 0, high = right ? right->level : 0;
    unsigned beyond = right && right->right ? right->right->level : 0;
    return low == level - 1 && (high == level || high == level - 1) && beyond < level &&
           (!left || left->key < node->key) && (!right || right->key > node->key);
}

static long check_mapping(struct mapping *map)
{
    CHECK(40, !map->space || mapping_at(map->space, map->dbg.start) == map);
    CHECK(41, !map->region || map->in_region.prev->next == &map->in_region);
    CHECK(42, !map->visit.queued || derive_active());
    CHECK(43, !map->space || tree_fits(&map->in_space));
    return 0;
}

static long check_space(const struct space *space)
{
    CHECK(50, space->budget->used <= space->budget->limit && !space->budget->orphan);
    return 0;
}

static long check_kind(struct object *object)
{
    switch (object->kind) {
    case FK_DEBUG_SPACE:
        return check_space((struct space *)object);
    case FK_DEBUG_THREAD:
        return check_thread((struct thread *)object);
    case FK_DEBUG_MAPPING:
        return check_mapping((struct mapping *)object);
    case FK_DEBUG_PORT:
        return check_port((struct port *)object);
    }
    return 0;
}

long check_all(void)
{
    uint64_t bytes = 0;
    for (unsigned kind = 0; kind < FK_DEBUG_KINDS; kind++) {
        uint32_t count = 0;
        uint64_t at = fk_debug_block.list[kind];
        for (; at; at = ((struct fk_debug_head *)at)->next, count++) {
            struct object *object = (struct object *)((struct fk_debug_head *)at)->object;
            CHECK(4, object->kind == kind);
            long outcome = check_object(object, &bytes);
            if (!outcome)
                outcome = check_kind(object);
            if (outcome)
                return outcome;
        }
        CHECK(5, count == object_count(kind));
    }
    CHECK(6, bytes <= kmem_count().charged);
    return 0;
}
