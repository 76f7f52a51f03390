---@meta flatfish
-- lua-scripts/flatfish.meta.lua -- annotations for editors (LuaCATS): what a script can call.
-- Never run. Explanations and examples: docs/lua.md. SPDX-License-Identifier: MIT

---@class flatfish.Event fields of an event, valid in its call-back only
---@field kind string
---@field reason string
---@field number integer
---@field icount integer
---@field addr integer
---@field page integer
---@field symbol string
---@field vector integer
---@field error integer
---@field call string
---@field from string
---@field to string
---@field from_user boolean
---@field to_user boolean
---@field level integer
---@field from_level integer
---@field to_level integer
---@field space string
---@field behalf string
---@field behalf_level integer
---@field from_index integer
---@field to_index integer
---@field behalf_index integer
---@field thread integer
---@field label string
---@field copy fun(self: flatfish.Event): table

---@class flatfish.Hook
---@field off fun(self: flatfish.Hook)

---@class flatfish.Count
---@field rows fun(self: flatfish.Count): table[]
---@field total fun(self: flatfish.Count): integer
---@field clear fun(self: flatfish.Count)
---@field stop fun(self: flatfish.Count)

---@class flatfish.Memory
---@field read fun(self: flatfish.Memory, va: integer, n: integer): string?, string?
---@field write fun(self: flatfish.Memory, va: integer, bytes: string): boolean?, string?
---@field u8 fun(self: flatfish.Memory, va: integer, value?: integer): integer?, string?
---@field u16 fun(self: flatfish.Memory, va: integer, value?: integer): integer?, string?
---@field u32 fun(self: flatfish.Memory, va: integer, value?: integer): integer?, string?
---@field u64 fun(self: flatfish.Memory, va: integer, value?: integer): integer?, string?
---@field string fun(self: flatfish.Memory, va: integer): string?, string?

---@class flatfish.Space
---@field name string
---@field level integer
---@field id integer
---@field index integer
---@field cr3 integer
---@field live boolean
---@field parent flatfish.Space?
---@field children flatfish.Space[]
---@field image string?
---@field mem flatfish.Memory
---@field walk fun(self: flatfish.Space, va: integer): table
---@field threads fun(self: flatfish.Space): table[]
---@field regions fun(self: flatfish.Space): table[]
---@field mappings fun(self: flatfish.Space): table[]
---@field ports fun(self: flatfish.Space): table[]

---@class flatfish.Nest
---@field find fun(self: flatfish.Nest, name: string): flatfish.Space?, string?
---@field list fun(self: flatfish.Nest, dead?: boolean): flatfish.Space[]
---@field tree fun(self: flatfish.Nest): string

---@class flatfish.Canvas
---@field line fun(self: flatfish.Canvas, x1: number, y1: number, x2: number, y2: number, width?: number, dash?: integer, grey?: number)
---@field polyline fun(self: flatfish.Canvas, points: number[], style: integer, dash?: integer)
---@field mark fun(self: flatfish.Canvas, x: number, y: number, shape: integer)
---@field fill fun(self: flatfish.Canvas, x: number, y: number, w: number, h: number, style: integer)
---@field shade fun(self: flatfish.Canvas, x: number, y: number, w: number, h: number, value: number)
---@field box fun(self: flatfish.Canvas, x: number, y: number, w: number, h: number)
---@field text fun(self: flatfish.Canvas, x: number, y: number, text: string, size?: number, side?: string, angle?: number, bold?: boolean, light?: boolean)
---@field extent fun(self: flatfish.Canvas, text: string, size?: number, bold?: boolean): integer, integer
---@field finish fun(self: flatfish.Canvas): boolean?, string?

flatfish = {}

---@param event string
---@param where table|fun(e: flatfish.Event)
---@param fn? fun(e: flatfish.Event)
---@return flatfish.Hook
function flatfish.on(event, where, fn) end

---@param place string|integer
---@param fn fun(e: flatfish.Event)
---@return flatfish.Hook
function flatfish.probe(place, fn) end

---@param place string|integer
---@param bytes integer
---@param how "r"|"w"|"rw"
---@param fn fun(e: flatfish.Event)
---@return flatfish.Hook
function flatfish.watch(place, bytes, how, fn) end

---@param count integer
---@param fn fun(count: integer)
---@return flatfish.Hook
function flatfish.at(count, fn) end

---@param n integer
---@param fn fun(count: integer)
---@return flatfish.Hook
function flatfish.every(n, fn) end

---@param options {by?: string[], event?: string, where?: table, sum?: "stay"}
---@return flatfish.Count
function flatfish.count(options) end

---@param options {of?: string, by?: string[], event?: string, where?: table}
---@return flatfish.Count
function flatfish.histogram(options) end

---@return table[] rows, integer sum
function flatfish.charge() end

---@param on boolean
function flatfish.account(on) end

---@alias flatfish.TlbSize {entries: integer, ways: integer}
---@alias flatfish.CacheSize {bytes: integer, ways: integer, line: integer}
---@param options? false|{tlb?: {data?: flatfish.TlbSize, code?: flatfish.TlbSize}, cache?: {data?: flatfish.CacheSize, code?: flatfish.CacheSize, second?: flatfish.CacheSize}}
function flatfish.observe(options) end

---@return table[] rows
function flatfish.observed() end

---@return table<string, integer>
function flatfish.events() end

---What there is of these, as a list.
---@param what "event"|"field"|"class"
---@return string[]
function flatfish.names(what) end

---@return flatfish.Nest
function flatfish.nest() end

---@param name? string|flatfish.Space
---@return flatfish.Space
function flatfish.space(name) end

---The space on whose behalf the machine works.
---@return flatfish.Space
function flatfish.behalf() end

---Tables and pictures: lua-scripts/lib/report.lua.
flatfish.report = require "lib.report"

---Sweeps: lua-scripts/lib/experiment.lua.
flatfish.experiment = require "lib.experiment"

---@param space flatfish.Space|string
---@return flatfish.Memory
function flatfish.memory(space) end

---@type flatfish.Memory
flatfish.phys = nil

---@type table<string, integer>
flatfish.regs = {}

---@param space flatfish.Space|string
---@param va integer
---@return table
function flatfish.walk(space, va) end

---@param space? flatfish.Space|string
---@return table[]
function flatfish.threads(space) end

---@param space? flatfish.Space|string
---@return table[]
function flatfish.regions(space) end

---@param space? flatfish.Space|string
---@return table[]
function flatfish.mappings(space) end

---@param space? flatfish.Space|string
---@return table[]
function flatfish.ports(space) end

---@return {tag: integer, words: integer[], kind: string?, protocol: string?, operation: string?}
function flatfish.message() end

---Of a kernel call.
---@param number integer
---@return {name: string, params: string[]}?
function flatfish.call(number) end

---The name of what a kernel call answered.
---@param n integer
---@return string?
function flatfish.answer(n) end

---@return string mode, integer privilege
function flatfish.mode() end

---@param place string
---@return integer?, string?
function flatfish.address(place) end

---@param address integer
---@param space? flatfish.Space|string
---@return string?, string?
function flatfish.symbol(address, space) end

---@param address integer
---@param space? flatfish.Space|string
---@return string?, string?
function flatfish.line(address, space) end

---@return string
function flatfish.where() end

---@param config table
---@return boolean?, string?
function flatfish.machine(config) end

---@return string
function flatfish.console() end

---@param kind "guest"|"kernel"
---@param name string
---@return string?, string?
function flatfish.path(kind, name) end

---@param n? integer|{to: integer}
---@return string why, integer icount
function flatfish.run(n) end

---@param n? integer
---@return string why, integer icount
function flatfish.step(n) end

---@param where? table
---@return table?, string?
function flatfish.step_crossing(where) end

---@param count integer
---@return boolean?, string?
function flatfish.goto_(count) end

---@return integer?, string?
function flatfish.snapshot() end

---@param max integer
---@param mib? integer
---@return boolean?, string?
function flatfish.snapshots(max, mib) end

---@param code? integer
function flatfish.stop(code) end

---@param code? integer
function flatfish.quit(code) end

---@param text string
---@param ticks? integer
---@return boolean?, string?
function flatfish.input(text, ticks) end

---@return integer
function flatfish.icount() end

---@return integer
function flatfish.ticks() end

---@return integer
function flatfish.exit_code() end

---@param options {path: string, width: number, height: number}
---@return flatfish.Canvas?, string?
function flatfish.canvas(options) end

---@param n integer
---@param jobs integer
---@param work fun(i: integer): string
---@param done fun(i: integer, text: string?, message: string?)
---@return boolean whole
function flatfish.parallel(n, jobs, work, done) end

---@param text string
---@return string
function flatfish.sha256(text) end

---@param path string
---@return string?, string?
function flatfish.sha256_file(path) end

---@param path string
function flatfish.reads(path) end

---@param path string
---@param text string
---@return boolean?, string?
function flatfish.write(path, text) end

---@param path string
---@return boolean?, string?
function flatfish.make_folder(path) end

---@return string
function flatfish.cache_folder() end

--- A program with limits, without our environment or input. `request` holds its words and folder, seconds (CPU), memory and file (MiB),
--- output (bytes kept), reads (a list: all it may see of the host besides folder).
---@param request table
---@return integer? code exit code, or 128 + signal; nil: it could not be started
---@return string said
function flatfish.spawn(request) end

--- A file that may lie anywhere: nil and why when it is a link, a device, a pipe, or larger than `most` bytes.
---@param path string
---@param most integer
---@return string? text
---@return string? why
function flatfish.plain_file(path, most) end

--- What is in a folder, by name, without hidden files: { name, kind = "file"|"folder"|"link"|"other", bytes }.
---@param path string
---@return table[]?
---@return string? why
function flatfish.list_folder(path) end

--- A new folder of our own; whoever asks removes it.
---@return string? path
---@return string? why
function flatfish.temp_folder() end

--- With all in it; links in it, not what they name.
---@param path string
---@return boolean? removed
---@return string? why
function flatfish.remove_folder(path) end

---@return boolean
function flatfish.terminal() end

---@param text string
function flatfish.say(text) end

---@type boolean
flatfish.sandbox = false

---@type {jobs: integer, csv: string?, fresh: boolean, machine: string?}
flatfish.settings = nil

---@type string
flatfish.scripts = nil
