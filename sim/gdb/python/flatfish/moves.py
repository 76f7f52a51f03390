# sim/gdb/python/flatfish/moves.py -- the commands that move the machine: from crossing to crossing, over
# and out of nested traps, and to places in time. Each ends in an ordinary stop, so that GDB knows of it
# as it knows of any, and nothing it has read before is taken for true.
# SPDX-License-Identifier: MIT
import re

import gdb

from . import wire


def here():
    """(inferior, address) of those threads that GDB may step off a breakpoint before it resumes."""
    now = wire.where()
    threads = [gdb.selected_thread(), wire.gdb_thread(now.n("for_pid"), now.n("for_tid")),
               wire.gdb_thread(wire.KERNEL, 1)]
    places = set()
    for thread in threads:
        if thread and thread.is_valid():
            with wire.Selected(thread):
                places.add((thread.inferior.num, gdb.newest_frame().pc()))
    return places


def resume(command):
    """A thread that stands at a breakpoint is stepped off it by GDB, alone: a trap right there would be
    taken for that step. So the breakpoint is out until the next stop."""
    wire.live()
    places = here()
    out = [breakpoint for breakpoint in gdb.breakpoints() if breakpoint.enabled and not breakpoint.pending and
           any((n, location.address) in places
               for location in breakpoint.locations for n in location.thread_groups or ())]
    for breakpoint in out:
        breakpoint.enabled = False
    try:
        gdb.execute(command)
    finally:
        for breakpoint in out:
            if breakpoint.is_valid():
                breakpoint.enabled = True


def run(command, words):
    """`command` (continue or reverse-continue) to the next crossing that the words mean."""
    said = wire.ask("next " + words)
    made = re.search(r"catch (\d+)", said)
    if not made:
        raise gdb.GdbError(said.strip() or "nothing is known of such crossings")
    try:
        resume(command)
    finally:
        if made.group(1) in re.findall(r"catch (\d+)", wire.ask("stops")):
            wire.ask("uncatch " + made.group(1))


def current():
    """The thread that runs, or that the kernel works for."""
    now = wire.where()
    if not now.n("for_tid"):
        raise gdb.GdbError("the kernel works for nobody now: nest step goes on to the next crossing")
    return now


class Step(gdb.Command):
    """Step into the trap: to the next crossing, wherever it leads.
nest step [WORDS]. The words choose: from=S to=S (kernel, L3, pager, L3:pager, a process number), reason=KIND (syscall,
sysret, exception, interrupt, iret), vector=N, level=N, thread=N, fault."""

    def __init__(self):
        super().__init__("nest step", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        wire.where()
        run("continue", argument or "any")


class Back(gdb.Command):
    """Go back to the last crossing.
nest back [WORDS]. The words are those of nest step."""

    def __init__(self):
        super().__init__("nest back", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        wire.where()
        run("reverse-continue", argument or "any")


class Next(gdb.Command):
    """Step over the trap, however deep it nests.
nest next. The machine runs until the thread at work, or whom the kernel works for, has been in a trap
and is back at its own level."""

    def __init__(self):
        super().__init__("nest next", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        run("continue", "thread=%d" % current().n("for_tid"))


class Finish(gdb.Command):
    """Run until what is being handled here is done.
nest finish. It is done when the thread that waits for this one is back at its own level."""

    def __init__(self):
        super().__init__("nest finish", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        mine = current().n("for_tid")
        chain = [row.n("tid") for row in wire.rows("chain")]
        at = chain.index(mine) if mine in chain else 0
        if at == 0:
            raise gdb.GdbError("nobody waits for this thread: nest next leads over its next trap")
        run("continue", "thread=%d" % chain[at - 1])


class Fault(gdb.Command):
    """Run to the next exception, of any level or of one.
nest fault [LEVEL]."""

    def __init__(self):
        super().__init__("nest fault", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        wire.where()
        if argument and not re.fullmatch(r"L?\d+", argument):
            raise gdb.GdbError("nest fault: '%s' is no level" % argument)
        level = argument.lstrip("L")
        run("continue", "fault from=L%s" % level if level else "fault")


# ---- places in time ----


def go(icount):
    here = wire.where().n("icount")
    said = wire.ask("to %d" % icount)
    if said.strip():
        raise gdb.GdbError(said.strip())
    try:
        resume("continue" if icount >= here else "reverse-continue")
    finally:
        wire.ask("to none")
    print("instruction %s" % wire.count(wire.where().n("icount")))


class Goto(gdb.Command):
    """Go to an instruction count, forwards or back.
nest goto COUNT, or +N or -N from here."""

    def __init__(self):
        super().__init__("nest goto", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        match = re.fullmatch(r"([+-]?)\s*(\d[\d,]*)", argument or "")
        if not match:
            raise gdb.GdbError("nest goto: give an instruction count, +N or -N")
        n = int(match.group(2).replace(",", ""))
        here = wire.where().n("icount")
        go({"": n, "+": here + n, "-": max(here - n, 0)}[match.group(1)])


class Checkpoint(gdb.Command):
    """Remember this place.
nest checkpoint. nest checkpoints lists them, nest restart N goes to one. GDB's own names for the three
are checkpoint, info checkpoints and restart N."""

    def __init__(self, name="nest checkpoint"):
        super().__init__(name, gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        wire.where()
        print(wire.ask("checkpoint").strip())


class Checkpoints(gdb.Command):
    """List the places that were remembered.
nest checkpoints. GDB's own name for it is info checkpoints."""

    def __init__(self, name="nest checkpoints"):
        super().__init__(name, gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        for row in wire.rows("checkpoints"):
            print("%s at instruction %s" % (row["number"], wire.count(row.n("icount"))))


class Restart(gdb.Command):
    """Go to a place that was remembered.
nest restart N. GDB's own name for it is restart."""

    def __init__(self, name="nest restart"):
        super().__init__(name, gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        for row in wire.rows("checkpoints"):
            if row["number"] == argument.strip():
                go(row.n("icount"))
                return
        raise gdb.GdbError("nest restart: give the number of a checkpoint ('nest checkpoints')")


class Begin(gdb.Command):
    """Begin again, at the place where debugging began.
GDB 13's own starti waits for ever when there are several inferiors."""

    def __init__(self):
        super().__init__("starti", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        go(wire.where().n("begun"))


def instead():
    """Names that GDB users know, for what GDB does by forks of a Linux process."""
    Checkpoint("checkpoint")
    Checkpoints("info checkpoints")
    Restart("restart")
    Begin()


# ---- what GDB's own commands need ----


def stand(how, command):
    """Resumes the machine to the very place where it stands."""
    try:
        wire.ask("%s %d" % (how, wire.where().n("icount")))
        wire.quietly(command)
    finally:
        wire.ask("to none")


def is_ours():
    thread = gdb.selected_thread()
    return ours and thread and thread.inferior.connection == ours


class Still(gdb.Command):
    """Forget a step; called by hooks: GDB 13 resumes whoever was stepped last when another is let go."""

    def __init__(self):
        super().__init__("nest still", gdb.COMMAND_MAINTENANCE)

    def invoke(self, argument, from_tty):
        if is_ours():
            stand("to", "continue")


class Live(gdb.Command):
    """Leave a program that has ended; called by hooks, so that continue goes on with the others."""

    def __init__(self):
        super().__init__("nest live", gdb.COMMAND_MAINTENANCE)

    def invoke(self, argument, from_tty):
        if ours and any(inferior.pid and inferior.connection == ours for inferior in gdb.inferiors()):
            wire.live()


def settle():
    """GDB 13 never reports a stop of the inferior that it met first until that one was resumed while it
    was selected (its start-up state stays). So it is, to the very place where it stands."""
    if not gdb.selected_thread():
        return
    global ours
    ours = None
    try:
        here = wire.where().n("icount")
    except gdb.GdbError:
        return  # some other machine
    ours = gdb.selected_inferior().connection
    stand("to step", "stepi")


class Mine(gdb.Command):
    """Say whose step back comes next; called by hooks, because GDB does not say it by itself."""

    def __init__(self):
        super().__init__("nest mine", gdb.COMMAND_MAINTENANCE)

    def invoke(self, argument, from_tty):
        thread = gdb.selected_thread()
        if is_ours():
            wire.ask("mine %d.%d" % (thread.ptid[0], thread.ptid[1] or thread.ptid[2]))


ours = None  # the connection to a Flatfish machine


def is_plain(inferior):
    return (inferior.pid and inferior.threads() and inferior.connection == ours and
            not inferior.architecture().registers().find("cr3"))


def describe(event=None):
    """GDB 13 asks for the description of registers once, before it knows of all processes, and takes the
    others for ordinary ones, without system registers. It asks again for each when it is told to."""
    fresh = [inferior for inferior in gdb.inferiors() if is_plain(inferior)] if ours else []
    if not fresh:
        return
    with wire.Selected(None):
        for inferior in fresh:
            wire.quietly("inferior %d" % inferior.num)
            gdb.execute("unset tdesc filename", to_string=True)


seen = set()  # (inferior, process) whose program is known to be the right one


def right_programs(event=None):
    """GDB gives the place of a program that has ended to the next process that comes, with the symbols of
    the one that is gone. A breakpoint that has no place for a moment is not to be disabled for that."""
    fresh = [i for i in gdb.inferiors() if ours and i.pid and i.connection == ours and (i.num, i.pid) not in seen]
    if not fresh:
        return
    programs = {pid: row.get("program", "") for pid, row in wire.spaces().items()}
    enabled = [breakpoint for breakpoint in gdb.breakpoints() if breakpoint.enabled]
    with wire.Selected(None):
        for inferior in fresh:
            seen.add((inferior.num, inferior.pid))
            program = "target:" + programs.get(inferior.pid, "")
            if program.startswith("target:/") and inferior.progspace.filename != program:
                wire.quietly("inferior %d" % inferior.num)
                wire.quietly("file " + program)
                for breakpoint in enabled:
                    breakpoint.enabled = True


class Settle(gdb.Command):
    """Make GDB report stops in every level; called by a hook after connecting."""

    def __init__(self):
        super().__init__("nest settle", gdb.COMMAND_MAINTENANCE)

    def invoke(self, argument, from_tty):
        settle()
        describe()


gdb.events.stop.connect(right_programs)
gdb.events.stop.connect(describe)
COMMANDS = (Settle, Mine, Still, Live, Step, Back, Next, Finish, Fault, Goto, Checkpoint, Checkpoints, Restart)
