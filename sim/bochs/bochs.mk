# sim/bochs/bochs.mk -- gets and compiles Bochs into bochs/ of the build tree (tools/build-bochs).
#
# Gives: $(BOCHS_OBJECT), all of Bochs as one object; $(BOCHS_CPPFLAGS), its headers;
# $(BOCHS_LIBS), what it needs from the system; $(BOCHS_READY), to depend on before including
# a header of Bochs. The script decides by content whether anything is to be done: a touched but
# equal file costs a hash, a changed one a new Bochs.
# SPDX-License-Identifier: MIT
BOCHS_OBJECT = bochs/bochs-all.o
BOCHS_READY = bochs/made-from
BOCHS_CPPFLAGS = -Ibochs/include -Ibochs/include/instrument/flatfish
BOCHS_LIBS = -lm -lpthread
BOCHS_INPUTS = \
	%D%/instrument.h %D%/redefine.syms %D%/wrap.syms %D%/sections.ld tools/bochs.sh tools/build-bochs

EXTRA_DIST += %D%/README.md %D%/bochs.mk $(BOCHS_INPUTS)
BUILT_SOURCES += $(BOCHS_READY)

# The leading + lets Bochs's own makefiles share this make's job slots.
$(BOCHS_READY): $(BOCHS_INPUTS) config.status
	+@MAKE="$(MAKE)" CC="$(CC)" CXX="$(CXX)" OBJCOPY="$(OBJCOPY)" \
	    $(top_srcdir)/tools/build-bochs bochs $(top_srcdir)/%D% "$(BOCHS_TARBALL)"

$(BOCHS_OBJECT): $(BOCHS_READY)
	@test -r $@

distclean-local: distclean-bochs
distclean-bochs:
	-rm -rf bochs
