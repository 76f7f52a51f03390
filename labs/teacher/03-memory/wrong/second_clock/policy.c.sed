# One policy under two names.
s/^    \.name = "own".*/    .name = "own", .marks = true, .victim = clock_victim};/
/^static void own_look/i\
__attribute__((unused))
/^static uint32_t own_victim/i\
__attribute__((unused))
