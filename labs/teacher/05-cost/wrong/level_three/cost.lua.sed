# The innermost program is always on level 3.
s/if row.user and (not deepest or row.level > deepest.level)/if row.user and row.level == 3/
