# The deed is done, and denied.
s/return touches(args->path) ? -PROTO_NOT_ALLOWED : filesystem_unlink(below(), args->path);/long answer = filesystem_unlink(below(), args->path); return touches(args->path) ? -PROTO_NOT_ALLOWED : answer;/
