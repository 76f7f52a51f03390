/* monitors/kserver/names.c -- the tree of names. Directories keep their entries in order of name.
 * ".." at the root of a view stays there. SPDX-License-Identifier: MIT */
#include "monitors/kserver/files.h"

struct inode *file_all;

struct inode *file_new(enum file_type type, const char *name, size_t length)
{
    struct inode *inode = calloc(1, sizeof(*inode));
    char *copy = malloc(length + 1);
    if (!inode || !copy) {
        free(inode);
        free(copy);
        return NULL;
    }
    memcpy(copy, name, length);
    copy[length] = 0;
    inode->type = type;
    inode->name = copy;
    inode->all = file_all;
    inode->all_link = &file_all;
    if (inode->all)
        inode->all->all_link = &inode->all;
    file_all = inode;
    return inode;
}

void file_link(struct inode *parent, struct inode *inode)
{
    struct inode **at = &parent->children;
    while (*at && strcmp((*at)->name, inode->name) < 0)
        at = &(*at)->next;
    inode->next = *at;
    *at = inode;
    inode->parent = parent;
}

void file_unlink(struct inode *inode)
{
    struct inode **at = &inode->parent->children;
    while (*at != inode)
        at = &(*at)->next;
    *at = inode->next;
    inode->parent = NULL;
}

struct inode *file_child(struct inode *parent, const char *name, size_t length)
{
    for (struct inode *child = parent->children; child; child = child->next)
        if (!strncmp(child->name, name, length) && !child->name[length])
            return child;
    return NULL;
}

bool file_is_below(const struct inode *inode, const struct inode *top)
{
    while (inode && inode != top)
        inode = inode->parent;
    return inode;
}

static struct inode *step(struct inode *root, struct inode *at, const char *name, size_t length)
{
    if (length == 1 && name[0] == '.')
        return at;
    if (length == 2 && name[0] == '.' && name[1] == '.')
        return at == root || !at->parent ? at : at->parent;
    return file_child(at, name, length);
}

/* Walks all parts but the last `keep` (0 or 1), which is left at *path. */
static struct inode *walk(struct inode *root, const char **path, bool keep, long *outcome)
{
    struct inode *at = root;
    for (;;) {
        *path += strspn(*path, "/");
        size_t length = strcspn(*path, "/");
        const char *rest = *path + length + strspn(*path + length, "/");
        if (length > PROTO_NAME_MAX) {
            *outcome = -PROTO_TOO_LONG;
            return NULL;
        }
        if (at->type != FILE_IS_DIRECTORY && length) {
            *outcome = -PROTO_NOT_DIRECTORY;
            return NULL;
        }
        if (!length || (keep && !*rest))
            return at;
        at = step(root, at, *path, length);
        if (!at) {
            *outcome = -PROTO_NOT_FOUND;
            return NULL;
        }
        *path = rest;
    }
}

struct inode *file_find(struct inode *root, const char *path, long *outcome)
{
    *outcome = 0;
    return walk(root, &path, false, outcome);
}

struct inode *file_find_parent(struct inode *root, const char *path, const char **last,
                               size_t *length, long *outcome)
{
    *outcome = 0;
    struct inode *parent = walk(root, &path, true, outcome);
    *last = path;
    *length = strcspn(path, "/");
    if (parent &&
        (!*length || !strncmp(path, ".", *length + 1) || !strncmp(path, "..", *length + 1)))
        *outcome = -PROTO_INVALID;
    return *outcome ? NULL : parent;
}
