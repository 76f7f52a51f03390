# tests/gdb_walk.py -- what tests/gdb_walk.sh has GDB do: a nested fault instruction for instruction, there
# and back. Prints lines that begin with PASS or FAIL.
# SPDX-License-Identifier: MIT
import time

import gdb
from flatfish import wire

NAMES = ("rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip eflags cs ss fs_base gs_base cr2 cr3 "
         "mxcsr").split()


def ex(command):
    return gdb.execute(command, to_string=True)


def inferior(pid):
    ex("inferior %d" % next(i.num for i in gdb.inferiors() if i.pid == pid))


def state():
    frame = gdb.newest_frame()
    return tuple(int(frame.read_register(name)) for name in NAMES)


def icount():
    return wire.where().n("icount")


def check(text, good, why=""):
    print("%s %s%s" % ("PASS" if good else "FAIL", text, "" if good else "\n    %s" % (why,)))


ex("set suppress-cli-notifications on")
spaces = {row["name"]: pid for pid, row in wire.spaces().items()}
inferior(spaces["pager"])
ex("break store_write")
ex("continue")
ex("delete")
ex("nest back fault from=memtest")
ex("nest goto -1")
start = icount()
ex("nest next")
end = icount()
check("a nested fault is thousands of instructions: %d" % (end - start), end - start > 5000)

ex("nest goto %d" % start)
inferior(wire.KERNEL)
there = [state()]
for i in range(end - start):
    ex("stepi")
    there.append(state())
check("stepped all the way there", icount() == end, icount())

begin = time.monotonic()
different = []
for i in reversed(range(end - start)):
    ex("reverse-stepi")
    if state() != there[i]:
        different.append(i)
seconds = time.monotonic() - begin
check("and back: %d states as they were on the way there" % len(there), not different, different[:20])
check("to where it began", icount() == start, (icount(), start))
print("%.0f steps back a second" % ((end - start) / seconds))
print("DONE")
