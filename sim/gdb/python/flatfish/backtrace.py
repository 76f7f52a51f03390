# sim/gdb/python/flatfish/backtrace.py -- `nest bt`: one backtrace over all levels. From whoever began it
# (say, who faulted) through the kernel's path to who handles it, and so on to the one at work; each
# thread with its own frames, arguments and source lines, by the symbols of its own level.
# SPDX-License-Identifier: MIT
import re

import gdb

from . import wire

FRAMES = 8
FROM = re.compile(r"#\d+ .*\bL\d+ \S+: ")  # the program that the kernel was entered from


def frames(pid, tid, most):
    thread = wire.gdb_thread(pid, tid)
    if not thread:
        return ["(GDB does not know this thread)"]
    with wire.Selected(thread):
        text = gdb.execute("bt %s%d" % ("" if pid == wire.KERNEL else "-no-filters ", most), to_string=True)
    lines = []
    for line in text.splitlines():
        if line.startswith("(More stack"):
            lines.append("...")
        elif (line.rstrip().endswith("?? ()") or FROM.match(line)) and lines:
            break
        else:
            lines.append(line)
    return lines


class Path:
    """How the kernel brought one thread's wish to another."""

    def __init__(self, thread, known):
        self.thread, self.known = thread, known
        found = wire.rows("left %d" % thread.n("tid"))
        self.left = found[0] if found else None

    def what(self):
        if self.left:
            return wire.crossing(self.left)
        return "call of " + self.thread["call"] if self.thread["call"] != "none" else "wait"

    def is_fault(self):
        return self.left is not None and self.left["kind"] == "EXCEPTION" and self.left.n("number") == 14

    def keeper(self):
        """Whose page was missing, and who is asked: by the mappings of the address."""
        rows = wire.rows("mem %s %d" % (self.left["address"], self.thread.n("pid")))
        links = [row for row in rows if row.kind == "link"]
        asked = [row for row in links if row.n("keeper")]
        if not asked:
            return "no region on the way has a keeper"
        last = asked[-1]
        return "mapping %s of region %s, whose keeper is port %s of %s" % (
            last["mapping"], last["region"], last["keeper"], wire.title(last.n("keeper_pid"), self.known))

    def port(self):
        """The port by which a client asks: the reference in its first argument."""
        if not self.left or not self.left.get("name", "").startswith("client_"):
            return None
        pid, thread = self.thread.n("pid"), wire.gdb_thread(self.thread.n("pid"), self.thread.n("tid"))
        if not thread:
            return None
        with wire.Selected(thread):
            place = int(gdb.newest_frame().read_register("rdi")) & (1 << 64) - 1
        for row in wire.rows("objects reference"):
            if row.n("pid") == pid and row.n("address") == place and row["link"] == "port":
                return row["link_id"]
        return None

    def by(self):
        if self.is_fault():
            return "the kernel finds no page: " + self.keeper()
        if self.thread.get("wait", "none") != "none" and self.thread["wait"] not in ("thread", "time"):
            return "the kernel: waits for %s %s of %s" % (
                self.thread["wait"], self.thread["wait_id"], wire.title(self.thread.n("wait_pid"), self.known))
        port = self.port()
        for row in wire.rows("objects port") if port else ():
            if row["id"] == port:
                return "the kernel hands it over by port %s of %s" % (port, wire.title(row.n("pid"), self.known))
        return "the kernel hands it over"


class Backtrace(gdb.Command):
    """Print one backtrace over all levels.
nest bt [FRAMES]. Who began it, by which path of the kernel, who handles it, what that waits for; so
many frames of each thread (8)."""

    def __init__(self):
        super().__init__("nest bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        most = FRAMES
        if argument:
            if not argument.isdigit() or not int(argument):
                raise gdb.GdbError("nest bt: '%s' is no number of frames" % argument)
            most = int(argument)
        known, now = wire.spaces(), wire.where()
        chain = wire.rows("chain")
        for i, thread in enumerate(chain):
            following = chain[i + 1] if i + 1 < len(chain) else None
            self.one(thread, following, known, now, most)
        self.kernel(chain, known, now, most)

    def one(self, thread, following, known, now, most):
        pid, tid = thread.n("pid"), thread.n("tid")
        path = None if (pid, tid) == (now.n("pid"), now.n("tid")) else Path(thread, known)
        print("%s (%d.%d): %s" % (thread["name"], pid, tid, path.what() if path else "at work"))
        for line in frames(pid, tid, most):
            print("    " + line)
        if following:
            print("  %s; then %s" % (path.by() if path else "it goes on", following["name"]))

    def kernel(self, chain, known, now, most):
        if now.n("pid") != wire.KERNEL:
            return
        if chain and now.n("for_tid"):
            print("  in the kernel now, for %s" % chain[-1]["name"])
        print("L0 kernel (%d.1): instruction %s" % (wire.KERNEL, wire.count(now.n("icount"))))
        for line in frames(wire.KERNEL, 1, most):
            print("    " + line)


COMMANDS = (Backtrace,)
