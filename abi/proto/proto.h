/* abi/proto/proto.h -- the protocols that nesters serve, as numbers: what a message looks like.
 *
 * Each protocol is a list, NAME.def, of operations. An operation's line says what goes in and what
 * comes out, field by field; stubs, servers, and whoever logs messages are made from these lists:
 *   #define NAME_OP_FIELDS(F)  F(KIND, field, what) ...
 *   PROTO_OP(NUMBER, NAME, OP, "contract")
 *   KIND      means                                       in the message
 *   WORD      a number, in                                next request word
 *   TEXT      a string with its final NUL, in             its length in the next request word
 *   DATA      bytes, in                                   likewise
 *   REF       one reference, in: `what` says to what      in the message's references
 *   OUT_WORD  a number, out                               next reply word
 *   OUT_DATA  bytes, out; the caller says how many fit    request word: room; reply word: bytes
 *   OUT_REF   one reference, out                          in the reply's references
 * Word 0 of a request is the operation's number, word 0 of a reply 0 or minus an error
 * (errors.def). A request is one reliable RPC. At most one REF and one OUT_REF, eight words, and
 * PROTO_DATA_MAX bytes each way. A server answers what it does not know with -PROTO_UNKNOWN.
 * SPDX-License-Identifier: MIT */
#ifndef ABI_PROTO_H
#define ABI_PROTO_H

#define PROTO_WORDS    8
#define PROTO_DATA_MAX 16384
#define PROTO_NAME_MAX 255 /* bytes of a file name */

/* What a reference leads to: a protocol's port, or one of the kernel's objects. */
enum proto_what {
    PROTO_none,
#define PROTOCOL(number, name, text) PROTO_##name = (number),
#include "abi/proto/protocols.def"
    PROTO_region = 100,
    PROTO_thread,
    PROTO_space,
    PROTO_schedule, /* a port that the kernel tells of threads that could run */
    PROTO_named     /* whatever the request's first word, an enum parent_name, says */
};

/* The alias of a port that is known by number, not by address: the number, and from this bit on the
 * protocol, for who looks on from outside. */
enum { PROTO_IN_ALIAS = 48 };

enum parent_name {
#define PARENT_NAME(number, name, what, text) PARENT_##name = (number),
#include "abi/proto/names.def"
    PARENT_NAMES = 16
};

enum proto_error {
#define PROTO_ERROR(number, name, text) PROTO_##name = (number),
#include "abi/proto/errors.def"
};

enum proto_signal {
#define PROTO_SIGNAL(number, name, text) SIGNAL_##name = (number),
#include "abi/proto/signals.def"
};

#define PROTO_OP(number, proto, op, text) PROTO_##proto##_##op = (number),
enum proto_operation {
#include "abi/proto/all.def"
};
#undef PROTO_OP

/* filesystem_open */
#define FILE_READ     1
#define FILE_WRITE    2
#define FILE_CREATE   4 /* when it is not there */
#define FILE_TRUNCATE 8
#define FILE_APPEND   16
#define FILE_EXCL     32 /* with FILE_CREATE: it must not be there */
#define FILE_EXECUTE  64 /* it is opened to be mapped and run */

/* file_seek */
#define FILE_SEEK_SET 0
#define FILE_SEEK_CUR 1
#define FILE_SEEK_END 2

enum file_type { FILE_IS_FILE = 1, FILE_IS_DIRECTORY, FILE_IS_PIPE, FILE_IS_CONSOLE };

/* What feeds the console sends this when it ends, as Flatfish does to a nest: the line goes out as
 * it is, and from then on every read finds the end. */
#define CONSOLE_ENDED 0x1c

#endif
