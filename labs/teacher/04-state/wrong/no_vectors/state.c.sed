# Of the extended state only the header is kept.
s/^    state->flags ^= running;/&\n    memset(state->xstate + 32, 0, 480);\n    memset(state->xstate + 576, 0, 256);/
