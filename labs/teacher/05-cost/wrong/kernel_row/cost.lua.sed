# The kernel's work in somebody's address space is taken for work on his behalf.
s/if not row.user and row.behalf_index == deepest.index/if not row.user and row.index == deepest.index/
