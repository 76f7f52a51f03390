# It knows the name in the handout, and no other.
s/!plain(mon_option("keep"), kept)/!plain("\/keep", kept)/
