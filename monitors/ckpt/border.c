/* monitors/ckpt/border.c -- what the subtree gets from outside, so that it can be had again
 * elsewhere: an open file is a port of ours before the real one, known by its path; a file's memory
 * is a copy in the subtree's own memory, so that programs below are part of a checkpoint; CPU time
 * is attached again. Groups of CPU time within the subtree are one group. SPDX-License-Identifier:
 * MIT */
#include "monitors/ckpt/ckpt.h"

struct file {
    struct mon_port port;
    struct ckpt_file is;
    struct mon_block *copy; /* of its bytes, when it was mapped */
    uint64_t copy_bytes;
    struct file *next;
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
static unsigned files;
uint64_t border_listener;

/* ---- files ---- */

static struct mon_block *copied(const char *path, uint64_t *bytes)
{
    for (struct file *file = first_file; file; file = file->next)
        if (file->copy && !strcmp(file->is.path, path)) {
            *bytes = file->copy_bytes;
            return file->copy;
        }
    return NULL;
}

static long copy_bytes(struct file *file, uint64_t size)
{
    long outcome;
    mon_lock(store.lock);
    file->copy = mon_pool_take(&store.root, size, &outcome);
    mon_unlock(store.lock);
    for (uint64_t at = 0; !outcome && at < size;) {
        uint64_t bytes = size - at < PROTO_DATA_MAX ? size - at : PROTO_DATA_MAX;
        outcome = file_read_at(file->port.forward, at, (char *)file->copy->start + at, &bytes);
        if (!outcome && !bytes)
            break;
        at += bytes;
    }
    file->copy_bytes = size;
    return outcome;
}

static long file_op_map(struct mon_request *request, struct file_map_args *args)
{
    struct file *file = request->self;
    uint64_t type, size;
    struct mon_block *copy = copied(file->is.path, &args->bytes);
    long outcome = 0;
    if (!copy) {
        outcome = file_stat(file->port.forward, &type, &size);
        if (!outcome && !size)
            outcome = -PROTO_INVALID;
        if (!outcome)
            outcome = copy_bytes(file, size);
        copy = file->copy;
        args->bytes = file->copy_bytes;
    }
    if (!outcome)
        args->got = fk_at(&copy->ref);
    return outcome;
}

static long file_op_close(struct mon_request *request, struct file_close_args *args)
{
    struct file *file = request->self;
    (void)args;
    file->is.open = false;
    return file_close(file->port.forward);
}

static const struct file_ops file_table = {.map = file_op_map, .close = file_op_close};

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

static long file_new(uint64_t view, const char *path, uint64_t flags, struct file **made)
{
    struct file *file = calloc(1, sizeof(*file));
    uint64_t real = mon_ref();
    long outcome = -PROTO_NO_MEMORY;
    if (!file || !real || !real_view(view) || strlen(path) >= CKPT_PATH)
        goto out;
    outcome = filesystem_open(real_view(view), path, flags, real);
    if (outcome)
        goto out;
    file->port = (struct mon_port){
        .protocol = PROTO_file, .ops = &file_table, .forward = real, .self = file};
    outcome = mon_port_open(&mon_server, &file->port);
    if (outcome)
        goto out;
    strlcpy(file->is.path, path, CKPT_PATH);
    file->is.flags = flags & ~(uint64_t)(FILE_CREATE | FILE_TRUNCATE | FILE_EXCL);
    file->is.open = true;
    file->is.view = view;
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

static long op_open(struct mon_request *request, struct filesystem_open_args *args)
{
    struct file *file;
    long outcome = file_new(view_of(request), args->path, args->flags, &file);
    if (!outcome)
        args->got = fk_at(&file->port.ref);
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
    if (file->is.open && file_seek(file->port.forward, 0, FILE_SEEK_CUR, &file->is.place))
        file->is.place = 0;
    return &file->is;
}

uint64_t border_file_ref(unsigned number)
{
    return fk_at(&file_number(number)->port.ref);
}

/* Closed ones keep their number, by an entry that leads nowhere. */
long border_reopen(const struct ckpt_file *is)
{
    struct file *file;
    if (is->open) {
        long outcome = file_new(is->view, is->path, is->flags, &file);
        return outcome ? outcome : file_seek(file->port.forward, is->place, FILE_SEEK_SET, NULL);
    }
    file = calloc(1, sizeof(*file));
    if (!file || fk_ref_create(fk_at(&file->port.ref)))
        return -PROTO_NO_MEMORY;
    *last_file = file;
    last_file = &file->next;
    files++;
    return 0;
}

/* ---- time ---- */

long border_attach(uint64_t thread, uint64_t *value)
{
    if (!border_listener)
        border_listener = mon_ref();
    return border_listener
               ? scheduler_attach(mon.ref[PARENT_SCHEDULER], thread, value, border_listener)
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
