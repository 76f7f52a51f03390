/* monitors/procmgr/body.c -- what a process runs in: a space, memory, a first thread. exec gives a
 * process another body; fork makes one from one. The first body of process 1 was made by the nester
 * library, which keeps its space object. Called with the lock held. SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

long body_open(struct process *process, struct body *body)
{
    struct fk_space_links links = {process->keeper_ref};
    if (process->family->share < LEAST_SHARE)
        return -PROTO_NO_OBJECTS;
    body->space = mon_object(FK_DEBUG_SPACE);
    body->space_ref = body->space ? mon_ref_to(body->space, FK_DEBUG_SPACE) : 0;
    if (!body->space_ref || fk_space_budget(body->space, process->family->share))
        return -PROTO_NO_OBJECTS;
    fk_space_name(body->space, fk_at(process->name), strlen(process->name));
    fk_space_set_state(body->space, 0, fk_at(&links));
    return 0;
}

long body_pool(struct process *process, struct body *body)
{
    if (body->pool)
        return 0;
    uint64_t pool = mon_ref();
    long outcome = pool ? mempool_sub(process->family->child->pool, 0, pool) : -PROTO_NO_OBJECTS;
    if (outcome)
        mon_ref_free(pool);
    else
        body->pool = pool;
    return outcome;
}

/* `program` can then be started. */
long body_load(struct process *process, struct body *body, struct mon_program *program,
               const char *path)
{
    *program = (struct mon_program){
        .image = {.space = body->space_ref,
                  .mapping = body->mapping,
                  .room = BODY_MAPPINGS,
                  .copy = process->family->child->copy_code},
        .filesystem = process_grant(process, PARENT_FILESYSTEM),
        .scheduler = process_grant(process, PARENT_SCHEDULER),
        .parent = process->parent_ref,
    };
    long outcome = body_pool(process, body);
    program->image.pool = body->pool;
    if (!outcome)
        outcome = mon_program_load(program, path);
    body->mappings = program->image.mappings;
    body->thread = program->thread;
    return outcome;
}

/* What the nester library made for the first process is ours from now on, but its space. */
void body_claim(struct family *family)
{
    struct mon_child *child = family->child;
    struct process *first = process_find(family, 1);
    if (!first || !child->mappings || !first->body.foreign)
        return;
    memcpy(first->body.mapping, child->mapping, sizeof(child->mapping));
    first->body.mappings = child->mappings;
    first->body.thread = mon_ref_copy(child->thread_ref);
    child->mappings = 0;
}

/* The space before the rest: then no thread is left that could see that go. */
void body_end(struct process *process, struct body *body)
{
    if (body->thread && process_grant(process, PARENT_SCHEDULER))
        scheduler_detach(process_grant(process, PARENT_SCHEDULER), body->thread);
    if (body->space && !body->foreign)
        mon_object_free(body->space, FK_DEBUG_SPACE);
    else if (body->space)
        fk_space_destroy(body->space);
    for (unsigned i = 0; i < body->mappings; i++)
        mon_unmap(body->mapping[i]);
    pools_end(body);
    while (body->areas) {
        struct area *area = body->areas;
        body->areas = area->next;
        area_end(area);
    }
    if (body->pool)
        mempool_destroy(body->pool);
    mon_ref_free(body->pool);
    mon_ref_free(body->thread);
    if (!body->foreign)
        mon_ref_free(body->space_ref);
    *body = (struct body){0};
}
