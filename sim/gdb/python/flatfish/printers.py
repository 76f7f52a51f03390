# sim/gdb/python/flatfish/printers.py -- kernel objects and references as words, wherever GDB prints one,
# and the kernel call that a thread waits in as its innermost frame. All read from the kernel's memory
# by its own symbols; what does not look like an object stays a number.
# SPDX-License-Identifier: MIT
import itertools

import gdb
import gdb.printing
from gdb.FrameDecorator import FrameDecorator

from . import wire

KINDS = {"thread": "thread", "space": "space", "region": "region", "mapping": "mapping", "port": "port",
         "portset": "portset", "mutex": "mutex", "cond": "cond", "ref": "reference"}


_names = None


def names():
    """Rows of the spaces, asked once a stop."""
    global _names
    if _names is None:
        try:
            _names = wire.spaces()
        except gdb.GdbError:
            _names = {}
    return _names


def forget(event):
    global _names
    _names = None


def title(kind, value):
    """'thread 350 of L4 memtest, WAIT_REPLY'."""
    placed = kind in ("thread", "region", "mapping")
    pid = int(value["dbg"]["space"] if placed else value["dbg"]["head"]["owner"])
    text = "%s %d" % (KINDS[kind], int(value["dbg"]["head"]["id"]))
    if kind == "space":
        text += " (L%d %s)" % (int(value["dbg"]["level"]), value["dbg"]["name"].string())
    elif pid:
        text += " of %s" % wire.title(pid, names())
    if kind == "thread":
        wait = gdb.lookup_type("enum wait")
        text += ", %s" % value["wait"].cast(wait)
    if kind in ("region", "mapping"):
        text += ", 0x%x + 0x%x" % (int(value["dbg"]["start"]), int(value["dbg"]["size"]))
    if kind == "ref":
        text += " to %s" % target(value["target"])
    return text


def target(link):
    """What a weak link names."""
    serial, slot = int(link["serial"]), int(link["slot"])
    if serial == 0:
        return "nothing"
    table = gdb.parse_and_eval("object_table")
    entry = table[slot]
    if int(entry) == 0 or int(entry["serial"]) != serial:
        return "what is gone"
    kind = int(entry["kind"])
    known = ("space", "thread", "region", "mapping", "port", "portset", "mutex", "cond", "reference")
    return "%s %d" % (known[kind] if kind < len(known) else "object", serial)


class ObjectPrinter:
    """A whole object: what it is, then its fields."""

    def __init__(self, kind, value):
        self.kind, self.value = kind, value

    def to_string(self):
        try:
            return title(self.kind, self.value)
        except gdb.error:
            return None

    def children(self):
        return ((field.name or "", self.value[field]) for field in self.value.type.fields())


class PointerPrinter:
    def __init__(self, kind, value):
        self.kind, self.value = kind, value

    def to_string(self):
        at = int(self.value)
        if at == 0:
            return "0x0"
        try:
            return "0x%x <%s>" % (at, title(self.kind, self.value.dereference()))
        except gdb.error:
            return "0x%x" % at


class LinkPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        try:
            return "-> " + target(self.value)
        except gdb.error:
            return None


class UserPrinter:
    """The memory of an object as a program sees it: which object the kernel has there."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        at = self.value.address
        pid = gdb.selected_inferior().pid
        if at is None:
            return "object"
        for row in wire.rows("objects"):
            if row.n("pid") == pid and row.n("address") == int(at):
                text = "%s %s" % (row["kind"], row["id"])
                if row.get("link", "none") != "none":
                    text += " -> %s %s" % (row["link"], row["link_id"])
                return text
        return "no object"


def in_kernel():
    return gdb.selected_inferior().pid == wire.KERNEL


def lookup(value):
    kind = value.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_STRUCT and kind.tag == "fk_object":
        return UserPrinter(value)
    if not in_kernel():
        return None
    if kind.code == gdb.TYPE_CODE_STRUCT and kind.tag in KINDS:
        return ObjectPrinter(kind.tag, value)
    if kind.code == gdb.TYPE_CODE_STRUCT and kind.tag == "link":
        return LinkPrinter(value)
    if kind.code == gdb.TYPE_CODE_PTR:
        to = kind.target().strip_typedefs()
        if to.code == gdb.TYPE_CODE_STRUCT and to.tag in KINDS:
            return PointerPrinter(to.tag, value)
    return None


lookup.name = "flatfish"


class WaitFrame(FrameDecorator):
    """One frame further in than the program's own: the kernel call."""

    def __init__(self, frame, text):
        super().__init__(frame)
        self.text = text

    def function(self):
        return "<%s>" % self.text

    def address(self):
        return None

    def filename(self):
        return None

    def line(self):
        return None

    def frame_args(self):
        return None

    def frame_locals(self):
        return None


class WaitFilter:
    """Frame filter: a blocked thread's backtrace begins with what it waits for."""

    def __init__(self):
        self.name, self.priority, self.enabled = "nest-wait", 50, True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        thread = gdb.selected_thread()
        if not thread or not thread.is_valid() or thread.ptid[0] == wire.KERNEL:
            return frames
        try:
            return self.with_wait(frames, thread.ptid)
        except gdb.GdbError:
            return frames

    def with_wait(self, frames, ptid):
        for row in wire.rows("threads"):
            if (row.n("pid"), row.n("tid")) == (ptid[0], ptid[1]) and row.get("state") == "waiting":
                first = next(frames, None)
                if first is None or first.inferior_frame().level() != 0:
                    return frames if first is None else itertools.chain([first], frames)
                text = "kernel: " + (row["call"] if row["call"] != "none" else "fault")
                if row["wait"] == "time":
                    text += ", waits for a time, or for ever"
                else:
                    text += ", waits for %s %s of process %s" % (row["wait"], row["wait_id"], row["wait_pid"])
                return itertools.chain([WaitFrame(first.inferior_frame(), text), first], frames)
        return frames


USER_END = 1 << 47


class EntryFrame(FrameDecorator):
    """The kernel's entry, which GDB takes for a signal's: by its name."""

    def function(self):
        words = gdb.execute("info symbol %d" % self.inferior_frame().pc(), to_string=True).split()
        return words[0] if words[1:2] in (["+"], ["in"]) else None

    def line(self):
        return gdb.find_pc_line(self.inferior_frame().pc() - 1).line


class UserFrame(FrameDecorator):
    """Where the kernel was entered from: by the symbols of that level."""

    def __init__(self, frame, inferior, who):
        super().__init__(frame)
        self.who, pc = who, frame.inferior_frame().pc()
        self.block = inferior.progspace.block_for_pc(pc)
        self.sal = inferior.progspace.find_pc_line(pc)

    def function(self):
        block = self.block
        while block and not block.function:
            block = block.superblock
        return "%s: %s" % (self.who, block.function.print_name if block else "??")

    def filename(self):
        return self.sal.symtab.filename if self.sal.symtab else None

    def line(self):
        return self.sal.line

    def frame_args(self):
        return None

    def frame_locals(self):
        return None


class BorderFilter:
    """Frame filter: the kernel's backtrace ends in the program that it was entered from."""

    def __init__(self):
        self.name, self.priority, self.enabled = "nest-border", 50, True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        thread = gdb.selected_thread()
        if not thread or not thread.is_valid() or thread.ptid[0] != wire.KERNEL:
            return frames
        return self.to_border(frames)

    def to_border(self, frames):
        for frame in frames:
            where = frame.inferior_frame()
            if where.pc() < USER_END:
                yield self.user(frame) or frame
                return
            yield EntryFrame(frame) if where.type() == gdb.SIGTRAMP_FRAME else frame

    def user(self, frame):
        try:
            pid = wire.where().n("for_pid")
            inferior = next((i for i in gdb.inferiors() if i.pid == pid), None)
            return inferior and UserFrame(frame, inferior, wire.title(pid, wire.spaces()))
        except gdb.GdbError:
            return None


def install():
    gdb.pretty_printers[:] = [p for p in gdb.pretty_printers if getattr(p, "name", "") != "flatfish"]
    gdb.pretty_printers.insert(0, lookup)
    WaitFilter()
    BorderFilter()
    gdb.events.stop.connect(forget)
