-- Looking changes nothing: counts, probes, call-backs and reads leave the run as it was.
-- want: 0 exit%s+(%d+)
-- SPDX-License-Identifier: MIT
flatfish.count { by = { "reason", "addr" } }
flatfish.histogram { of = "gap", by = { "kind" } }
flatfish.probe(0x100100, function(e) return flatfish.phys:read(0x100000, 64), e.symbol end)
flatfish.on("any", function(e) return e:copy() end)
print(flatfish.run())
