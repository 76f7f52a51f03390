/* monitors/kserver/content.c -- the bytes of files: one run of pages each, grown by doubling, paid
 * for by the view that made them grow. A file of the initrd lies there until it is written or
 * mapped. A file that is mapped cannot move, so it grows only as far as its room.
 * SPDX-License-Identifier: MIT */
#include "monitors/kserver/files.h"

static bool is_mapped(const struct inode *inode)
{
    for (unsigned rights = 0; rights < 8; rights++)
        if (inode->region[rights])
            return true;
    return false;
}

/* ---- bytes that a reply needs until it is sent ---- */

/* As many as there are serving threads, at most. */
static struct kept {
    const uint8_t *data; /* NULL: none */
    unsigned uses;
    uint64_t room; /* not 0: its file has no use for it any more */
} kept[16];

static struct kept *find_kept(const uint8_t *data)
{
    for (unsigned i = 0; i < sizeof(kept) / sizeof(*kept); i++)
        if (kept[i].data == data)
            return &kept[i];
    return NULL;
}

const void *file_keep(const struct inode *inode)
{
    if (!inode->room) /* the initrd stays */
        return NULL;
    struct kept *at = find_kept(inode->data);
    if (!at)
        at = find_kept(NULL);
    at->data = inode->data;
    at->uses++;
    return at->data;
}

void file_drop(const void *data)
{
    struct kept *at = find_kept(data);
    if (--at->uses)
        return;
    if (at->room)
        memory_give(fk_at(at->data), at->room);
    *at = (struct kept){0};
}

static void give(const struct inode *inode)
{
    struct kept *at = inode->room ? find_kept(inode->data) : NULL;
    if (at)
        at->room = inode->room;
    else if (inode->room)
        memory_give(fk_at(inode->data), inode->room);
}

/* ---- size and place ---- */

static void refund(struct account *account, uint64_t bytes)
{
    for (; account; account = account->parent)
        account->used -= bytes;
}

/* From now on this account, and those above it, carry so many bytes for the inode. */
bool file_pay(struct inode *inode, struct account *account, uint64_t bytes)
{
    struct account *at;
    refund(inode->account, inode->paid);
    for (at = account; at; at = at->parent)
        if (bytes > at->limit - at->used)
            break;
    if (at) { /* as it was */
        for (at = inode->account; at; at = at->parent)
            at->used += inode->paid;
        return false;
    }
    for (at = account; at; at = at->parent)
        at->used += bytes;
    inode->account = account;
    inode->paid = bytes;
    return true;
}

static long move(struct inode *inode, uint64_t room, struct account *account)
{
    struct account *before = inode->account;
    uint64_t paid = inode->paid;
    room = (room + FK_PAGE - 1) & ~(FK_PAGE - 1ull);
    if (is_mapped(inode))
        return -PROTO_BUSY;
    if (!file_pay(inode, account, room + INODE_COST))
        return -PROTO_NO_MEMORY;
    uint8_t *data = (uint8_t *)memory_pages(room);
    if (!data) {
        file_pay(inode, before, paid);
        return -PROTO_NO_MEMORY;
    }
    memcpy(data, inode->data, inode->size);
    give(inode);
    inode->data = data;
    inode->room = room;
    return 0;
}

/* To twice its room; near the limit to half of what that leaves, so that a file which fills all
 * that there is has been copied a few times and not once for each write. */
static long grow(struct inode *inode, uint64_t size, struct account *account)
{
    uint64_t more = size < 2 * inode->room ? 2 * inode->room - size : 0;
    for (;; more = more < FK_PAGE ? 0 : more / 2) {
        long outcome = move(inode, size + more ? size + more : FK_PAGE, account);
        if (!outcome || !more)
            return outcome;
    }
}

long file_resize(struct inode *inode, uint64_t size, struct account *account)
{
    if (size > FK_USER_END)
        return -PROTO_NO_MEMORY;
    long outcome = size > inode->room || !inode->room ? grow(inode, size, account) : 0;
    if (outcome)
        return outcome;
    if (size > inode->size)
        memset(inode->data + inode->size, 0, size - inode->size);
    inode->size = size;
    return 0;
}

long file_put(struct inode *inode, uint64_t offset, const void *from, uint64_t bytes,
              struct account *account)
{
    if (offset > FK_USER_END)
        return -PROTO_INVALID;
    if (offset + bytes > inode->size || !inode->room) {
        long outcome = file_resize(
            inode, offset + bytes > inode->size ? offset + bytes : inode->size, account);
        if (outcome)
            return outcome;
    }
    memcpy(inode->data + offset, from, bytes);
    return 0;
}

static long region_make(struct inode *inode, unsigned rights)
{
    struct fk_object *pair = calloc(2, sizeof(*pair));
    struct fk_region_state state = {
        .start = fk_at(inode->data), .size = inode->room, .prot = rights};
    struct fk_region_links links = {.space = mon.ref[PARENT_SPACE]};
    if (!pair)
        return -PROTO_NO_MEMORY;
    if (fk_region_create(fk_at(&pair[0])) || fk_ref_create(fk_at(&pair[1]))) {
        fk_region_destroy(fk_at(&pair[0]));
        free(pair);
        return -PROTO_NO_OBJECTS;
    }
    fk_region_set_state(fk_at(&pair[0]), fk_at(&state), fk_at(&links));
    fk_region_reference(fk_at(&pair[0]), fk_at(&pair[1]));
    inode->region[rights] = pair;
    return 0;
}

long file_region(struct inode *inode, unsigned rights, uint64_t *ref)
{
    long outcome = 0;
    if (!inode->room) /* out of the initrd, onto pages */
        outcome = move(inode, inode->size ? inode->size : FK_PAGE, inode->account);
    if (!outcome && !inode->region[rights])
        outcome = region_make(inode, rights);
    if (!outcome)
        *ref = fk_at(&inode->region[rights][1]);
    return outcome;
}

/* What is mapped stays: a program goes on though its file was removed. */
void file_release(struct inode *inode)
{
    if (inode->parent || inode->open || is_mapped(inode))
        return;
    give(inode);
    refund(inode->account, inode->paid);
    *inode->all_link = inode->all;
    if (inode->all)
        inode->all->all_link = inode->all_link;
    free(inode->name);
    free(inode);
}
