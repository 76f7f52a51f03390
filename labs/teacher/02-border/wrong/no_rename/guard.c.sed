# One way to lose a file is forgotten.
/\.rename = do_rename,/d
