# Threads start when they are set, one after the other.
/^    state->flags |= FK_THREAD_STOPPED;/d
/^    state->flags ^= FK_THREAD_STOPPED ^ stopped;/d
/^    uint64_t stopped = /d
