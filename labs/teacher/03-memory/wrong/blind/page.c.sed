# Pages with kernel objects go like all others.
s/^    if (frame_has_objects(frame))$/    if (false)/
s/frame_has_objects(frame) || //
