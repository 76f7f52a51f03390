# The hand sends who was used to the end, and does not remember that it did.
/^static uint32_t clock_victim/,/^}/s/^        frame->looked = book->epoch;$/        (void)frame;/
