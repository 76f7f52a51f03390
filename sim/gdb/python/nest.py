# sim/gdb/python/nest.py -- commands of GDB for nests of virtual machines.
# SPDX-License-Identifier: MIT
import gdb

gdb.execute("set schedule-multiple on")
