-- A call-back at the end of a run cannot drive the machine, as no other can.
-- want: 0 drove nothing
-- SPDX-License-Identifier: MIT
flatfish.snapshot()
flatfish.on("crossing", function(e) return e.kind end)
flatfish.on("finish", function()
    local at = flatfish.icount()
    for _, name in ipairs { "run", "step", "goto_", "step_crossing", "snapshot" } do
        local good, said = pcall(flatfish[name], name == "goto_" and 100 or nil)
        assert(not good and said:find("cannot drive"), name)
    end
    assert(flatfish.icount() == at)
    print("drove nothing")
end)
