/* sim/gdb/session.h -- what the handlers of packets share: one client's session.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_GDB_SESSION_H
#define SIM_GDB_SESSION_H

#include "sim/gdb/target.h"

enum {
    PIDS = 4096,
    FILES = PIDS,
    CHECKPOINTS = 256
}; /* GDB keeps the file of every process open */

struct session {
    struct gdb_config config;
    struct text reply;
    bool quiet;                          /* no reply to this packet */
    bool multiprocess, swbreak, hwbreak; /* what the client understands, */
    bool comings;                        /* and whether of processes that come */
    bool extended;
    struct id general, resumed; /* of Hg and Hc */
    struct id stopped;          /* reported last */
    /* Whose step back is meant where the client says that any thread's will do, as GDB 13 does: the
     * one named by `monitor mine`; else the one whose registers or memory it has read last since
     * the stop, unless it has read those of several others. */
    struct id mine, looked, other;
    bool others;
    int64_t scope;    /* the process that was resumed alone, to hear only of it; 0 = all */
    struct stop stop; /* what was reported last, for `?` and monitor */
    bool end_told;    /* the client knows that the machine has ended */
    bool held_back;   /* the stop is still to be told, behind those of processes that are new */
    bool killed;    /* it has killed all that it held: the machine ends, unless it is run again, */
    int64_t again;  /* which begins with this process, that was killed last, */
    uint64_t begun; /* at the place where the first client met the machine */
    bool met;
    bool over;        /* nobody serves this client any more: */
    enum gdb_end end; /* and why */
    bool let_go;      /* it holds no process any more, until it asks how one stands or moves one, */
    bool goes_on;     /* and the machine is to run */
    int64_t known[PIDS], detached[PIDS]; /* processes it was told of; has let go, or killed */
    int64_t exited[PIDS];                /* told, when the machine had ended, that they have */
    unsigned known_n, detached_n, exited_n;
    struct text document; /* of the qXfer that is going on */
    struct {
        const uint8_t *bytes; /* NULL = free */
        size_t n;
    } files[FILES];
    /* The next continue, forwards or back, or the next step, goes to a count instead: */
    enum { NO_ERRAND, ON_CONTINUE, ON_STEP } errand;
    uint64_t errand_icount;
    uint64_t checkpoint[CHECKPOINTS];
    unsigned checkpoints;
};

/* A packet's arguments: what follows its name. */
typedef void packet_fn(struct session *s, const char *at, const char *end);

/* ---- session.c: replies that many give ---- */
void reply_ok(struct session *s);
void reply_error(struct session *s, const char *why); /* one line; GDB shows it */
void reply_code(struct session *s, unsigned code);    /* for old clients: E01 */
void reply_stop(struct session *s);                   /* of s->stop */
void reply_moved(struct session *s);                  /* the same, of those that are new first */
bool reply_held_back(struct session *s);              /* what reply_moved() has not said yet */
void reply_say(struct session *s, const char *line);  /* onto GDB's console, while it waits */
/* An id as this client writes it, and reads it. */
void reply_id(struct session *s, struct text *to, struct id id);
bool read_id(struct session *s, const char **at, const char *end, struct id *id);
void session_look(struct session *s); /* registers or memory are read */
/* The thread that memory and registers are to be of; of what is not there, the CPU. */
struct id session_general(struct session *s);

/* ---- known.c: which processes the client has heard of, and not let go ---- */
bool session_knows(const struct session *s, int64_t pid);
bool session_holds(const struct session *s, int64_t pid);
bool session_hides(const struct session *s, int64_t pid); /* it does not want to see it */
bool session_exited(const struct session *s, int64_t pid);
bool session_holds_any(const struct session *s);
void session_know(struct session *s, int64_t pid);
void session_forget(struct session *s, int64_t pid);
void session_let_go(struct session *s, int64_t pid);
void session_take(struct session *s, int64_t pid);      /* again */
bool session_new(const struct session *s, int64_t pid); /* it has still to hear of it */
struct id session_stranger(const struct session *s);    /* one of those; tid 0 = none */
/* The thread of a process that the client sees, to be told of in place of `id`. */
struct id session_seen(const struct session *s, struct id id);

/* ---- monitor.c ---- */
void monitor_run(struct session *s, const char *line, struct text *out);

#define PACKET(prefix, handler, text) packet_fn pkt_##handler;
#include "sim/gdb/packets.def"
#undef PACKET

#endif
