/* monitors/kserver/initrd.c -- the files that the machine started with: a ustar archive, read once.
 * Its bytes are not trusted: sizes and names are checked, what is wrong ends the reading.
 * SPDX-License-Identifier: MIT */
#include "monitors/kserver/files.h"

#define BLOCK 512

struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], time[12], sum[8], type, link[100];
    char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

ABI_ASSERT(sizeof(struct header) == BLOCK, "ustar");

static uint64_t octal(const char *text, size_t length)
{
    uint64_t value = 0;
    for (; length && *text >= '0' && *text <= '7'; length--, text++)
        value = value * 8 + (uint64_t)(*text - '0');
    return value;
}

/* The directory for a path's last part, made as far as it is missing. */
static struct inode *directory(struct inode *root, const char *path, const char **last)
{
    for (;;) {
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        *last = path;
        if (!path[length + strspn(path + length, "/")])
            return root;
        struct inode *next = file_child(root, path, length);
        if (length == 1 && *path == '.')
            next = root;
        if (!next) {
            next = file_new(FILE_IS_DIRECTORY, path, length);
            if (!next)
                return NULL;
            file_link(root, next);
        }
        if (next->type != FILE_IS_DIRECTORY)
            return NULL;
        root = next;
        path += length;
    }
}

static void add(struct inode *root, const struct header *header, uint64_t size)
{
    char path[sizeof(header->prefix) + sizeof(header->name) + 2];
    const char *last;
    snprintf(path, sizeof(path), "%.155s%s%.100s", header->prefix, *header->prefix ? "/" : "",
             header->name);
    struct inode *parent = directory(root, path, &last);
    size_t length = strcspn(last, "/");
    bool file = header->type == '0' || !header->type;
    if (!parent || !length || (!file && header->type != '5') || file_child(parent, last, length) ||
        (length == 1 && *last == '.'))
        return;
    struct inode *inode = file_new(file ? FILE_IS_FILE : FILE_IS_DIRECTORY, last, length);
    if (!inode)
        return;
    if (file) {
        inode->data = (uint8_t *)(uintptr_t)(header + 1);
        inode->size = size;
    }
    file_link(parent, inode);
}

long files_open(const struct fk_bootinfo *boot)
{
    struct inode *root = file_new(FILE_IS_DIRECTORY, "", 0);
    uint64_t at = 0;
    if (!root)
        return -PROTO_NO_MEMORY;
    while (boot->initrd && boot->initrd_size - at >= BLOCK) {
        const struct header *header = (const struct header *)(boot->initrd + at);
        uint64_t size = octal(header->size, sizeof(header->size));
        if (memcmp(header->magic, "ustar", 5) || size > boot->initrd_size - at - BLOCK)
            break;
        add(root, header, size);
        at += BLOCK + ((size + BLOCK - 1) & ~(BLOCK - 1ull));
        if (at > boot->initrd_size)
            break;
    }
    return files_serve(root, (boot->pool_end - boot->pool_free) / 4);
}
