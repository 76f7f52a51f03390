/* state.c -- the heart of a checkpointer: a kernel object of the stopped subtree becomes a record,
 * with names for what it links to; and a record becomes an object again.
 *
 * Flatfish's checkpointer is around it: options, the child and its memory (main.c), stopping all
 * threads at one moment (stop.c), names (names.c), pools, memory and files (pickle.c), the file
 * (image.c). monitors/ckpt/ckpt.h says what they do for you, monitors/lib/kinds.h how objects of
 * any kind are handled by the same calls. What is here makes checkpoints in which nothing is.
 * SPDX-License-Identifier: MIT */
#include "monitors/ckpt/ckpt.h"

static char problem[128];
/* A reference, to be created by you: it names nothing. A link that is set to it is cleared; one for
 * which you give 0 is left alone. */
__attribute__((unused)) static struct fk_object nothing;

uint64_t object_at(const struct ckpt_object *object)
{
    return store.frames.start + object->offset;
}

static long call(const struct ckpt_object *object, enum mon_kind_call number, uint64_t a,
                 uint64_t b)
{
    return mon_kind_call(object->kind, number, object_at(object), a, b);
}

/* ---- out: yours ---- */

__attribute__((unused)) static const char *complain(const struct ckpt_object *object)
{
    static const char *const kind[] = {"space",   "thread", "region", "mapping",  "port",
                                       "portset", "mutex",  "cond",   "reference"};
    snprintf(problem, sizeof(problem), "a %s leads to something outside that has no name here",
             kind[object->kind]);
    return problem;
}

/* Called for each object, when all threads stand still: fills object->state and object->link.
 *
 * A reference has no state but what it names: link[0] (fk_ref_reference() copies it). A thread has
 * its state in ckpt->thread[], by the number that object->state.thread is already: it was read when
 * it was stopped; what is there says in its flags whether it ran before, and that must stay. `refs`
 * are references of ours, as many as a kind can have links, into which the kernel writes where they
 * lead, one for each: a links structure has their addresses, at the places that mon_kind_links()
 * tells. Then name_of() knows their names, or does not. NULL = done, else what is wrong (complain).
 */
const char *state_take(struct ckpt *ckpt, struct ckpt_object *object, const uint64_t *refs)
{
    (void)ckpt, (void)object, (void)refs;
    return NULL;
}

/* ---- in: yours, too ---- */

/* Makes the object at its address, with the hash that it had and nothing in it yet: a thread's hash
 * is with its state, a reference needs none. 0 = made. */
long state_make(const struct ckpt *ckpt, const struct ckpt_object *object)
{
    (void)ckpt;
    return call(object, KIND_CREATE, 0, 0);
}

/* All are made: sets the states of all, and what they link to: name_ref() gives a reference.
 * Threads come last, and stay stopped here, whatever their flags say: they are started when all
 * are set. */
const char *state_set_all(struct ckpt *ckpt)
{
    (void)ckpt;
    return NULL;
}
