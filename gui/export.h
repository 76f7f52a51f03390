/* gui/export.h -- what the window shows, as a file: SVG, PDF or PNG by its name's end.
 * SPDX-License-Identifier: MIT */
#ifndef GUI_EXPORT_H
#define GUI_EXPORT_H

#include "gui/pane.h"

enum { EXPORT_SIDE_MAX = 8000 };

/* How to write it: a new name beside the file and then renamed; straight, for a device or a pipe;
 * or only when no such file is there. */
enum export_how { EXPORT_REPLACE, EXPORT_STRAIGHT, EXPORT_NEW };

/* False with a line: nothing was written, or what there was is still there. `alone` NULL = all
 * panes. */
bool export_write(struct view *v, const struct pane *alone, double width, double height,
                  const char *path, enum export_how how, char *err, size_t max);

#endif
