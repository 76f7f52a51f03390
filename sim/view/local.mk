# sim/view/local.mk -- the machine as a live viewer sees it.
# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/README.md
sim_libsim_a_SOURCES += %D%/view.h %D%/wire.h %D%/wire.c %D%/door.h %D%/door.c %D%/feed.h %D%/feed.c %D%/answer.h %D%/answer.c %D%/drive.c
