/* monitors/procmgr/ops.c -- the protocol Process. A request of a process that ended meanwhile is
 * refused. SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

#define NO_WAIT 1

#define ENTER                                                                                      \
    struct process *process = request->self;                                                       \
    if (process->dead || process->family->ended)                                                   \
    return -PROTO_GONE

static long op_id(struct mon_request *request, struct process_id_args *args)
{
    ENTER;
    args->pid = process->pid;
    args->parent = process->pid == 1 ? 0 : process->parent->pid;
    return 0;
}

static long fork_once(struct process *process, uint64_t thread, const struct still *still,
                      uint64_t *pid)
{
    long outcome;
    struct process *copy = process_new(process, &outcome);
    if (!copy)
        return outcome;
    outcome = fork_body(process, copy, thread, still->thread ? still : NULL);
    *pid = copy->pid;
    if (outcome)
        process_abandon(copy);
    return outcome;
}

/* A checkpoint may be taken in the midst of a fork. Where that goes on, what is outside has other
 * hashes than the fork has noted, so it begins again. */
static long op_fork(struct mon_request *request, struct process_fork_args *args)
{
    ENTER;
    struct still still = {0};
    body_claim(process->family);
    long outcome = process->nester && !process->alone ? -PROTO_NOT_ALLOWED
                   : process->nester                  ? still_stop(process, &still)
                                                      : 0;
    if (!outcome)
        outcome = fork_once(process, args->thread, &still, &args->pid);
    if (outcome == -PROTO_INVALID && args->thread)
        outcome = fork_once(process, args->thread, &still, &args->pid);
    still_go(process, &still);
    return outcome;
}

/* Path, then arguments, each with its NUL: as many as were said. */
static const char *arguments(const char *text, uint64_t bytes, uint64_t args, uint64_t *rest)
{
    uint64_t found = 0;
    if (!bytes || text[bytes - 1])
        return NULL;
    for (uint64_t i = 0; i < bytes; i++)
        found += !text[i];
    *rest = bytes - strlen(text) - 1;
    return found == args + 1 ? text + strlen(text) + 1 : NULL;
}

static void set_name(struct process *process, const char *path)
{
    const char *slash = strrchr(path, '/');
    strlcpy(process->name, slash ? slash + 1 : path, sizeof(process->name));
}

/* Handlers' addresses mean nothing in another program. */
static void forget_handlers(struct process *process)
{
    for (unsigned i = 0; i < SIGNALS; i++)
        if (process->handler[i] != IGNORE)
            process->handler[i] = DEFAULT;
    process->pending = 0;
}

/* The space of process 1 stays where the nester library has it. */
static void exchange(struct process *process, const struct body *body)
{
    body_claim(process->family);
    struct body old = process->body;
    process->body = *body;
    process->nester = false;
    body_end(process, &old);
    if (!old.foreign)
        return;
    fk_space_move(body->space, old.space);
    fk_space_reference(old.space, old.space_ref);
    free((void *)body->space);
    mon_ref_free(body->space_ref);
    process->body.space = old.space;
    process->body.space_ref = old.space_ref;
    process->body.foreign = true;
    process->family->child->grant[PARENT_MEMPOOL] = body->pool;
}

/* The new body is whole before the old one goes, so that a program that cannot be loaded harms
 * nobody. */
static long op_exec(struct mon_request *request, struct process_exec_args *args)
{
    ENTER;
    struct body body = {0};
    struct mon_program program = {0};
    uint64_t bytes;
    const char *rest = arguments(args->text, args->text_bytes, args->args, &bytes);
    if (!rest)
        return -PROTO_INVALID;
    long outcome = body_open(process, &body);
    if (!outcome)
        outcome = body_load(process, &body, &program, args->text);
    if (!outcome)
        outcome = process_text(process, rest, bytes, args->args);
    if (outcome) {
        mon_program_start(&program, outcome);
        body_end(process, &body);
        return outcome;
    }
    set_name(process, args->text);
    forget_handlers(process);
    fk_space_name(body.space, fk_at(process->name), strlen(process->name));
    exchange(process, &body);
    request->silent = true;
    return mon_program_start(&program, 0);
}

static long op_spawn(struct mon_request *request, struct process_spawn_args *args)
{
    ENTER;
    uint64_t bytes;
    long outcome = -PROTO_INVALID;
    const char *rest = arguments(args->text, args->text_bytes, args->args, &bytes);
    struct process *made = rest ? process_new(process, &outcome) : NULL;
    if (!made)
        return outcome;
    args->pid = made->pid;
    set_name(made, args->text);
    forget_handlers(made);
    outcome = process_text(made, rest, bytes, args->args);
    if (!outcome)
        outcome = body_open(made, &made->body);
    struct mon_program program = {0};
    if (!outcome)
        outcome = body_load(made, &made->body, &program, args->text);
    outcome = mon_program_start(&program, outcome);
    if (outcome)
        process_abandon(made);
    return outcome;
}

static long op_wait(struct mon_request *request, struct process_wait_args *args)
{
    ENTER;
    bool any;
    for (;;) {
        struct process *ended = process_child_ended(process, args->pid, &any);
        if (ended) {
            args->who = ended->pid;
            args->status = (uint64_t)ended->status;
            process_reap(ended);
            return 0;
        }
        if (!any || args->flags & NO_WAIT)
            return any ? 0 : -PROTO_NO_CHILD;
        long outcome = process_sleep(process);
        if (outcome)
            return outcome;
    }
}

static long op_exit(struct mon_request *request, struct process_exit_args *args)
{
    ENTER;
    request->silent = true;
    process_end(process, (int)(args->status & 0xff));
    return 0;
}

static long op_kill(struct mon_request *request, struct process_kill_args *args)
{
    ENTER;
    struct process *target = process_find(process->family, args->pid);
    if (args->signal >= SIGNALS)
        return -PROTO_INVALID;
    if (!target)
        return -PROTO_NO_PROCESS;
    if (args->signal && !target->dead)
        signal_send(target, (unsigned)args->signal);
    request->silent = process->dead || process->family->ended;
    return 0;
}

static long op_signal(struct mon_request *request, struct process_signal_args *args)
{
    ENTER;
    return signal_set(process, args->signal, args->handler, &args->before);
}

static long op_pipe(struct mon_request *request, struct process_pipe_args *args)
{
    ENTER;
    return pipe_make(process, &args->reader, &args->writer);
}

static long op_descriptor(struct mon_request *request, struct process_descriptor_args *args)
{
    ENTER;
    return descriptor_ref(process, args->number, &args->got);
}

static long op_duplicate(struct mon_request *request, struct process_duplicate_args *args)
{
    ENTER;
    return descriptor_duplicate(process, args->from, args->to, &args->number);
}

static long op_close(struct mon_request *request, struct process_close_args *args)
{
    ENTER;
    return descriptor_close(process, args->number);
}

static long op_open(struct mon_request *request, struct process_open_args *args)
{
    ENTER;
    return descriptor_open(process, args->path, args->flags, &args->number);
}

static long op_keys(struct mon_request *request, struct process_keys_args *args)
{
    (void)args;
    ENTER;
    return terminal_keys(process);
}

static long op_alarm(struct mon_request *request, struct process_alarm_args *args)
{
    ENTER;
    return alarm_set(process, args->nanoseconds, &args->left);
}

/* In order of their numbers: the list has the newest first. */
static long op_list(struct mon_request *request, struct process_list_args *args)
{
    ENTER;
    uint64_t skip = process->family->count - args->index - 1;
    if (args->index >= process->family->count)
        return -PROTO_NOT_FOUND;
    const struct process *p = process->family->processes;
    for (; skip; skip--)
        p = p->next;
    int length = snprintf(args->text, args->text_room, "%4lu %4lu %s%s", p->pid,
                          p->pid == 1 ? 0 : p->parent->pid, p->name, p->dead ? " (ended)" : "");
    args->text_bytes = (uint64_t)length + 1;
    return args->text_bytes > args->text_room ? -PROTO_TOO_LONG : 0;
}

const struct process_ops process_ops = {.id = op_id,
                                        .fork = op_fork,
                                        .exec = op_exec,
                                        .spawn = op_spawn,
                                        .wait = op_wait,
                                        .exit = op_exit,
                                        .kill = op_kill,
                                        .signal = op_signal,
                                        .pipe = op_pipe,
                                        .descriptor = op_descriptor,
                                        .duplicate = op_duplicate,
                                        .close = op_close,
                                        .open = op_open,
                                        .list = op_list,
                                        .keys = op_keys,
                                        .alarm = op_alarm};
