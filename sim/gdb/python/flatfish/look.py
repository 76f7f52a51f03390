# sim/gdb/python/flatfish/look.py -- the commands that only show: tree, why, mem, objects.
# SPDX-License-Identifier: MIT
import gdb

from . import wire


def state(thread, known):
    if thread.get("state") != "waiting":
        return {"notime": "without time"}.get(thread.get("state"), thread.get("state", ""))
    if thread["wait"] == "time":
        return "waits for a time, or for ever"
    of = thread.n("wait_pid")
    text = "waits for %s %s of %s" % (thread["wait"], thread["wait_id"], wire.title(of, known))
    return text if thread["call"] == "none" else text + " in " + thread["call"]


class Tree(gdb.Command):
    """Show the nest: spaces and their threads.
nest tree. An arrow marks who has the CPU."""

    def __init__(self):
        super().__init__("nest tree", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        known, now = wire.spaces(), wire.where()
        threads = wire.rows("threads")
        for pid, space in known.items():
            level = space.n("level")
            print("%s%s (process %d)" % ("  " * level, wire.title(pid, known), pid))
            for thread in threads:
                if thread.n("pid") == pid:
                    self.thread(thread, known, now, level)

    def thread(self, thread, known, now, level):
        mine = (thread.n("pid"), thread.n("tid"))
        mark = "->" if mine == (now.n("pid"), now.n("tid")) else "  "
        if mine[0] == wire.KERNEL:
            text = "instruction %s" % wire.count(now.n("icount"))
            if now.n("for_tid") and mark == "->":
                text += ", for thread %d.%d" % (now.n("for_pid"), now.n("for_tid"))
        else:
            text = state(thread, known)
        print("%s%s thread %d.%d: %s" % ("  " * (level + 1), mark, *mine, text))


class Why(gdb.Command):
    """Say why the machine is where it is.
nest why. Who runs, by which crossing control came here, and for whom: each thread of the chain of
causes with how it left user mode."""

    def __init__(self):
        super().__init__("nest why", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        known, now = wire.spaces(), wire.where()
        here = now.n("icount")
        print("instruction %s: %s runs" % (wire.count(here), wire.title(now.n("pid"), known)))
        for row in wire.rows("came"):
            print("  it came there %s instructions ago, from %s: %s" %
                  (wire.count(here - row.n("icount")), wire.title(row.n("from"), known), wire.crossing(row)))
        for thread in wire.rows("chain"):
            running = (thread.n("pid"), thread.n("tid")) == (now.n("pid"), now.n("tid"))
            print("  %s: %s" % (thread["name"], "at work" if running else self.left(thread, here)))

    def left(self, thread, here):
        found = wire.rows("left %d" % thread.n("tid"))
        text = thread.get("state", "gone")
        gdb_thread = wire.gdb_thread(thread.n("pid"), thread.n("tid"))
        if gdb_thread:
            with wire.Selected(gdb_thread):
                text += " at " + wire.place(gdb.newest_frame())
        for row in found:
            text += ", since %s instructions: %s" % (wire.count(here - row.n("icount")), wire.crossing(row))
        return text


class Mem(gdb.Command):
    """Show where an address of the selected process really is.
nest mem EXPRESSION. A line for each space on the way, through mappings and regions, to the memory or
to who would have to supply the page."""

    def __init__(self):
        super().__init__("nest mem", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("nest mem: give an address, as in: nest mem &variable")
        try:
            value = gdb.parse_and_eval(argument)
            if value.type.strip_typedefs().code == gdb.TYPE_CODE_ARRAY:
                value = value.address
            at = int(value.cast(gdb.lookup_type("unsigned long"))) & (1 << 64) - 1
        except gdb.error as error:
            raise gdb.GdbError("nest mem: %s" % error)
        for row in wire.rows("mem 0x%x %d" % (at, gdb.selected_inferior().pid)):
            print(self.line(row))

    def line(self, row):
        if row.kind == "end" and row.n("found"):
            return "memory of the machine, %s" % row["address"]
        if row.kind == "end":
            return row["why"]
        page = "page %s %s" % (row["page"], row["rights"]) if row.n("page") else "not in the page table"
        text = "L%s %s %s: %s; mapping %s %s" % (row["level"], row["space"], row["address"], page,
                                                  row["mapping"], row["mapping_rights"])
        if row.n("region"):
            text += " of region %s %s" % (row["region"], row["region_rights"])
        if row.n("keeper"):
            text += ", keeper: port %s of process %s" % (row["keeper"], row["keeper_pid"])
        return text


class Objects(gdb.Command):
    """List the kernel's objects.
nest objects [KIND]. Without a kind, how many there are in each space."""

    HIDDEN = ("kind", "id", "pid", "address", "object", "frame")

    def __init__(self):
        super().__init__("nest objects", gdb.COMMAND_STATUS)

    def complete(self, text, word):
        kinds = sorted({row["kind"] for row in wire.rows("objects")})
        return [kind for kind in kinds if kind.startswith(word or "")]

    def invoke(self, argument, from_tty):
        known = wire.spaces()
        found = wire.rows(("objects " + argument).strip())
        if not found:
            raise gdb.GdbError("nest objects: there is no '%s'" % argument if argument else "there are none")
        if not argument:
            self.counts(found, known)
            return
        for row in found:
            rest = " ".join("%s=%s" % item for item in row.items() if item[0] not in self.HIDDEN)
            print("%s %s of %s at %s %s" % (row["kind"], row["id"], wire.title(row.n("pid"), known),
                                             row["address"], rest))

    def counts(self, found, known):
        for pid in known:
            kinds = {}
            for row in found:
                if row.n("pid") == pid:
                    kinds[row["kind"]] = kinds.get(row["kind"], 0) + 1
            text = ", ".join("%d %s%s" % (n, kind, "" if n == 1 else "es" if kind.endswith("x") else "s") for kind, n in kinds.items())
            print("%s made %s" % (wire.title(pid, known), text or "nothing"))


COMMANDS = (Tree, Why, Mem, Objects)
