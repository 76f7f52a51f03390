# A product that overflows.
s/count > (FK_USER_END - va) \/ sizeof(uint64_t)/va + count * sizeof(uint64_t) > FK_USER_END/
