# gui/local.mk -- flatfish-view, the viewer: a program of its own, started by `flatfish view`.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
gui_sources = $(TRACE_SOURCES) \
	%D%/index.h %D%/index_file.h %D%/index.c %D%/index_file.c %D%/index_build.c \
	%D%/model.h %D%/model.c %D%/price.h %D%/price.c %D%/chain.h %D%/chain.c %D%/rows.h %D%/rows.c %D%/columns.h %D%/columns.c \
	%D%/look.h %D%/look.c %D%/view.h %D%/view.c %D%/pane.h %D%/pane.c %D%/panes.def \
	%D%/score.h %D%/pane_score.c %D%/score_bands.c %D%/score_spans.c \
	%D%/pane_overhead.c %D%/pane_nest.c %D%/pane_path.c %D%/pane_memory.c %D%/pane_compare.c \
	%D%/layout.h %D%/layout.c %D%/export.h %D%/export.c %D%/open.h %D%/open.c \
	%D%/notes.h %D%/notes.c %D%/search.h %D%/search.c \
	%D%/live.h %D%/live.c %D%/live_keep.h %D%/live_keep.c %D%/live_picture.c
GUI_CFLAGS = $(CAIRO_CFLAGS) $(NETTLE_CFLAGS) $(SDL_CFLAGS)
GUI_LIBS = $(CAIRO_LIBS) $(NETTLE_LIBS) $(SDL_LIBS) -lm

pkglibexec_PROGRAMS += %D%/flatfish-view
gui_flatfish_view_SOURCES = $(gui_sources) %D%/main.c \
	%D%/app.h %D%/app_live.h %D%/app_live.c %D%/app_bar.h %D%/app_bar.c %D%/app.c %D%/app_mouse.c %D%/app_draw.c %D%/window.h %D%/window.c %D%/state.h %D%/state.c \
	%D%/bench.h %D%/bench.c
gui_flatfish_view_CFLAGS = $(AM_CFLAGS) $(GUI_CFLAGS)
gui_flatfish_view_LDADD = $(GUI_LIBS)

# Tests; view_sums is the numbers without the pictures.
EXTRA_DIST += %D%/tests/README.md %D%/tests/lib.sh %D%/tests/window_lib.sh %D%/tests/sums.sh %D%/tests/sums.lua \
	%D%/tests/index.sh %D%/tests/export.sh %D%/tests/boxes.lua %D%/tests/window.sh
check_PROGRAMS += %D%/tests/view_sums
gui_tests_view_sums_SOURCES = %D%/tests/view_sums.c $(gui_sources)
gui_tests_view_sums_CFLAGS = $(AM_CFLAGS) $(GUI_CFLAGS)
gui_tests_view_sums_LDADD = $(GUI_LIBS)
EXTRA_DIST += %D%/tests/live.sh %D%/tests/attach.sh
check_PROGRAMS += %D%/tests/pane_words
gui_tests_pane_words_SOURCES = %D%/tests/pane_words.c $(gui_sources)
gui_tests_pane_words_CFLAGS = $(AM_CFLAGS) $(GUI_CFLAGS)
gui_tests_pane_words_LDADD = $(GUI_LIBS)
check_PROGRAMS += %D%/tests/live_hand
gui_tests_live_hand_SOURCES = %D%/tests/live_hand.c $(gui_sources)
gui_tests_live_hand_CFLAGS = $(AM_CFLAGS) $(GUI_CFLAGS)
gui_tests_live_hand_LDADD = $(GUI_LIBS)
EXTRA_DIST += %D%/tests/compare.sh %D%/tests/prices.sh
EXTRA_DIST += %D%/tests/window_live.sh
TESTS += %D%/tests/prices.sh %D%/tests/window_live.sh %D%/tests/compare.sh %D%/tests/live.sh %D%/tests/attach.sh %D%/tests/sums.sh %D%/tests/index.sh %D%/tests/export.sh %D%/tests/window.sh

# libFuzzer: see sim/tests/fuzz/local.mk.
EXTRA_DIST += %D%/tests/fuzz_view.c %D%/tests/fuzz_view.sh
TESTS += %D%/tests/fuzz_view.sh
CLEANFILES += %D%/tests/fuzz_view
fuzz-view: gui/tests/fuzz_view
gui/tests/fuzz_view: gui/tests/fuzz_view.c $(gui_sources)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(FUZZ_CC) $(GUI_CFLAGS) $(filter %.c,$^) $(GUI_LIBS) -o $@
.PHONY: fuzz-view

EXTRA_DIST += %D%/tests/fuzz_live.c %D%/tests/fuzz_live.sh
TESTS += %D%/tests/fuzz_live.sh
CLEANFILES += %D%/tests/fuzz_live
fuzz-live: gui/tests/fuzz_live
gui/tests/fuzz_live: gui/tests/fuzz_live.c $(gui_sources)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(FUZZ_CC) $(GUI_CFLAGS) $(filter %.c,$^) $(GUI_LIBS) -o $@
.PHONY: fuzz-live
