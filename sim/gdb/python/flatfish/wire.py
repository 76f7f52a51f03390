# sim/gdb/python/flatfish/wire.py -- the door to the simulator: `monitor` commands, and their rows as
# dictionaries (sim/gdb/rows.def has the list). Also which of GDB's threads a row means.
# SPDX-License-Identifier: MIT
from urllib.parse import unquote

import gdb

KERNEL = 1000000  # its process number; target.h


class Row(dict):
    """A row: row.kind, row["name"], and numbers by row.n("pid")."""

    def __init__(self, line):
        self.kind, _, rest = line.partition(" ")
        super().__init__((key, unquote(value)) for key, _, value in (w.partition("=") for w in rest.split()))

    def n(self, key):
        return int(self.get(key, "0"), 0)


def ask(command):
    try:
        return gdb.execute("monitor " + command, to_string=True)
    except gdb.error as error:
        raise gdb.GdbError("there is no Flatfish machine here: %s" % error)


def rows(question):
    lines = ask("rows " + question).splitlines()
    found = [Row(line) for line in lines if line and not line[0].isspace()]
    if any(row.kind == "monitor" or "command" in row.kind for row in found):
        raise gdb.GdbError("the machine knows no 'rows %s': is it an older one?" % question)
    return found


def where():
    found = [row for row in rows("where") if row.kind == "where"]
    if not found:
        raise gdb.GdbError("this is no Flatfish machine: begin with 'flatfish gdb NEST'")
    return found[0]


def spaces():
    """Rows of all spaces by process number."""
    return {row.n("pid"): row for row in rows("tree")}


def title(pid, known):
    """'L3 pager', 'L0 kernel'."""
    row = known.get(pid)
    return "L%s %s" % (row["level"], row["name"]) if row else "process %d" % pid


def gdb_thread(pid, tid):
    for inferior in gdb.inferiors():
        if inferior.pid == pid:
            for thread in inferior.threads():
                if thread.ptid[1] == tid or thread.ptid[2] == tid:
                    return thread
    return None


def quietly(command):
    """Without a word, also of those that GDB has for front ends."""
    quiet = gdb.parameter("suppress-cli-notifications")
    gdb.execute("set suppress-cli-notifications on")
    try:
        return gdb.execute(command, to_string=True)
    finally:
        gdb.execute("set suppress-cli-notifications " + ("on" if quiet else "off"))


def live():
    """A program that has ended leaves GDB standing in it, where nothing can be done any more: the thread
    that runs, or the CPU, is selected then."""
    if gdb.selected_thread():
        return
    now = where()
    rest = [thread for inferior in gdb.inferiors() for thread in inferior.threads()]
    thread = gdb_thread(now.n("pid"), now.n("tid")) or gdb_thread(KERNEL, 1) or (rest and rest[0])
    if thread:
        quietly("thread %d.%d" % (thread.inferior.num, thread.num))


class Selected:
    """`with Selected(thread):` and afterwards what was selected before."""

    def __init__(self, thread):
        self.thread = thread

    def __enter__(self):
        self.before = gdb.selected_thread()
        self.inferior = gdb.selected_inferior()
        self.frame = gdb.selected_frame() if self.before and self.before.is_valid() else None
        if self.thread:
            self.thread.switch()
        return self.thread

    def __exit__(self, *unused):
        if self.before and self.before.is_valid():
            self.before.switch()
            if self.frame and self.frame.is_valid():
                self.frame.select()
        else:
            quietly("inferior %d" % self.inferior.num)


def place(frame):
    """'walk (memtest.c:25)'."""
    line = frame.find_sal()
    name = frame.name() or "0x%x" % frame.pc()
    if line.symtab:
        name += " (%s:%d)" % (line.symtab.filename.split("/")[-1], line.line)
    return name


def count(n):
    return format(n, ",")


ACCESS = {0: "read", 2: "write", 16: "execute"}


def crossing(row):
    """How a thread left user mode, in words."""
    if row["kind"] == "EXCEPTION" and row.n("number") == 14:
        error = row.n("error")
        return "page fault, %s of %s" % (ACCESS.get(error & 18, "use"), row["address"])
    if row["kind"] == "EXCEPTION":
        return "%s (exception %s)" % (row["name"], row["number"])
    if row["kind"] == "SYSCALL":
        return "call of %s" % row["name"]
    return "%s %s" % (row["kind"].lower(), row["number"])
