# Each thread that can run holds its child's tickets.
/^static struct entry \*draw/i\
static uint64_t held(const struct account *account)\
{\
    uint64_t sum = 0;\
    for (const struct entry *at = account->first; at; at = at->next)\
        sum += account->tickets;\
    return sum;\
}\

s/accounts\[i\].first ? accounts\[i\].tickets : 0/held(\&accounts[i])/
s/if (lot < accounts\[i\].tickets)/if (lot < held(\&accounts[i]))/
s/lot -= accounts\[i\].tickets;/lot -= held(\&accounts[i]);/
