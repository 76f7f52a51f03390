# The carries so far are kept in the kernel, as if there were one caller.
s/^long sys_words_add/static uint64_t kept;\n\n&/
s/^    while (count) {/    carried += kept;\n&/
s/^        current->frame.r10 = carried;/        kept = carried - current->frame.r10;/
s/^    return (long)carried;/    kept = 0;\n&/
