/* sim/core/object.c -- the guest kernel's objects and whose they are; see sim/object.h.
 * Reads only: what is found is copied out, nothing is kept between calls.
 * SPDX-License-Identifier: MIT */
#include "sim/object.h"

#include <string.h>

#include "sim/event.h"
#include "sim/mem.h"
#include "sim/sym.h"

enum { STEPS = 1 << 16 };

static const struct {
    const char *name;
    size_t bytes;
} kinds[FK_DEBUG_KINDS] = {
    [FK_DEBUG_SPACE] = {"space", sizeof(struct fk_debug_space)},
    [FK_DEBUG_THREAD] = {"thread", sizeof(struct fk_debug_thread)},
    [FK_DEBUG_REGION] = {"region", sizeof(struct fk_debug_region)},
    [FK_DEBUG_MAPPING] = {"mapping", sizeof(struct fk_debug_mapping)},
    [FK_DEBUG_PORT] = {"port", sizeof(struct fk_debug_other)},
    [FK_DEBUG_PORTSET] = {"portset", sizeof(struct fk_debug_other)},
    [FK_DEBUG_MUTEX] = {"mutex", sizeof(struct fk_debug_other)},
    [FK_DEBUG_COND] = {"cond", sizeof(struct fk_debug_other)},
    [FK_DEBUG_REF] = {"reference", sizeof(struct fk_debug_other)},
};

const char *sim_object_kind(unsigned kind)
{
    return kind < FK_DEBUG_KINDS ? kinds[kind].name : "time";
}

bool sim_object_next(struct sim_object_walk *w, enum fk_debug_kind kind, union sim_object *o)
{
    memset(o, 0, sizeof *o);
    if (!w->next || w->steps++ >= STEPS)
        return false;
    if (sim_virt_read(SIM_CR3_NOW, w->next, o, kinds[kind].bytes) != kinds[kind].bytes)
        return false;
    w->next = o->head.next;
    return true;
}

bool sim_object_first(struct sim_object_walk *w, enum fk_debug_kind kind, union sim_object *o)
{
    gva block = sim_debug_block(), head = block + offsetof(struct fk_debug_block, list) + 8 * kind;

    *w = (struct sim_object_walk){0, 0};
    if (!block || sim_virt_read(SIM_CR3_NOW, head, &w->next, 8) != 8)
        return false;
    return sim_object_next(w, kind, o);
}

bool sim_object_find(enum fk_debug_kind kind, uint32_t id, union sim_object *o)
{
    struct sim_object_walk w;

    for (bool some = sim_object_first(&w, kind, o); some; some = sim_object_next(&w, kind, o))
        if (o->head.id == id)
            return true;
    return false;
}

bool sim_object_mapping(uint32_t space, uint64_t va, union sim_object *o)
{
    struct sim_object_walk w;

    for (bool some = sim_object_first(&w, FK_DEBUG_MAPPING, o); some;
         some = sim_object_next(&w, FK_DEBUG_MAPPING, o))
        if (o->mapping.space == space && va - o->mapping.start < o->mapping.size)
            return true;
    return false;
}

bool sim_object_current(struct fk_debug_current *now)
{
    gva block = sim_debug_block(), at = block + offsetof(struct fk_debug_block, current);

    return block && sim_virt_read(SIM_CR3_NOW, at, now, sizeof *now) == sizeof *now;
}

/* ---- spaces ---- */

unsigned sim_space_of_id(uint32_t id)
{
    for (unsigned i = 1; id && i < sim_space_count(); i++)
        if (sim_space(i)->id == id && sim_space(i)->live)
            return i;
    return 0;
}

static const char *image_named(const char *name)
{
    const char *image;

    for (unsigned i = 0; (image = sim_sym_image(i)); i++)
        if (strcmp(image, name) == 0)
            return image;
    return NULL;
}

const char *sim_space_image(unsigned index)
{
    const struct sim_space *s = sim_space(index);
    char name[sizeof s->name + 1] = "";
    const char *image;

    if (!s || !sim_debug_block())
        return NULL;
    memcpy(name, s->name, sizeof s->name);
    for (size_t n = strlen(name); n > 0; name[--n] = 0) {
        if ((image = image_named(name)))
            return image;
        if (!strchr("0123456789#.-", name[n - 1]))
            break;
    }
    return NULL;
}
