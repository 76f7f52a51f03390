/* sim/trace/store.h -- the two files of a trace directory, changed only in steps that leave a
 * readable trace if the process dies between any two of them.
 *
 * How a packet becomes part of the trace: the last packet's packet_size always covers the file to
 * its end, so whatever is written behind it is padding. The next packet is written there, and one
 * 8-byte store, shrinking the packet before, makes it visible. In the same way a packet that grows
 * gets its new events first and its new header, in one small write, after. The file is extended by
 * a large piece at a time; only between that and the store that follows (two system calls, once in
 * 64 MiB) a kill leaves zeros that strict readers complain of, and ours does not.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TRACE_STORE_H
#define SIM_TRACE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store {
    int dir;       /* directory, -1 = none */
    bool made;     /* ... by us */
    int fd;        /* events file, -1 = none */
    uint64_t end;  /* size of the events file */
    uint64_t at;   /* where its last visible packet begins */
    uint64_t used; /* bytes of content in that packet */
    size_t fits;   /* after store_grow or store_add: bytes of the packet that are on the disk */
};

/* All return 0, or -1 with errno. */

/* Makes or empties the directory. Refuses one that holds anything but a trace of ours, something
 * beside one included, and such a trace too unless `force`; then *why says what to do (static text)
 * and errno is EEXIST. */
int store_open(struct store *s, const char *dir, bool force, const char **why);
/* After store_open, when nothing can be written: leaves nothing of it, nor a folder made for it. */
void store_undo(struct store *s, const char *dir);
/* Replaces the metadata file as a whole. */
int store_metadata(struct store *s, const char *text, size_t n);
/* Overwrites words of the metadata by as many others, in place: works on a full disk, too. */
int store_patch(struct store *s, const char *from, const char *to);
/* Begins the events file with this packet of `n` bytes. */
int store_begin(struct store *s, uint8_t *packet, size_t n);
/* The last visible packet, which starts with `packet`, grew from s->used to `n` bytes. */
int store_grow(struct store *s, uint8_t *packet, size_t n);
/* A new packet of `n` bytes (and room for `room`), `gap` bytes after the start of the last one. */
int store_add(struct store *s, uint8_t *packet, size_t n, uint64_t gap, uint64_t room);
/* After store_grow (gap 0) or store_add failed: keeps the first n bytes, no more than s->fits, of
 * the packet as the last one. They are on the disk, so this needs no room. */
int store_keep(struct store *s, uint8_t *packet, size_t n, uint64_t gap);
/* Cuts the file after the last packet's content and closes it. */
int store_end(struct store *s);
/* Another way to make the file: packets one after another, of which nothing is visible before
 * store_publish. On failure nothing is left. */
int store_hidden(struct store *s);
int store_append(struct store *s, uint8_t *packet, size_t n);
int store_publish(struct store *s);
void store_close(struct store *s);

#endif
