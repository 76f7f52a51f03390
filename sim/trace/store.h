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
    int fd;        /* events file, -1 = none */
    uint64_t end;  /* size of the events file */
    uint64_t at;   /* where its last visible packet begins */
    uint64_t used; /* bytes of content in that packet */
};

/* All return 0, or -1 with errno. */

/* Makes or empties the directory. Refuses one that holds anything but a trace of ours, and such a
 * trace too unless `force`; then *why says what to do (static text) and errno is EEXIST. */
int store_open(struct store *s, const char *dir, bool force, const char **why);
/* Replaces the metadata file as a whole. */
int store_metadata(struct store *s, const char *text, size_t n);
/* Begins the events file with this packet of `n` bytes. */
int store_begin(struct store *s, uint8_t *packet, size_t n);
/* The last visible packet, which starts with `packet`, grew from s->used to `n` bytes. */
int store_grow(struct store *s, uint8_t *packet, size_t n);
/* A new packet of `n` bytes (and room for `room`), `gap` bytes after the start of the last one. */
int store_add(struct store *s, uint8_t *packet, size_t n, uint64_t gap, uint64_t room);
/* Cuts the file after the last packet's content and closes it. */
int store_end(struct store *s);
/* Another way to make the file: packets one after another, of which nothing is visible before
 * store_publish. On failure nothing is left. */
int store_hidden(struct store *s);
int store_append(struct store *s, uint8_t *packet, size_t n);
int store_publish(struct store *s);
void store_close(struct store *s);

#endif
