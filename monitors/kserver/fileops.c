/* monitors/kserver/fileops.c -- the protocols FileSystem and FileDescription over files in memory.
 * Each view and each description has a port of its own; descriptions are counted for each view, so
 * that one client cannot use up the root's memory by opening. SPDX-License-Identifier: MIT */
#include "monitors/kserver/files.h"

#define DESCRIPTIONS                                                                               \
    1024         /* open at a time through one view and those within it; the root: no limit */
#define VIEWS 64 /* likewise */

struct view {
    struct mon_port port;
    struct inode *root;
    bool writable;
    struct account account;
    struct view *parent, *children, *next, **link;
    struct description *files;
    unsigned open, views; /* with those of its children */
};

struct description {
    struct mon_port port;
    struct inode *inode;
    struct view *view;
    struct description *next, **link; /* of its view */
    uint64_t place;
    unsigned flags;
};

static const struct filesystem_ops view_ops;
static const struct file_ops description_ops;
static struct view top;

/* ---- open files ---- */

static bool may_open(const struct view *view)
{
    for (; view->parent; view = view->parent)
        if (view->open >= DESCRIPTIONS)
            return false;
    return true;
}

static void count_open(struct view *view, unsigned by)
{
    for (; view; view = view->parent)
        view->open += by;
}

static long describe(struct view *view, struct inode *inode, unsigned flags, uint64_t *ref)
{
    struct description *file = calloc(1, sizeof(*file));
    if (!file)
        return -PROTO_NO_MEMORY;
    file->port = (struct mon_port){.protocol = PROTO_file, .ops = &description_ops, .self = file};
    long outcome = may_open(view) ? mon_port_open(&services, &file->port) : -PROTO_TOO_MANY;
    if (outcome) {
        free(file);
        return outcome;
    }
    file->inode = inode;
    file->view = view;
    file->flags = flags;
    inode->open++;
    count_open(view, 1);
    file->next = view->files;
    file->link = &view->files;
    if (file->next)
        file->next->link = &file->next;
    view->files = file;
    *ref = fk_at(&file->port.ref);
    return 0;
}

static long get_at(struct mon_request *request, uint64_t offset, void **data, uint64_t room,
                   uint64_t *bytes)
{
    const struct description *file = request->self;
    struct inode *inode = file->inode;
    if (!(file->flags & FILE_READ))
        return -PROTO_NOT_ALLOWED;
    if (inode->type != FILE_IS_FILE)
        return -PROTO_IS_DIRECTORY;
    uint64_t left = offset < inode->size ? inode->size - offset : 0;
    *bytes = room < left ? room : left;
    *data = inode->data + offset;
    request->kept = file_keep(inode);
    return 0;
}

static long put_at(struct description *file, uint64_t offset, const void *data, uint64_t bytes)
{
    if (!(file->flags & FILE_WRITE))
        return -PROTO_NOT_ALLOWED;
    return file_put(file->inode, offset, data, bytes, &file->view->account);
}

static long op_read(struct mon_request *request, struct file_read_args *args)
{
    struct description *file = request->self;
    long outcome = get_at(request, file->place, &args->data, args->data_room, &args->data_bytes);
    file->place += args->data_bytes;
    return outcome;
}

static long op_read_at(struct mon_request *request, struct file_read_at_args *args)
{
    return get_at(request, args->offset, &args->data, args->data_room, &args->data_bytes);
}

static long op_write(struct mon_request *request, struct file_write_args *args)
{
    struct description *file = request->self;
    if (file->flags & FILE_APPEND)
        file->place = file->inode->size;
    long outcome = put_at(file, file->place, args->data, args->data_bytes);
    if (outcome)
        return outcome;
    args->done = args->data_bytes;
    file->place += args->data_bytes;
    return 0;
}

static long op_write_at(struct mon_request *request, struct file_write_at_args *args)
{
    args->done = args->data_bytes;
    return put_at(request->self, args->offset, args->data, args->data_bytes);
}

static long op_seek(struct mon_request *request, struct file_seek_args *args)
{
    struct description *file = request->self;
    uint64_t base = args->whence == FILE_SEEK_CUR   ? file->place
                    : args->whence == FILE_SEEK_END ? file->inode->size
                                                    : 0;
    if (args->whence > FILE_SEEK_END || base + args->offset > FK_USER_END)
        return -PROTO_INVALID;
    args->place = file->place = base + args->offset;
    return 0;
}

static long op_file_stat(struct mon_request *request, struct file_stat_args *args)
{
    struct description *file = request->self;
    args->type = file->inode->type;
    args->size = file->inode->size;
    return 0;
}

static long op_truncate(struct mon_request *request, struct file_truncate_args *args)
{
    struct description *file = request->self;
    if (!(file->flags & FILE_WRITE))
        return -PROTO_NOT_ALLOWED;
    return file_resize(file->inode, args->size, &file->view->account);
}

/* Reading and executing are one right on a file: there are no modes. */
static long op_map(struct mon_request *request, struct file_map_args *args)
{
    struct description *file = request->self;
    unsigned may = (file->flags & FILE_READ ? FK_READ | FK_EXECUTE : 0) |
                   (file->flags & FILE_WRITE ? FK_WRITE : 0);
    if (file->inode->type != FILE_IS_FILE)
        return -PROTO_IS_DIRECTORY;
    if (!args->rights || args->rights & ~(uint64_t)may)
        return -PROTO_NOT_ALLOWED;
    args->bytes = file->inode->size;
    return file_region(file->inode, (unsigned)args->rights, &args->got);
}

static long op_sync(struct mon_request *request, struct file_sync_args *args)
{
    (void)request, (void)args;
    return 0;
}

static long op_copy(struct mon_request *request, struct file_copy_args *args)
{
    struct description *file = request->self;
    return describe(file->view, file->inode, file->flags, &args->got);
}

static void description_end(struct description *file)
{
    *file->link = file->next;
    if (file->next)
        file->next->link = file->link;
    mon_port_close(&file->port);
    count_open(file->view, -1u);
    file->inode->open--;
    file_release(file->inode);
    free(file);
}

static long op_close(struct mon_request *request, struct file_close_args *args)
{
    (void)args;
    description_end(request->self);
    return 0;
}

static const struct file_ops description_ops = {.read = op_read,
                                                .write = op_write,
                                                .read_at = op_read_at,
                                                .write_at = op_write_at,
                                                .seek = op_seek,
                                                .stat = op_file_stat,
                                                .truncate = op_truncate,
                                                .map = op_map,
                                                .sync = op_sync,
                                                .copy = op_copy,
                                                .close = op_close};

/* ---- names ---- */

static struct inode *create(struct view *view, const char *path, enum file_type type, long *outcome)
{
    const char *last;
    size_t length;
    if (!view->writable) {
        *outcome = -PROTO_NOT_ALLOWED;
        return NULL;
    }
    struct inode *parent = file_find_parent(view->root, path, &last, &length, outcome), *inode;
    if (!parent)
        return NULL;
    *outcome = file_child(parent, last, length) ? -PROTO_EXISTS : -PROTO_NO_MEMORY;
    if (*outcome == -PROTO_EXISTS || !(inode = file_new(type, last, length)))
        return NULL;
    if (!file_pay(inode, &view->account, INODE_COST)) {
        file_release(inode);
        return NULL;
    }
    file_link(parent, inode);
    *outcome = 0;
    return inode;
}

static long op_open(struct mon_request *request, struct filesystem_open_args *args)
{
    struct view *view = request->self;
    unsigned flags = (unsigned)args->flags;
    long outcome;
    struct inode *inode = file_find(view->root, args->path, &outcome);
    if (inode && flags & FILE_CREATE && flags & FILE_EXCL)
        return -PROTO_EXISTS;
    if (outcome == -PROTO_NOT_FOUND && flags & FILE_CREATE)
        inode = create(view, args->path, FILE_IS_FILE, &outcome);
    if (!inode)
        return outcome;
    if (flags & FILE_WRITE && inode->type == FILE_IS_DIRECTORY)
        return -PROTO_IS_DIRECTORY;
    if (flags & FILE_WRITE && !view->writable)
        return -PROTO_NOT_ALLOWED;
    if (flags & FILE_TRUNCATE && flags & FILE_WRITE)
        outcome = file_resize(inode, 0, &view->account);
    return outcome ? outcome : describe(view, inode, flags, &args->got);
}

static long op_stat(struct mon_request *request, struct filesystem_stat_args *args)
{
    struct view *view = request->self;
    long outcome;
    const struct inode *inode = file_find(view->root, args->path, &outcome);
    if (!inode)
        return outcome;
    args->type = inode->type;
    args->size = inode->size;
    return 0;
}

static long op_list(struct mon_request *request, struct filesystem_list_args *args)
{
    struct view *view = request->self;
    long outcome;
    struct inode *inode = file_find(view->root, args->path, &outcome);
    if (!inode)
        return outcome;
    if (inode->type != FILE_IS_DIRECTORY)
        return -PROTO_NOT_DIRECTORY;
    inode = inode->children;
    for (uint64_t i = args->index; inode && i; i--)
        inode = inode->next;
    if (!inode)
        return -PROTO_NOT_FOUND;
    args->name_bytes = strlen(inode->name) + 1;
    if (args->name_bytes > args->name_room)
        return -PROTO_TOO_LONG;
    memcpy(args->name, inode->name, args->name_bytes);
    return 0;
}

static long op_mkdir(struct mon_request *request, struct filesystem_mkdir_args *args)
{
    long outcome;
    create(request->self, args->path, FILE_IS_DIRECTORY, &outcome);
    return outcome;
}

/* What is about to lose its name: found, not the root, and the view may write. */
static struct inode *victim(struct view *view, const char *path, long *outcome)
{
    struct inode *inode = file_find(view->root, path, outcome);
    if (inode && (inode == view->root || !view->writable)) {
        *outcome = -PROTO_NOT_ALLOWED;
        return NULL;
    }
    return inode;
}

static long op_rmdir(struct mon_request *request, struct filesystem_rmdir_args *args)
{
    long outcome;
    struct inode *inode = victim(request->self, args->path, &outcome);
    if (!inode)
        return outcome;
    if (inode->type != FILE_IS_DIRECTORY)
        return -PROTO_NOT_DIRECTORY;
    if (inode->children)
        return -PROTO_NOT_EMPTY;
    if (inode->open)
        return -PROTO_BUSY;
    file_unlink(inode);
    file_release(inode);
    return 0;
}

static long op_unlink(struct mon_request *request, struct filesystem_unlink_args *args)
{
    long outcome;
    struct inode *inode = victim(request->self, args->path, &outcome);
    if (!inode)
        return outcome;
    if (inode->type == FILE_IS_DIRECTORY)
        return -PROTO_IS_DIRECTORY;
    file_unlink(inode);
    file_release(inode);
    return 0;
}

static long replace(struct inode *old, const struct inode *inode)
{
    if (old->type == FILE_IS_DIRECTORY || inode->type == FILE_IS_DIRECTORY)
        return -PROTO_EXISTS;
    file_unlink(old);
    file_release(old);
    return 0;
}

static long op_rename(struct mon_request *request, struct filesystem_rename_args *args)
{
    struct view *view = request->self;
    const char *last;
    size_t length;
    long outcome;
    struct inode *inode = victim(view, args->from, &outcome);
    if (!inode)
        return outcome;
    struct inode *parent = file_find_parent(view->root, args->to, &last, &length, &outcome);
    if (!parent)
        return outcome;
    struct inode *old = file_child(parent, last, length);
    if (old == inode)
        return 0;
    if (file_is_below(parent, inode))
        return -PROTO_INVALID;
    char *name = strdup(last);
    if (!name)
        return -PROTO_NO_MEMORY;
    name[length] = 0;
    outcome = old ? replace(old, inode) : 0;
    if (outcome) {
        free(name);
        return outcome;
    }
    file_unlink(inode);
    free(inode->name);
    inode->name = name;
    file_link(parent, inode);
    return 0;
}

static long view_open(struct view *view, struct inode *root, uint64_t limit, bool writable,
                      struct view *parent)
{
    *view = (struct view){.root = root, .writable = writable, .parent = parent};
    view->account = (struct account){parent ? &parent->account : NULL, limit, 0};
    view->port = (struct mon_port){.protocol = PROTO_filesystem, .ops = &view_ops, .self = view};
    return mon_port_open(&services, &view->port);
}

static bool too_many_views(const struct view *view)
{
    for (; view->parent; view = view->parent)
        if (view->views == VIEWS)
            return true;
    return false;
}

static long op_subset(struct mon_request *request, struct filesystem_subset_args *args)
{
    struct view *view = request->self, *sub;
    long outcome;
    struct inode *inode = file_find(view->root, args->path, &outcome);
    if (!inode)
        return outcome;
    if (inode->type != FILE_IS_DIRECTORY)
        return -PROTO_NOT_DIRECTORY;
    if (too_many_views(view))
        return -PROTO_TOO_MANY;
    if (!(sub = malloc(sizeof(*sub))))
        return -PROTO_NO_MEMORY;
    outcome = view_open(sub, inode, args->limit ? args->limit : view->account.limit,
                        view->writable && args->flags & FILE_WRITE, view);
    if (outcome) {
        free(sub);
        return outcome;
    }
    inode->open++; /* it stays while somebody looks at it */
    sub->next = view->children;
    sub->link = &view->children;
    if (sub->next)
        sub->next->link = &sub->next;
    view->children = sub;
    for (struct view *above = view; above; above = above->parent)
        above->views++;
    args->got = fk_at(&sub->port.ref);
    return 0;
}

/* What it stored is its parent's from now on, whose account has counted it all the time. */
static void view_free(struct view *view)
{
    while (view->files)
        description_end(view->files);
    for (struct inode *inode = file_all; inode; inode = inode->all)
        if (inode->account == &view->account)
            inode->account = &view->parent->account;
    for (struct view *above = view->parent; above; above = above->parent)
        above->views--;
    *view->link = view->next;
    if (view->next)
        view->next->link = view->link;
    view->root->open--;
    file_release(view->root);
    mon_port_close(&view->port);
    free(view);
}

static long op_end(struct mon_request *request, struct filesystem_end_args *args)
{
    struct view *last = request->self, *view = last, *parent;
    (void)args;
    if (!last->parent)
        return -PROTO_NOT_ALLOWED;
    for (;; view = parent) {
        while (view->children)
            view = view->children;
        parent = view->parent;
        bool done = view == last;
        view_free(view);
        if (done)
            return 0;
    }
}

static long op_space(struct mon_request *request, struct filesystem_space_args *args)
{
    const struct view *view = request->self;
    args->limit = view->account.limit;
    args->used = view->account.used;
    return 0;
}

static const struct filesystem_ops view_ops = {.open = op_open,
                                               .stat = op_stat,
                                               .list = op_list,
                                               .mkdir = op_mkdir,
                                               .rmdir = op_rmdir,
                                               .unlink = op_unlink,
                                               .rename = op_rename,
                                               .subset = op_subset,
                                               .space = op_space,
                                               .end = op_end};

long files_serve(struct inode *root, uint64_t limit)
{
    mon.ref[PARENT_FILESYSTEM] = fk_at(&top.port.ref);
    root->open++;
    return view_open(&top, root, limit, true, NULL);
}
