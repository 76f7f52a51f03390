# /keepsake is taken for something in /keep.
s/return !strncmp(path, top, n) && .*/return !strncmp(path, top, n);/
