/* monitors/kserver/files.h -- files in memory: inodes, their bytes, their names. Private to the
 * root. SPDX-License-Identifier: MIT */
#ifndef MONITORS_KSERVER_FILES_H
#define MONITORS_KSERVER_FILES_H

#include "monitors/kserver/kserver.h"

/* How much may be stored through a view of the file system; views form a tree. */
struct account {
    struct account *parent;
    uint64_t limit, used; /* bytes */
};

struct inode {
    enum file_type type;
    char *name;
    struct inode *parent;          /* NULL: the root, or without a name by now */
    struct inode *children, *next; /* in order of name */
    uint8_t *data;                 /* page-aligned once it was written or mapped */
    uint64_t size, room;           /* room 0: data lies in the initrd */
    unsigned open;                 /* descriptions */
    struct account *account;       /* who pays, and how much */
    uint64_t paid;
    struct inode *all, **all_link; /* all inodes */
    struct fk_object *region[8];   /* two objects each: region and reference; by rights */
};

/* names.c. Paths come from clients: any bytes up to the final NUL. */
#define INODE_COST 512 /* bytes that an inode counts for, besides its room */
extern struct inode *file_all;
struct inode *file_new(enum file_type type, const char *name, size_t length);
void file_link(struct inode *parent, struct inode *inode);
void file_unlink(struct inode *inode);
/* The inode, or NULL and *outcome. With `last`, the directory that holds the last part, and it. */
struct inode *file_find(struct inode *root, const char *path, long *outcome);
struct inode *file_find_parent(struct inode *root, const char *path, const char **last,
                               size_t *length, long *outcome);
struct inode *file_child(struct inode *parent, const char *name, size_t length);
bool file_is_below(const struct inode *inode, const struct inode *top);

/* content.c */
bool file_pay(struct inode *inode, struct account *account, uint64_t bytes);
long file_resize(struct inode *inode, uint64_t size, struct account *account);
long file_put(struct inode *inode, uint64_t offset, const void *from, uint64_t bytes,
              struct account *account);
/* The bytes stay where they are, whatever becomes of the file, until file_drop. What it returns is
 * for that. */
const void *file_keep(const struct inode *inode);
long file_region(struct inode *inode, unsigned rights, uint64_t *ref);
void file_release(struct inode *inode); /* frees it if nobody can reach it any more */

/* fileops.c */
long files_serve(struct inode *root, uint64_t limit);

#endif
