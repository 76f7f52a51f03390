# sim/gdb/python/bench.py -- what `flatfish bench gdb` measures inside GDB: run by -x in a session of
# `flatfish gdb` with a pager and memtest below it, once FAR (instructions) and STEPS are set. Prints a
# line "measured NAME VALUE" for each measure: steps a second, or seconds, by the host's clock.
# SPDX-License-Identifier: MIT
import time

import gdb
from flatfish import wire

PAGER, MEMTEST = (next(pid for pid, row in wire.spaces().items() if row["name"] == name)
                  for name in ("pager", "memtest"))


def inferior(pid):
    gdb.execute("inferior %d" % next(i.num for i in gdb.inferiors() if i.pid == pid), to_string=True)


def icount():
    return wire.where().n("icount")


def timed(*commands):
    begin = time.monotonic()
    for command in commands:
        gdb.execute(command, to_string=True)
    return time.monotonic() - begin


def rate(name, n, *commands):
    seconds = timed(*commands)
    print("measured %s %.1f" % (name, n / seconds))


gdb.execute("set suppress-cli-notifications on")
gdb.execute("set confirm off")

# ---- forwards ----
inferior(MEMTEST)
rate("step-program", STEPS, "stepi %d" % STEPS)
inferior(wire.KERNEL)
rate("step-cpu", STEPS, "stepi %d" % STEPS)
rate("step-typed", STEPS // 10, *["stepi"] * (STEPS // 10))

# ---- far back, to the last write of a variable ----
inferior(PAGER)
gdb.execute("watch -l where[200]", to_string=True)
gdb.execute("continue", to_string=True)
written = icount()
gdb.execute("disable")
gdb.execute("nest goto %d" % (written + FAR), to_string=True)
gdb.execute("enable")
inferior(PAGER)
print("measured back-to-write %.3f" % timed("reverse-continue"))
if not written - 8 <= icount() <= written:
    raise gdb.GdbError("the write was at instruction %d, the way back ended at %d" % (written, icount()))
gdb.execute("delete")

# ---- one instruction back ----
gdb.execute("nest goto %d" % (written + FAR // 2), to_string=True)
back = max(STEPS // 50, 10)
for name, pid in ("back-cpu", wire.KERNEL), ("back-program", MEMTEST):
    inferior(pid)
    before = icount()
    rate(name, back, "reverse-stepi %d" % back)
    if icount() > before - back:
        raise gdb.GdbError("%d steps back led from instruction %d to %d" % (back, before, icount()))
