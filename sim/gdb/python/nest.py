# sim/gdb/python/nest.py -- what GDB sources: the commands `nest ...`, printers of kernel objects, and
# the few settings that a machine of several levels wants. `flatfish gdb` sources it by itself; done
# again it does no harm.
# SPDX-License-Identifier: MIT
import os
import sys

import gdb

if not hasattr(gdb, "VERSION") or int("".join(c if c.isdigit() else " " for c in gdb.VERSION).split()[0]) < 13:
    raise gdb.GdbError("the nest commands need GDB 13 or later; this is " + getattr(gdb, "VERSION", "older"))

# Not __file__: sourced from a script in Python, that is still the script's.
_here = os.path.dirname(os.path.abspath((lambda: None).__code__.co_filename))
if _here not in sys.path:
    sys.path.insert(0, _here)
_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
from flatfish import backtrace, look, moves, printers  # noqa: E402

sys.dont_write_bytecode = _bytecode


class Nest(gdb.Command):
    """Nests of virtual machines: who runs, why, and how to follow control from level to level."""

    def __init__(self):
        super().__init__("nest", gdb.COMMAND_USER, prefix=True)


Nest()
for _module in (look, backtrace, moves):
    for _command in _module.COMMANDS:
        _command()
moves.instead()
printers.install()
# Of a process whose program is unknown GDB would think that it is one of 32 bits.
gdb.execute("set architecture i386:x86-64", to_string=True)



def _turn_pages():
    gdb.events.before_prompt.disconnect(_turn_pages)
    gdb.execute("set pagination on")


# What GDB says while it reads all those programs would fill pages before the first prompt.
if gdb.parameter("pagination"):
    gdb.execute("set pagination off")
    gdb.events.before_prompt.connect(_turn_pages)

# One CPU: whoever is resumed, the machine goes on, and may stop in another level.
gdb.execute("set schedule-multiple on")
gdb.execute("define target hookpost-extended-remote\nnest settle\nend")
gdb.execute("define target hookpost-remote\nnest settle\nend")
for _command in ("stepi", "step", "nexti", "next"):
    gdb.execute("define hook-reverse-%s\nnest mine\nend" % _command)
for _command in ("continue", "stepi", "step", "nexti", "next", "reverse-continue"):
    gdb.execute("define hook-%s\nnest live\nend" % _command)
for _command in ("hook-detach", "detach hook-inferiors"):
    gdb.execute("define %s\nnest still\nend" % _command)
