/* monitors/lib/child.c -- a child of a nester: a space, a pool of its own, its program, one thread,
 * and its Parent port. All its memory comes from its pool, its kernel objects are paid from its
 * budget; ending it is taking both away. The kernel objects that describe it from outside (space,
 * mappings, ports) are the nester's own. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"
#include "monitors/lib/nester_private.h"

#define CHILD_LEAST (16 * 1024ull) /* a program needs page tables at least */

struct mon_child *mon_children;
uint64_t mon_reserve = 128 * 1024;
static uint64_t given; /* of mon.budget, to children */

/* ---- what it is called and told ---- */

static bool text_add(struct mon_child *child, const char *text, size_t bytes)
{
    if (child->text_bytes + bytes > PROTO_DATA_MAX)
        return false;
    memcpy(child->text + child->text_bytes, text, bytes);
    child->text_bytes += bytes;
    return true;
}

/* Arguments; then the nest below and what is for its programs, or for this one if it is the last.
 */
static long text_make(struct mon_child *child, const struct nest_part *part, const char *below)
{
    char option[256];
    size_t at = 0;
    child->text = malloc(PROTO_DATA_MAX);
    if (!child->text)
        return -PROTO_NO_MEMORY;
    bool good = text_add(child, child->name, strlen(child->name) + 1);
    for (child->args = 1; nest_option(part, &at, option, sizeof(option)); child->args++)
        good = good && text_add(child, option, strlen(option) + 1);
    if (*below)
        good = good && text_add(child, below, strlen(below) + 1);
    good = good && text_add(child, mon.extra, mon.extra_bytes);
    for (uint64_t i = 0; !*below && i < mon.extra_bytes; i++)
        child->args += !mon.extra[i];
    return good ? 0 : -PROTO_TOO_LONG;
}

/* ---- what it is given ---- */

static long grant_pool(struct mon_child *child, const struct mon_limits *limits)
{
    child->pool = mon_ref();
    if (!child->pool)
        return -PROTO_NO_OBJECTS;
    long outcome = mempool_sub(mon.ref[PARENT_MEMPOOL], limits->memory, child->pool);
    child->grant[PARENT_MEMPOOL] = child->pool;
    return outcome;
}

static long grant_time(struct mon_child *child, const struct mon_limits *limits)
{
    uint64_t own = mon.ref[PARENT_SCHEDULER];
    child->grant[PARENT_SCHEDULER] = own;
    if (!own || (!limits->weight && !limits->cpu))
        return 0;
    child->group = mon_ref();
    if (!child->group)
        return -PROTO_NO_OBJECTS;
    child->grant[PARENT_SCHEDULER] = child->group;
    return scheduler_group(own, limits->weight ? limits->weight : 1, limits->cpu, child->group);
}

/* The same files, but what it stores is counted for itself. */
static long grant_files(struct mon_child *child, const struct mon_limits *limits)
{
    if (!limits->files || !mon.ref[PARENT_FILESYSTEM])
        return 0;
    child->view = mon_ref();
    if (!child->view)
        return -PROTO_NO_OBJECTS;
    child->grant[PARENT_FILESYSTEM] = child->view;
    return filesystem_subset(mon.ref[PARENT_FILESYSTEM], "/", limits->files, FILE_WRITE,
                             child->view);
}

static long make_space(struct mon_child *child, const struct mon_limits *limits)
{
    uint64_t space = fk_at(&child->space), ref = fk_at(&child->space_ref);
    struct fk_space_links links = {fk_at(&child->keeper.ref)};
    if (fk_space_create(space))
        return -PROTO_NO_OBJECTS;
    child->has_space = true;
    if (fk_ref_create(ref) || fk_space_reference(space, ref))
        return -PROTO_NO_OBJECTS;
    uint64_t left = mon.budget > given + mon_reserve ? mon.budget - given - mon_reserve : 0;
    child->budget = limits->objects ? limits->objects : left;
    if (child->budget < CHILD_LEAST || child->budget > left ||
        fk_space_budget(space, child->budget))
        return -PROTO_NO_OBJECTS;
    given += child->budget;
    fk_space_name(space, fk_at(child->name), strlen(child->name));
    fk_space_set_state(space, 0, fk_at(&links));
    child->grant[PARENT_SPACE] = ref;
    return 0;
}

static long make_ports(struct mon_child *child)
{
    child->parent.protocol = PROTO_parent;
    child->parent.ops = &mon_parent_ops;
    child->parent.self = child->keeper.self = child;
    child->parent.plain = child->keeper.plain = true;
    child->keeper.fault = mon_child_fault;
    long outcome = mon_port_open(&mon_server, &child->parent);
    if (outcome)
        return outcome;
    child->ports = 1;
    outcome = mon_port_open(&mon_server, &child->keeper);
    child->ports += !outcome;
    return outcome;
}

/* A process manager may have copied this nester: groups of CPU time and views of files are outside,
 * so they are the original's still. */
static uint64_t own_pid(void)
{
    uint64_t pid = 0, parent;
    if (mon.ref[PARENT_PROCESS])
        process_id(mon.ref[PARENT_PROCESS], &pid, &parent);
    return pid;
}

static void end_outside(const struct mon_child *child)
{
    if ((!child->group && !child->view) || own_pid() != child->maker)
        return;
    if (child->group)
        scheduler_end(child->group);
    if (child->view)
        filesystem_end(child->view);
}

/* ---- its program ---- */

static long load(struct mon_child *child)
{
    struct mon_program program = {
        .image = {.space = fk_at(&child->space_ref),
                  .pool = mon_nester_loads(child, PARENT_MEMPOOL),
                  .mapping = child->mapping,
                  .room = MON_SEGMENTS,
                  .copy = child->copy_code},
        .filesystem = mon.ref[PARENT_FILESYSTEM],
        .scheduler = mon_nester_loads(child, PARENT_SCHEDULER),
        .parent = fk_at(&child->parent.ref),
    };
    char path[NEST_NAME + 8];
    snprintf(path, sizeof(path), "/bin/%s", child->name);
    long outcome = mon_program_load(&program, path);
    child->mappings = program.image.mappings;
    child->thread_ref = program.thread;
    return mon_program_start(&program, outcome);
}

static long build(struct mon_child *child, const struct mon_limits *limits)
{
    memcpy(child->grant, mon.ref, sizeof(child->grant));
    long outcome = make_ports(child);
    if (!outcome)
        outcome = make_space(child, limits);
    if (!outcome)
        outcome = grant_pool(child, limits);
    if (!outcome)
        outcome = grant_time(child, limits);
    if (!outcome)
        outcome = grant_files(child, limits);
    child->maker = child->group || child->view ? own_pid() : 0;
    mon_nester_lock();
    if (!outcome)
        outcome = mon_nester_grant(child);
    mon_nester_unlock();
    if (outcome)
        return outcome;
    outcome = mon_nester_load(child);
    return outcome == -PROTO_UNKNOWN ? load(child) : outcome;
}

static void complain(const struct mon_child *child, long outcome)
{
    const char *why = strerror((int)-outcome);
    if (outcome == -PROTO_NOT_FOUND) {
        static char hint[512];
        mon_suggest("/bin", child->name, hint, sizeof(hint));
        fprintf(stderr, "%s: %s: there is no program of this name%s\n", mon.argv[0], child->name,
                hint);
    } else if (outcome == -PROTO_NO_OBJECTS)
        fprintf(stderr, "%s: %s: not enough kernel memory; run with more memory\n", mon.argv[0],
                child->name);
    else
        fprintf(stderr, "%s: %s cannot be started: %s\n", mon.argv[0], child->name, why);
}

struct mon_child *mon_child_start(const char *nest, const struct mon_limits *limits)
{
    struct nest_part part;
    char *below = malloc(NEST_MAX);
    struct mon_child *child = calloc(1, sizeof(*child));
    long outcome = -PROTO_NO_MEMORY;
    if (!child || !below)
        goto out;
    nest_first(nest, &part);
    memcpy(child->name, part.name, sizeof(child->name));
    outcome = nest_below(nest, below, NEST_MAX) ? text_make(child, &part, below) : -PROTO_TOO_LONG;
    child->next = mon_children;
    mon_children = child;
    if (!outcome)
        outcome = build(child, limits);
    if (!outcome) {
        mon_nester_started(child);
    } else {
        complain(child, outcome);
        mon_nester_lock();
        mon_child_kill(child, 127); /* as a shell says it */
        mon_nester_unlock();
    }
out:
    free(below);
    return outcome ? NULL : child;
}

/* ---- its end ---- */

void mon_child_kill(struct mon_child *child, int status)
{
    if (child->dead)
        return;
    child->dead = true;
    child->status = status;
    if (child->has_space)
        fk_space_destroy(fk_at(&child->space));
    mon_nester_ended(child);
    for (unsigned i = 0; i < child->mappings; i++)
        mon_unmap(child->mapping[i]);
    if (child->pool)
        mempool_destroy(child->pool);
    mon_ref_free(child->pool);
    end_outside(child);
    mon_ref_free(child->group);
    mon_ref_free(child->view);
    mon_ref_free(child->thread_ref);
    if (child->has_space)
        fk_ref_destroy(fk_at(&child->space_ref));
    if (child->ports > 1)
        mon_port_close(&child->keeper);
    if (child->ports)
        mon_port_close(&child->parent);
    given -= child->budget;
    free(child->text);
    child->text = NULL;
}

void mon_child_free(struct mon_child *child)
{
    struct mon_child **at = &mon_children;
    while (*at && *at != child)
        at = &(*at)->next;
    if (*at)
        *at = child->next;
    free(child);
}
