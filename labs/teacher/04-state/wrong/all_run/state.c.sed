# Every thread is started, those that had been stopped, too.
s/^    state->flags ^= running;/    state->flags \&= ~(uint64_t)FK_THREAD_STOPPED;/
