-- sources.lua: every price of every model that comes with us has a source, and no source is of nothing.
flatfish.no_machine = true
for name in io.popen("cd '" .. flatfish.scripts .. "/cost' && ls *.lua"):lines() do
    local model = dofile(flatfish.scripts .. "/cost/" .. name)
    local want = { instruction = true }
    for kind in pairs(model.event) do want[kind] = true end
    for class in pairs(model.class) do want["class." .. class] = true end
    for _, group in ipairs { "tlb", "cache" } do
        want[group .. ".sizes"] = true
        for key, value in pairs(model[group]) do
            if type(value) == "number" then want[group .. "." .. key] = true end
        end
    end
    for key in pairs(want) do
        local source = model.source[key]
        assert(type(source) == "string" and #source > 10 and source ~= "estimate", name .. ": " .. key .. " has no source")
    end
    for key in pairs(model.source) do assert(want[key], name .. ": a source of nothing: " .. key) end
end
