# Everything is made anew, with new hashes.
s/KIND_CREATE_HASH,/KIND_CREATE,/
