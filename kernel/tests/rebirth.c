/* kernel/tests/rebirth.c -- stop, export, destroy, make anew and resume threads: everything that a
 * thread is goes through its exported state, its object memory is overwritten in between. Links
 * from elsewhere (references, the owner of a mutex, the peer of a connection) die with the old
 * thread and are given to the new one. SPDX-License-Identifier: MIT */
#include "kernel/tests/rebirth.h"

uint64_t rebirth_mutex[REBIRTH_MUTEXES];
static uint64_t null_ref, owner_ref;

static uint64_t empty_ref(void)
{
    uint64_t ref = test_object();
    CHECK_EQ(fk_ref_create(ref), FK_OK);
    return ref;
}

void rebirth_prepare(struct patient *patient, uint64_t thread)
{
    if (!null_ref) {
        null_ref = empty_ref();
        owner_ref = empty_ref();
    }
    uint64_t *refs[] = {&patient->ref, &patient->space, &patient->scheduler, &patient->client,
                        &patient->server};
    for (unsigned i = 0; i < 5; i++)
        if (!*refs[i])
            *refs[i] = empty_ref();
    patient->thread = thread;
    CHECK_EQ(fk_thread_reference(thread, patient->ref), FK_OK);
}

static bool owns(const struct patient *patient, uint64_t mutex)
{
    struct fk_mutex_state lock;
    struct fk_mutex_links links = {owner_ref};
    if (!mutex)
        return false;
    CHECK_EQ(fk_mutex_get_state(mutex, fk_at(&lock), fk_at(&links)), FK_OK);
    return lock.locked && fk_ref_compare(owner_ref, patient->ref) == FK_OK;
}

static void take_out(struct patient *patient)
{
    struct fk_thread_links links = {patient->space, patient->scheduler, 0, patient->client,
                                    patient->server};
    CHECK_EQ(fk_thread_get_state(patient->thread, fk_at(&patient->state), fk_at(&links)), FK_OK);
    for (unsigned i = 0; i < REBIRTH_MUTEXES; i++)
        patient->owns[i] = owns(patient, rebirth_mutex[i]);
}

/* Detached first: a peer of a thread that dies would be told, one in limbo waits. */
static void remove(struct patient *patient, bool moved)
{
    struct fk_thread_links detach = {.client = null_ref, .server = null_ref};
    CHECK_EQ(fk_thread_set_state(patient->thread, 0, fk_at(&detach)), FK_OK);
    CHECK_EQ(fk_thread_destroy(patient->thread), FK_OK);
    memset((void *)patient->thread, 0xee, FK_OBJECT_BYTES);
    if (moved)
        patient->thread = patient->state.thread_va = test_object();
}

static void make(struct patient *patient)
{
    CHECK_EQ(fk_thread_create_hash(patient->thread, patient->state.hash), FK_OK);
    CHECK_EQ(fk_thread_reference(patient->thread, patient->ref), FK_OK);
    const struct fk_mutex_state locked = {0, 1};
    const struct fk_mutex_links links = {patient->ref};
    for (unsigned i = 0; i < REBIRTH_MUTEXES; i++)
        if (patient->owns[i])
            CHECK_EQ(fk_mutex_set_state(rebirth_mutex[i], fk_at(&locked), fk_at(&links)), FK_OK);
}

static void put_in(struct patient *patient)
{
    const struct fk_thread_links links = {patient->space, patient->scheduler, 0, patient->client,
                                          patient->server};
    patient->state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
    CHECK_EQ(fk_thread_set_state(patient->thread, fk_at(&patient->state), fk_at(&links)), FK_OK);
}

/* Which patient this reference names now. */
static unsigned named(const struct patient *patients, unsigned count, uint64_t ref)
{
    for (unsigned i = 0; i < count; i++)
        if (patients[i].thread && fk_ref_compare(ref, patients[i].ref) == FK_OK)
            return i;
    return REBIRTH_NOBODY;
}

#define EACH(i)                                                                                    \
    for (unsigned i = 0; i < count; i++)                                                           \
        if (patients[i].thread && mask >> i & 1)

void rebirth_out(struct patient *patients, unsigned count, unsigned mask, bool moved)
{
    EACH(i)
    take_out(&patients[i]);
    EACH(i)
    {
        patients[i].peer[0] = named(patients, count, patients[i].client);
        patients[i].peer[1] = named(patients, count, patients[i].server);
    }
    EACH(i)
    remove(&patients[i], moved);
}

void rebirth_in(struct patient *patients, unsigned count, unsigned mask)
{
    EACH(i)
    make(&patients[i]);
    EACH(i)
    {
        const struct patient *self = &patients[i];
        if (self->peer[0] != REBIRTH_NOBODY)
            CHECK_EQ(fk_ref_reference(patients[self->peer[0]].ref, self->client), FK_OK);
        if (self->peer[1] != REBIRTH_NOBODY)
            CHECK_EQ(fk_ref_reference(patients[self->peer[1]].ref, self->server), FK_OK);
        put_in(&patients[i]);
    }
}

void rebirth(struct patient *patients, unsigned count, unsigned mask, bool moved)
{
    rebirth_out(patients, count, mask, moved);
    rebirth_in(patients, count, mask);
}
