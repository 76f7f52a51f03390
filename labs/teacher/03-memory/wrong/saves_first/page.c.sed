# Saved, whether it must be or not, while the program can still write.
/^    if (written <= book/,/^        return true;/d
s/^    if (frame_has_objects(frame))$/    if (frame_has_objects(frame) || !save(frame, page))/
s/^    if (frame_has_objects(frame) || !save(frame, page)) {/    if (frame_has_objects(frame)) {/
