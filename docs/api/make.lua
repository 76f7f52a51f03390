-- docs/api/make.lua -- the pages of the kernel calls: frame from abi/fk/syscalls.def, text from text.lua.
-- make.lua SOURCE            writes docs/api/NAME.md, README.md and local.mk of the source tree, and
--                            abi/fk/answers.def: the same lists, for the test that compares them with the kernel
-- make.lua SOURCE --check    writes nothing; fails when a page is not what it would write
-- A call without text, a text without call, or an unknown error name is an error.
-- SPDX-License-Identifier: MIT
local source, check = arg[1] or ".", arg[2] == "--check"
local dir = source .. "/docs/api/"
local text = dofile(dir .. "text.lua")
local problems = {}

local function problem(...)
    problems[#problems + 1] = string.format(...)
end

local function read(path)
    local file = io.open(path, "r")
    if not file then return nil end
    local all = file:read("a")
    file:close()
    return all
end

-- ---- the two lists ----

local errors, insanities = {}, {}
for which, number, name, what in read(source .. "/abi/fk/errors.def"):gmatch(
    "\n(FK_%u+)%((%d+), ([%u_]+), \"([^\"]*)\"%)") do
    (which == "FK_ERROR" and errors or insanities)[name] = what
end

local calls, kinds = {}, {}
local function add(call)
    calls[#calls + 1] = call
end

local common = {
    { 0, "create", "object", "SHORT" }, { 1, "create_hash", "object, hash", "SHORT" },
    { 2, "destroy", "object", "SHORT" }, { 3, "move", "from, to", "SHORT" },
}
for line in read(source .. "/abi/fk/syscalls.def"):gmatch("[^\n]+") do
    local kind, noun = line:match("^FK_COMMON%((%d+), ([%l_]+)%)")
    if kind then
        kinds[#kinds + 1] = noun
        for _, row in ipairs(common) do
            add { number = kind * 32 + row[1], name = noun .. "_" .. row[2], params = row[3], class = row[4], kind = noun, op = row[2] }
        end
    end
    local number, name, class, params = line:match("^FK_CALL%((0x%x+), ([%l_]+), %d, (%u+), \"([^\"]*)\"")
    if number then
        local noun, op = name:match("^(%l+)_([%l_]+)$")
        local shared = op == "reference" or op == "get_state" or op == "set_state"
        add { number = tonumber(number), name = name, params = params, class = class, kind = noun, op = shared and op or nil }
    end
    local side, mask, ipc, ipc_class = line:match("^FK_IPC_CALL%(F?K?_?([CS]?)%(?(0x%x+)%)?, ([%l_]+), (%u+)")
    if mask then
        add { number = 0x200 + tonumber(mask) + (side == "S" and 0x80 or 0), name = ipc, class = ipc_class, ipc = true, stages = side ~= "" and tonumber(mask) or nil }
    end
end

-- ---- text of one call ----

local function sorted(list)
    table.sort(list)
    return list
end

local function of_kind(call)
    local kind, op = text.kinds[call.kind], call.op
    local insane, page = { table.unpack(text.object_insane) }, {}
    if op == "create" or op == "create_hash" then
        page.does = "Makes the memory at `object` " .. kind.what .. ". " .. kind.create ..
            (op == "create_hash" and " Its hash is `hash`, for ever." or " The kernel chooses its hash.")
        page.changes = "A live object; charged to the budget of the caller's space."
        page.returns = "NO_MEMORY"
        insane = { "OBJECT_EXISTS", "NOT_ALIGNED", "INVALID_ADDRESS" }
    elseif op == "destroy" then
        page.does = "Ends it. " .. kind.destroy .. " References to it name nothing."
        page.changes = "The object is gone; its budget is credited."
        page.restart = kind.restart_destroy
    elseif op == "move" then
        page.does = "Gives the live object at `from` the address `to`. Links and references stay."
        page.changes = "The bond to physical memory."
        insane[#insane + 1] = "OBJECT_EXISTS"
    elseif op == "reference" then
        page.does = "Makes the reference object at the second address name " ..
            (call.kind == "ref" and "what the first one names." or "it.")
        page.changes = "The reference."
    elseif op == "get_state" then
        page.does = "Writes its state to `state`, and its links to the reference objects whose addresses are in `links` (0 = not wanted). " .. kind.get
        page.changes = call.kind == "thread" and "The thread is stopped." or "Nothing but what is written."
    else
        page.does = "Sets it. " .. kind.set
        page.changes = "As set."
        page.restart, page.returns = kind.restart_set, kind.returns_set
        if kind.links then insane[#insane + 1] = "WRONG_REF" end
        for _, name in ipairs(kind.insane_set or {}) do insane[#insane + 1] = name end
    end
    if call.kind == "thread" and not op:match("create") and op ~= "reference" then
        insane[#insane + 1] = "CURRENT_THREAD"
    end
    if (call.kind == "thread" or call.kind == "mutex") and op == "set_state" then
        insane[#insane + 1] = "INVALID_STATE"
    end
    page.insane = insane
    return page
end

local function of_stages(call)
    local does, restart, returns = {}, {}, {}
    local insane = { INVALID_MESSAGE = true, NOT_ALIGNED = true, INVALID_ADDRESS = true }
    for _, stage in ipairs(text.stages) do
        if call.stages & stage.bit ~= 0 then
            -- a later stage has what it needs, but after an idempotent request there is nobody to offer the line to
            local request = stage.name == "over" and call.number & 0x80 ~= 0
            if stage.misuse and (#does == 0 or request) then insane[stage.misuse] = true end
            does[#does + 1] = string.format("%d. **%s**: %s.", #does + 1, stage.name, stage.does)
            if stage.restart then restart[#restart + 1] = stage.name .. ": " .. stage.restart end
            for name in (stage.returns or ""):gmatch("[%u_]+") do returns[name] = true end
            for name in (stage.insane or ""):gmatch("[%u_]+") do insane[name] = true end
        end
    end
    local names = {}
    for name in pairs(returns) do names[#names + 1] = name end
    local raised = {}
    for name in pairs(insane) do raised[#raised + 1] = name end
    return {
        does = "On the " .. (call.number & 0x80 ~= 0 and "server's" or "client's") ..
            " end of a connection, in this order:\n\n" .. table.concat(does, "\n"),
        changes = "Finished stages are cleared in rax, so the call left in the registers is the one that does the rest.",
        returns = table.concat(sorted(names), ", "),
        insane = sorted(raised),
        restart = #restart > 0 and table.concat(restart, "; ") or nil,
    }
end

local function page_of(call)
    if call.stages and call.number < 0x300 then return of_stages(call) end
    if call.op then return of_kind(call) end
    local page = text.calls[call.name]
    if not page then
        problem("no text for %s", call.name)
        return { does = "" }
    end
    page.used = true
    return page
end

-- ---- writing ----

local function explain(names, list, what)
    local lines = {}
    for name in names:gmatch("[%u_]+") do
        if not list[name] then problem("%s: no such name", name) end
        lines[#lines + 1] = string.format("- `%s%s`: %s", what, name, list[name] or "?")
    end
    return table.concat(lines, "\n")
end

local classes = {
    TRIVIAL = "trivial: always completes", SHORT = "short: completes at once, after a page fault if need be",
    LONG = "long: may sleep", STAGED = "multi-stage: may sleep between stages",
}

local answers = { "/* abi/fk/answers.def -- what each kernel call can answer and raise; written by docs/api/make.lua from the",
    " * text of the pages. t_answers compares it with the kernel.",
    " * FK_ANSWERS(NAME, errors, insanities): E(NAME) and I(NAME) of errors.def, in a row. FK_ANSWERS_VALUE(NAME,",
    " * insanities): it answers with a number. SPDX-License-Identifier: MIT */" }

local function list_answers(call, words, insane)
    local errors_of, insanities_of = {}, {}
    for name in (words or ""):gmatch("[%u_]+") do errors_of[#errors_of + 1] = " E(" .. name .. ")" end
    for _, name in ipairs(insane) do insanities_of[#insanities_of + 1] = " I(" .. name .. ")" end
    if words and not words:match("^[%u_, ]+$") then
        answers[#answers + 1] = string.format("FK_ANSWERS_VALUE(%s,%s)", call.name, table.concat(insanities_of))
    else
        answers[#answers + 1] = string.format("FK_ANSWERS(%s, E(OK)%s,%s)", call.name, table.concat(errors_of),
            table.concat(insanities_of))
    end
end

local function write_page(call)
    local page = page_of(call)
    local insane = page.insane or {}
    if not page.plain and not call.stages and not call.op then
        insane = { table.unpack(insane) }
        for _, name in ipairs(text.object_insane) do insane[#insane + 1] = name end
    end
    local params = call.ipc and "struct fk_ipc *" or call.params
    local out = {
        "# " .. call.name, "",
        "## Synopsis", "",
        string.format("    long fk_%s(%s)      number 0x%03x, %s", call.name, params, call.number, classes[call.class]), "",
        "## Description", "", page.does, "",
        "## State changes", "", page.changes or "None.", "",
        "## Returns", "",
    }
    local words = page.returns
    if words and words:match("^[%u_, ]+$") then
        out[#out + 1] = "- `FK_OK`: done\n" .. explain(words, errors, "FK_")
    elseif words then
        out[#out + 1] = words:sub(1, 1):upper() .. words:sub(2) .. "."
    else
        out[#out + 1] = "- `FK_OK`: done"
    end
    local seen, names = {}, {}
    for _, name in ipairs(insane) do
        if not seen[name] then names[#names + 1] = name end
        seen[name] = true
    end
    list_answers(call, words, names)
    out[#out + 1] = "\n## Insanities\n"
    out[#out + 1] = #names > 0 and explain(table.concat(names, " "), insanities, "FK_INSANE_") or "None."
    out[#out + 1] = "\n## Restart points\n"
    out[#out + 1] = page.restart and (page.restart:sub(1, 1):upper() .. page.restart:sub(2) .. ".") or
        "Before the commit point: a page fault makes the call begin again. None after it."
    return table.concat(out, "\n") .. "\n"
end

local files = {}
for _, call in ipairs(calls) do
    files[call.name .. ".md"] = write_page(call)
end
for name, page in pairs(text.calls) do
    if not page.used then problem("text for %s, which is no call", name) end
end

local index = { "# docs/api/", "",
    "A page per kernel call, in one form. The frame comes from `abi/fk/syscalls.def`, the text from",
    "`text.lua`; `lua5.4 docs/api/make.lua .` writes the pages, and `make check` compares them.", "",
    "**Registers.** rax holds the number, then the answer; rdi, rsi, rdx, r10 the arguments, in the order of the",
    "synopsis; rcx and r11 are lost. All others, the arguments too, are as before, unless a page says that they advance.",
    "While a call is not finished rip is on its `syscall` instruction, and the registers hold the call that does the",
    "rest: so it is found by get_state, by a handler that interrupts it, and by one that is told of an insanity.", "",
    "**Messages.** rbx says how many words are sent, and afterwards what has come (`FK_TAG_*`); the words are rdx, r8,",
    "r9, r10, r12-r15, of which a receiver loses just those that came; rsi is the message block, which is advanced, or 0;",
    "rdi becomes the port's alias when a server gets a request. A receive without a send before it begins with 0 words",
    "in rbx: what is counted there has come already. `abi/fk/ipc.h` has all of it.", "",
    "**Memory.** An object can be used through memory that can be read; to change, move or destroy it takes memory that",
    "can be written, and so do all calls on mutexes and conds but their get_state, get_state of a thread, which stops it,",
    "message blocks, and references that are filled. Where memory is missing the call is a page fault like any other,",
    "and begins again.", "",
    string.format("%d calls:", #calls), "" }
for _, call in ipairs(calls) do
    index[#index + 1] = string.format("- [%s](%s.md)", call.name, call.name)
end
answers[#answers + 1] = "#undef FK_ANSWERS\n#undef FK_ANSWERS_VALUE"
files["../../abi/fk/answers.def"] = table.concat(answers, "\n") .. "\n"
files["README.md"] = table.concat(index, "\n") .. "\n"

local names = {}
for name in pairs(files) do names[#names + 1] = name end
local make = { "# docs/api/local.mk -- written by make.lua: the pages of the kernel calls.", "# SPDX-License-Identifier: MIT",
    "EXTRA_DIST += docs/api/make.lua docs/api/text.lua docs/api/check.sh" }
for _, name in ipairs(sorted(names)) do
    if name:sub(1, 1) ~= "." then make[#make + 1] = "EXTRA_DIST += docs/api/" .. name end
end
make[#make + 1] = "TESTS += docs/api/check.sh"
files["local.mk"] = table.concat(make, "\n") .. "\n"

for name, content in pairs(files) do
    if check then
        if read(dir .. name) ~= content then problem("docs/api/%s is stale: run docs/api/make.lua", name) end
    else
        local file = assert(io.open(dir .. name, "w"))
        file:write(content)
        file:close()
    end
end
for _, line in ipairs(problems) do io.stderr:write("docs/api: ", line, "\n") end
print(string.format("%d pages, %d problems", #calls, #problems))
os.exit(#problems == 0 and 0 or 1)
