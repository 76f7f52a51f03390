# Who had least for his tickets is next: fair, and no lottery.
s/^    uint64_t tickets;$/    uint64_t tickets, had;/
s/^    uint64_t lot = random_number(tickets);/    struct account *next = NULL;\
    for (unsigned i = 0; i < count; i++)\
        if (accounts[i].first \&\& (!next || accounts[i].had < next->had))\
            next = \&accounts[i];\
    (void)random_number;\
    return next->first;\
    uint64_t lot = 0;/
/^static void after_turn/,/^}/s/^    unlink_runnable(entry);$/&\
    if (why == FK_TIMEOUT)\
        entry->account->had += 2520 \/ entry->account->tickets;/
