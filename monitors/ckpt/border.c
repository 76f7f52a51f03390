/* monitors/ckpt/border.c -- what the subtree gets from outside, so that it can be had again
 * elsewhere. An open file is the real one, handed over: only `open` is seen here, which notes its
 * path, and where the file stands is asked when a checkpoint is made. A program that is opened to
 * run is a port of ours before the real file, whose memory is a copy in the subtree's own: so
 * programs below are part of a checkpoint. CPU time is attached again; groups of CPU time within
 * the subtree are one group. SPDX-License-Identifier: MIT */
#include "monitors/ckpt/ckpt.h"

struct file {
    struct mon_port port; /* of a program only */
    uint64_t real;
    struct ckpt_file is;
    struct file *next, **link;
};

/* The bytes of a program, in the subtree's memory. */
struct copy {
    uint64_t view, bytes;
    char path[CKPT_PATH];
    struct mon_block *block;
    struct copy *next;
};

struct view {
    struct mon_port port;
    struct ckpt_view is;
    uint64_t number;
    struct view *next;
};

static struct view *first_view, **last_view = &first_view;
static unsigned views;
static struct file *first_file, **last_file = &first_file;
static unsigned files, sweep_at = 64;
static struct copy *copies;
uint64_t border_listener;

/* ---- programs ---- */

static struct copy *copied(const struct ckpt_file *is)
{
    struct copy *copy = copies;
    while (copy && (copy->view != is->view || strcmp(copy->path, is->path)))
        copy = copy->next;
    return copy;
}

static long read_into(const struct mon_block *block, uint64_t real, uint64_t size)
{
    long outcome = 0;
    for (uint64_t at = 0; !outcome && at < size;) {
        uint64_t bytes = size - at < PROTO_DATA_MAX ? size - at : PROTO_DATA_MAX;
        outcome = file_read_at(real, at, (char *)block->start + at, &bytes);
        if (!outcome && !bytes)
            break;
        at += bytes;
    }
    return outcome;
}

static long copy_new(const struct file *file, struct copy **made)
{
    uint64_t type, size;
    long outcome = file_stat(file->real, &type, &size);
    if (outcome || !size)
        return outcome ? outcome : -PROTO_INVALID;
    struct copy *copy = calloc(1, sizeof(*copy));
    if (!copy)
        return -PROTO_NO_MEMORY;
    mon_lock(store.lock);
    copy->block = mon_pool_take(&store.root, size, &outcome);
    mon_unlock(store.lock);
    if (!outcome)
        outcome = read_into(copy->block, file->real, size);
    strlcpy(copy->path, file->is.path, CKPT_PATH);
    copy->view = file->is.view;
    copy->bytes = size;
    copy->next = copies;
    if (outcome) {
        free(copy);
        return outcome;
    }
    copies = *made = copy;
    return 0;
}

static long file_op_map(struct mon_request *request, struct file_map_args *args)
{
    struct file *file = request->self;
    struct copy *copy = copied(&file->is);
    long outcome = copy ? 0 : copy_new(file, &copy);
    if (outcome)
        return outcome;
    args->bytes = copy->bytes;
    args->got = fk_at(&copy->block->ref);
    return 0;
}

static bool is_program(const struct file *file)
{
    return file->is.flags & FILE_EXECUTE;
}

static void file_forget(struct file *file)
{
    *file->link = file->next;
    *(file->next ? &file->next->link : &last_file) = file->link;
    files--;
    if (is_program(file))
        mon_port_close(&file->port);
    mon_ref_free(file->real);
    free(file);
}

static long file_op_close(struct mon_request *request, struct file_close_args *args)
{
    struct file *file = request->self;
    (void)args;
    long outcome = file_close(file->real);
    file_forget(file);
    return outcome;
}

static const struct file_ops file_table = {.map = file_op_map, .close = file_op_close};

/* ---- files ---- */

/* What the subtree closed itself has no description any more, so the reference leads nowhere. */
void border_sweep(void)
{
    struct file *next;
    for (struct file *file = first_file; file; file = next) {
        next = file->next;
        struct fk_ref_state state;
        if (fk_ref_get_state(file->real, fk_at(&state), 0) || state.type == FK_DEBUG_KINDS)
            file_forget(file);
    }
    sweep_at = 2 * files + 64;
}

static struct view *view_number(uint64_t number)
{
    struct view *view = first_view;
    while (view && --number)
        view = view->next;
    return view;
}

/* The real file system; number + 1, 0 = what the child was given. */
static uint64_t real_view(uint64_t number)
{
    struct view *view = number ? view_number(number) : NULL;
    return number ? (view ? view->port.forward : 0) : mon.ref[PARENT_FILESYSTEM];
}

static long program_open(struct file *file)
{
    file->port = (struct mon_port){
        .protocol = PROTO_file, .ops = &file_table, .forward = file->real, .self = file};
    return mon_port_open(&mon_server, &file->port);
}

static long file_new(const struct ckpt_file *is, uint64_t flags, struct file **made)
{
    struct file *file = calloc(1, sizeof(*file));
    uint64_t real = mon_ref(), within = real_view(is->view);
    long outcome = file && real && within ? 0 : -PROTO_NO_MEMORY;
    if (!outcome)
        outcome = filesystem_open(within, is->path, flags, real);
    if (outcome)
        goto out;
    *file = (struct file){.real = real, .is = *is, .link = last_file};
    outcome = is_program(file) ? program_open(file) : 0;
    if (outcome)
        goto out;
    *last_file = *made = file;
    last_file = &file->next;
    files++;
    return 0;
out:
    mon_ref_free(real);
    free(file);
    return outcome;
}

/* In the child's own file system, self is the child; in a view, the view. */
static uint64_t view_of(const struct mon_request *request)
{
    for (struct view *view = first_view; view; view = view->next)
        if (view == request->self)
            return view->number;
    return 0;
}

static uint64_t file_ref(const struct file *file)
{
    return is_program(file) ? fk_at(&file->port.ref) : file->real;
}

static long op_open(struct mon_request *request, struct filesystem_open_args *args)
{
    struct ckpt_file is = {.view = view_of(request),
                           .flags =
                               args->flags & ~(uint64_t)(FILE_CREATE | FILE_TRUNCATE | FILE_EXCL)};
    struct file *file;
    if (strlcpy(is.path, args->path, CKPT_PATH) >= CKPT_PATH)
        return -PROTO_TOO_LONG;
    if (files >= sweep_at)
        border_sweep();
    long outcome = file_new(&is, args->flags, &file);
    if (!outcome)
        args->got = file_ref(file);
    return outcome;
}

static long view_new(const struct ckpt_view *is, struct view **made)
{
    struct view *view = calloc(1, sizeof(*view));
    uint64_t real = mon_ref();
    long outcome = -PROTO_NO_MEMORY;
    if (!view || !real || !real_view(is->parent))
        goto out;
    outcome = filesystem_subset(real_view(is->parent), is->path, is->limit, is->flags, real);
    if (outcome)
        goto out;
    view->is = *is;
    view->port = (struct mon_port){
        .protocol = PROTO_filesystem, .ops = &border_files, .forward = real, .self = view};
    outcome = mon_port_open(&mon_server, &view->port);
    if (outcome)
        goto out;
    view->number = ++views;
    *last_view = *made = view;
    last_view = &view->next;
    return 0;
out:
    mon_ref_free(real);
    free(view);
    return outcome;
}

static long op_subset(struct mon_request *request, struct filesystem_subset_args *args)
{
    struct ckpt_view is = {view_of(request), args->limit, args->flags, ""};
    struct view *view;
    if (strlcpy(is.path, args->path, CKPT_PATH) >= CKPT_PATH)
        return -PROTO_TOO_LONG;
    long outcome = view_new(&is, &view);
    if (!outcome)
        args->got = fk_at(&view->port.ref);
    return outcome;
}

const struct filesystem_ops border_files = {.open = op_open, .subset = op_subset};

unsigned border_views(void)
{
    return views;
}

const struct ckpt_view *border_view(unsigned number)
{
    return &view_number(number + 1)->is;
}

uint64_t border_view_ref(unsigned number)
{
    return fk_at(&view_number(number + 1)->port.ref);
}

long border_view_again(const struct ckpt_view *is)
{
    struct view *view;
    return is->parent <= views ? view_new(is, &view) : -PROTO_INVALID;
}

static struct file *file_number(unsigned number)
{
    struct file *file = first_file;
    while (number--)
        file = file->next;
    return file;
}

unsigned border_count(void)
{
    return files;
}

const struct ckpt_file *border_file(unsigned number)
{
    struct file *file = file_number(number);
    if (file_seek(file->real, 0, FILE_SEEK_CUR, &file->is.place))
        file->is.place = 0;
    return &file->is;
}

uint64_t border_file_ref(unsigned number)
{
    return file_ref(file_number(number));
}

long border_reopen(const struct ckpt_file *is)
{
    struct file *file;
    long outcome = is->view <= views ? file_new(is, is->flags, &file) : -PROTO_INVALID;
    return outcome ? outcome : file_seek(file->real, is->place, FILE_SEEK_SET, NULL);
}

/* ---- time ---- */

long border_attach(uint64_t thread, uint64_t *value)
{
    if (!border_listener)
        border_listener = mon_ref();
    return border_listener ? scheduler_attach(the_child->group, thread, value, border_listener)
                           : -PROTO_NO_OBJECTS;
}

static long op_attach(struct mon_request *request, struct scheduler_attach_args *args)
{
    (void)request;
    long outcome = border_attach(args->thread, &args->value);
    args->listener = border_listener;
    return outcome;
}

static long op_group(struct mon_request *request, struct scheduler_group_args *args)
{
    (void)request;
    args->group = the_child->grant[PARENT_SCHEDULER];
    return 0;
}

const struct scheduler_ops border_time = {.attach = op_attach, .group = op_group};
