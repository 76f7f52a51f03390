-- docs/api/text.lua -- the hand-written part of the kernel call pages; make.lua adds the frame.
-- Per call: does, changes, returns (besides OK), insane (names of abi/fk/errors.def), restart.
-- SPDX-License-Identifier: MIT
local text = {}

-- What every call on objects can raise. A kind with `links` has some that can be set.
text.object_insane = { "NO_OBJECT", "WRONG_TYPE", "NOT_ALIGNED", "INVALID_ADDRESS" }

text.kinds = {
    space = {
        links = true,
        what = "a space: an address space with its mappings, the regions that it exports, a keeper and a budget",
        create = "Its budget is empty and its level one more than that of the caller's space. The caller's budget pays for the object and its top page table (4 KiB).",
        destroy = "Its mappings are detached, its regions lose their memory, its threads lose their space and wait until they get another. What is left of its budget goes back to the budget that paid for the space now, the rest when what it paid for is destroyed.",
        get = "`struct fk_space_state`: hash, level, budget given, budget used. Link: keeper (port).",
        set = "Only the link: keeper (port). The state is not looked at.",
        restart_destroy = "after each mapping, region or thread, and while what derived from it is cleared; what is detached stays detached. When the caller's own space is destroyed there is none",
    },
    thread = {
        links = true,
        what = "a thread",
        create = "All links are null and it is stopped: it cannot run before thread_set_state.",
        destroy = "Its wait is cancelled; connections break and their peers are alerted; time that others gave it goes nowhere. A mutex that it owned stays locked, its owner link null.",
        get = "`struct fk_thread_state`: everything. **The thread is stopped and stays stopped**; FK_THREAD_STOPPED in the flags says whether it was so before, so setting the same state lets it go on as it was. Links: space, scheduler (port), waiting_for, client and server (threads at the other ends of its connections).",
        set = "`struct fk_thread_state` (address 0: leave it alone); links: space, scheduler, client, server. A link whose reference names nothing is cleared; clearing client or server detaches the thread without its peer noticing: the peer waits until another thread takes the place, and if it ended the connection meanwhile, that one finds it ended. The flags that tell of a connection count only where that link is set; pending interrupts and alerts are added to those that came meanwhile. With FK_THREAD_STOPPED clear the thread starts. hash and used cannot be set.",
        returns_set = "NO_MEMORY",
    },
    region = {
        links = true,
        what = "a region: a range of a space that others may import",
        create = "It has no space and no size: mappings of it have no memory.",
        destroy = "Mappings of it stay, without memory; every translation that derived from it is gone.",
        get = "`struct fk_region_state`: hash, start, size, rights. Links: space, keeper (port).",
        set = "start, size (page-aligned), rights; links: space, keeper. What derived from the region before is gone when the call returns.",
        restart_destroy = "while what derived from it is cleared (nothing can derive from it any more), and after every 64 mappings that leave it",
        restart_set = "rolls forward into settle once it is set",
        insane_set = { "INVALID_PROT", "INVALID_OBJECT" },
    },
    mapping = {
        links = true,
        what = "a mapping: a range of a space that imports a range of a region",
        create = "It has no space and no region.",
        destroy = "Its range has no memory any more, nor has anything derived from it.",
        get = "`struct fk_mapping_state`: hash, start, size, offset in the region, rights, table. Links: space, region. There is no reference to a mapping.",
        restart_destroy = "while what derived from it is cleared; by then it is detached",
        restart_set = "rolls forward into settle once it is set",
        set = "The range, the rights, the table; links: space, region. What derived from the old range is gone when the call returns, whatever changes. With a table, page i of the range comes from region offset (word i & ~4095) with the rights in the low three bits of the word; the table is memory of the importing space at this address.",
        insane_set = { "ADDRESS_OVERLAP", "INVALID_PROT" },
    },
    port = {
        links = true,
        what = "a port: where clients call",
        create = "It has no portset: clients wait.",
        destroy = "References to it name nothing; clients that wait make their call again and get INVALID_DEST.",
        get = "`struct fk_port_state`: hash, alias. Link: portset.",
        set = "The alias, which servers receive with each request; link: portset. Clients that wait at the port do not notice the move; as many of them as servers wait at the new portset meet those at once.",
        restart_destroy = "after each waiting client; from then on the object can only be destroyed",
    },
    portset = {
        what = "a portset: where servers wait",
        create = "",
        destroy = "Servers that wait make their call again and find no object. Its ports stay, without servers.",
        get = "`struct fk_portset_state`: hash.",
        set = "Nothing can be set; the object is checked.",
        restart_destroy = "after each pending port; and after each waiting server or watcher, from when on the object can only be destroyed",
    },
    mutex = {
        links = true,
        what = "a mutex",
        create = "It is free.",
        destroy = "Threads that wait make their call again and find no object.",
        get = "`struct fk_mutex_state`: hash, locked. Link: owner (thread).",
        set = "locked (0 or 1); link: owner. Setting it free passes it to the first that waits; the time of the first that waits goes to the owner that is set.",
        restart_destroy = "after each waiting thread; from then on the object can only be destroyed",
    },
    cond = {
        what = "a condition variable",
        create = "",
        destroy = "Threads that wait come back from their mutex_lock: a condition may wake for no reason.",
        get = "`struct fk_cond_state`: hash.",
        set = "Nothing can be set; the object is checked.",
        restart_destroy = "after each waiting thread; from then on the object can only be destroyed",
    },
    ref = {
        what = "a reference: names one object, or none, and is a capability for it",
        create = "It names nothing.",
        destroy = "The target does not notice.",
        get = "`struct fk_ref_state`: hash and kind of the target; kind FK_DEBUG_KINDS when it names nothing. There is no way from a reference to an address.",
        set = "The reference names nothing afterwards; state and links are not looked at.",
    },
}

text.calls = {
    space_budget = {
        does = "Moves `bytes` of kernel memory from the budget of the caller's space to that of `space`, or back when negative, as far as it is free. Memory is used by whole pages: a page table, or objects of one size that are all charged to this budget.",
        changes = "Both budgets.",
        insane = { "INVALID_BUDGET" },
    },
    space_name = {
        does = "Names the space for debuggers; at most 23 bytes count.",
        changes = "The debug record.",
    },
    thread_self = {
        does = "The address of the caller's own thread object, as its state says (thread_va), if the object is really there.",
        returns = "the address",
        insane = { "THREAD_VA" },
        plain = true,
    },
    thread_interrupt = {
        does = "Posts a software interrupt. If the thread waits and can take it, it stops waiting and runs its handler; it makes its call again afterwards. Otherwise it stays pending.",
        changes = "The pending flag.",
        insane = { "CURRENT_THREAD" },
    },
    thread_handlers = {
        does = "Sets the entry points for exceptions, interrupts and alerts (0 = none), and the stack they begin on (0 = go on with the current one). A handler finds the cause in rax, the address in rcx, the error or access in rdx; the old values are in the saved state; further exceptions are held back.",
        changes = "The caller's handlers. They are charged to the budget that paid for the thread, the first time.",
        returns = "NO_MEMORY",
        insane = { "INVALID_ADDRESS" },
        plain = true,
    },
    thread_enable = {
        does = "Exceptions, interrupts and alerts go to the caller's handlers from now on; what is pending is taken before the next instruction.",
        changes = "The enabled flag.",
        plain = true,
    },
    thread_disable = { does = "Holds interrupts and alerts back; exceptions go to the space's keeper.", changes = "The enabled flag.", plain = true },
    thread_saved_state = { does = "Writes a `struct fk_saved`: what the last delivery to a handler put aside.", insane = { "INVALID_ADDRESS" }, plain = true },
    thread_resume = {
        does = "Returns from a handler: rip, rflags, rsp, rax, rcx, rdx and r11 become what the saved state says, and handlers are enabled. Does not return to its caller.",
        changes = "Those registers, the enabled flag.",
        plain = true,
    },
    thread_schedule = {
        does = "Donates the caller's time to the thread that `ref` names, and along the chain of those it waits for, until the absolute time `ns`, in nanoseconds since boot (FK_FOREVER: no limit). Sensitivity FK_SENSE_BLOCK: come back when nobody in the chain can run; of several donors in the chain that asked for this, the one nearest the chain's end hears first, and the next one only when that one cannot go on either. When the thread ends, the answer is BLOCKED whatever the sensitivity. FK_SENSE_CONFLICT: come back when a message is there for `portset` (0 = none).",
        changes = "The caller waits; OK means that the thread yielded.",
        returns = "TIMEOUT, BLOCKED, CONFLICT",
        insane = { "CURRENT_THREAD", "INVALID_OBJECT", "WRONG_REF" },
        restart = "while waiting: the whole call; the time limit is absolute, so nothing is lost",
    },
    thread_yield = { does = "On donated time, gives it back to the nearest donor, whose thread_schedule returns OK; else lets the next thread of the root space run.", restart = "none", plain = true },
    region_protect = {
        does = "Sets the region's rights and flushes what derives from it. Lowering a right takes it from every mapping below, direct or not.",
        changes = "The region's rights; page tables.",
        insane = { "INVALID_PROT" },
        restart = "rolls forward into settle once the rights are set",
    },
    region_flush = {
        does = "Every page that derives from [offset, offset + size) of the region faults again at the next touch and is looked up afresh.",
        changes = "Page tables; used and written marks are collected first.",
        restart = "rolls forward into settle",
    },
    region_search = {
        does = "Looks for the live object of lowest address in [start, start + size) of the caller's memory and writes a `struct fk_found`. Pages that are not mapped are skipped; pages that a keeper must bring are brought.",
        changes = "rdi and rsi advance over what was searched.",
        returns = "NOT_FOUND",
        insane = { "INVALID_ADDRESS" },
        restart = "between pages",
        plain = true,
    },
    region_info = {
        does = "Collects the used and written marks of everything that derives from `pages` pages at `offset`, and writes a `struct fk_page_info` for each: the epochs in which they were last seen. Nothing is cleared for other owners: compare with the epoch that the call before returned; larger means since then. A mark may be reported though the access came another way; none is missed.",
        changes = "The marks move to the frames; the epoch grows by one. rsi, rdx and r10 advance.",
        returns = "the epoch (greater than 0)",
        restart = "after each page, and while marks are collected for 32 pages at once; bit 63 of rdx says that this is done for the first of them",
    },
    mutex_lock = {
        does = "Waits until the mutex is the caller's. First come, first served; the time of the first that waits goes to the owner.",
        changes = "The mutex is locked, its owner is the caller.",
        insane = { "MUTEX_LOCKED" },
        restart = "while waiting: the whole call, at the end of the line",
    },
    mutex_trylock = { does = "Locks the mutex if it is free.", changes = "As mutex_lock.", returns = "WOULD_BLOCK", insane = { "MUTEX_LOCKED" } },
    mutex_unlock = { does = "Frees the mutex, or hands it to the first that waits.", changes = "The mutex, its owner.", insane = { "MUTEX_NOT_OWNED" } },
    cond_wait = {
        does = "Frees the mutex and waits on the condition, in one step, then locks the mutex. May return for no reason: test the predicate again.",
        changes = "The mutex is free while waiting. rdi becomes the address of the mutex.",
        insane = { "MUTEX_NOT_OWNED" },
        restart = "from the moment the mutex is free, the call in the registers is mutex_lock",
    },
    cond_signal = { does = "Wakes the thread that has waited longest, if there is one." },
    cond_broadcast = { does = "Wakes all that wait.", restart = "after each thread; who was woken stays awake" },
    ref_compare = { does = "Whether two references name the same object; two that name nothing do.", returns = "DIFFERENT" },
    null = { does = "Nothing. The price of a crossing.", plain = true },
    clock_read = { does = "Nanoseconds since boot.", returns = "the time", plain = true },
    clock_wait = { does = "Sleeps until this time since boot.", restart = "while waiting: the whole call; the time is absolute", plain = true },
    console_write = { does = "Writes text to the serial console.", insane = { "NOT_ROOT", "INVALID_ADDRESS" }, changes = "rdi and rsi advance.", restart = "between pieces of 256 bytes", plain = true },
    console_read = { does = "Takes the bytes that the serial console has received, at most 256; never waits.", returns = "their number", insane = { "NOT_ROOT", "INVALID_ADDRESS" }, plain = true },
    console_wait = { does = "Sleeps until the serial console has received a byte that nobody took, or until this time since boot.", returns = "TIMEOUT", insane = { "NOT_ROOT" }, restart = "while waiting: the whole call; the time is absolute", plain = true },
    machine_exit = { does = "Ends the machine: under the simulator with this exit code, under QEMU by its debug-exit device.", returns = "nothing: it does not return", insane = { "NOT_ROOT" }, plain = true },
    settle = {
        does = "Waits until everything that some call took away (region_flush, region_protect, set_state or destroy of a region, mapping or space) is gone from all page tables, whoever called it. Those calls become this one after their commit point.",
        changes = "Page tables.",
        restart = "every few thousand instructions; what is cleared stays so",
        plain = true,
    },
    kernel_debug = { does = "Test hooks, see `enum fk_debug_op`: counts, the invariant checks, injected allocation failures, stress.", returns = "what was asked for", insane = { "NOT_ROOT", "NO_CALL" }, plain = true },
    ipc_send = { does = "One-way: waits until a server of the port takes the message, and goes on. At most FK_IPC_SHORT_REFS references and FK_IPC_SHORT_BYTES of bulk, in as many buffers as FK_IPC_SHORT_ENTRIES entries of the two tables name; what does not fit is dropped silently.", returns = "INVALID_DEST", insane = { "WRONG_REF", "INVALID_MESSAGE" }, restart = "while waiting: the whole call" },
    ipc_call = { does = "Idempotent: sends a request and waits for the reply. When interrupted it is sent again, so the server may see it twice; which reply comes is undefined. At most FK_IPC_SHORT_REFS references and FK_IPC_SHORT_BYTES of bulk each way, in as many buffers as FK_IPC_SHORT_ENTRIES entries of the two tables name; what does not fit is dropped silently.", returns = "INVALID_DEST", insane = { "WRONG_REF", "INVALID_MESSAGE" }, restart = "at any time: the whole call, as a new request" },
    client_alert = { does = "Posts an alert to the server at the other end: its handler for alerts from its client runs. A server that is detached gets it when its place is taken again.", returns = "DISCONNECTED", plain = true },
    server_alert = { does = "Posts an alert to the client at the other end: its handler for alerts from its server runs. A client that is detached gets it when its place is taken again.", returns = "DISCONNECTED", plain = true },
}

-- Stages of calls on a connection, in their order: bit, sentence, errors, the misuse when it is the first stage,
-- other insanities, restart point.
text.stages = {
    { bit = 0x01, name = "ack", does = "takes the line that the peer offers; until it does, what the peer sends is dropped", returns = "DISCONNECTED", misuse = "NOT_RECEIVER", restart = "waits for the peer's over" },
    { bit = 0x02, name = "connect", does = "connects to a server of the port (rdi: a reference to it); an older client connection ends", returns = "INVALID_DEST", insane = "NO_OBJECT, WRONG_TYPE, WRONG_REF", restart = "waits for a server" },
    { bit = 0x04, name = "send", does = "sends the words in the registers, then the bulk bytes and references of the message block; answers an idempotent request", returns = "DISCONNECTED", misuse = "NOT_SENDER", insane = "NO_OBJECT, WRONG_TYPE", restart = "waits for the peer to receive; also after any piece of a page: registers and block say how far it is" },
    { bit = 0x08, name = "over", does = "offers the line to the peer (of a connection: whoever made an idempotent request has had his answer)", returns = "DISCONNECTED", misuse = "NOT_SENDER" },
    { bit = 0x10, name = "disconnect", does = "ends the connection: normally if the caller holds the line, else the peer's next call fails" },
    { bit = 0x20, name = "wait", does = "ends the connection likewise, then waits on the portset (rdi) for any kind of request; rdi becomes the port's alias", insane = "NO_OBJECT, WRONG_TYPE", restart = "waits for a client" },
    { bit = 0x40, name = "receive", does = "receives until the peer says over (FK_TAG_OVER), ends (FK_TAG_END), or has more than fits", returns = "MORE_DATA, MORE_REFS, DISCONNECTED", misuse = "NOT_RECEIVER", insane = "NO_OBJECT, WRONG_TYPE", restart = "waits for data; what has come is in the registers and the block" },
}

return text
