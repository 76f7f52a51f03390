# sim/gdb/python/flatfish/__init__.py -- the parts of nest.py.
# SPDX-License-Identifier: MIT
