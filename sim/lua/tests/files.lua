-- No way to files, processes, clocks or the debug library.
-- want: 0
-- SPDX-License-Identifier: MIT
for _, name in ipairs { "io", "os", "debug", "package", "dofile", "loadfile" } do assert(_G[name] == nil, name) end
for _, name in ipairs { "write", "reads", "canvas", "parallel", "sha256_file", "make_folder", "cache_folder" } do
    assert(not pcall(function() return flatfish[name] end), name)
end
assert(not pcall(flatfish.machine, { kernel = "x" }))
