-- monitors/tests/cases.lua -- what the suite runs on each machine: nest, arguments, what must be
-- printed after the kernel's greeting (same = as this other nest prints, like = by this pattern,
-- any_order = the lines sorted), exit code, memory in MiB. Programs of this folder are there, too.
-- SPDX-License-Identifier: MIT
-- A checkpoint whose file is damaged on the way.
local function spoilt(how, what)
    return { nest = "[ckpt(to=x,at=5000000,stop=1)/compute(n=100000), spoil(from=x,to=y," .. how ..
        "), ckpt(restore=y,wait=4000000000)/compute(n=100000)]", code = 1,
        print = "ckpt: y: " .. what .. "; nothing was started\n" }
end

local cases = {
    { nest = "hello", print = "Hello, world\n" },
    { nest = "hello", args = "a bb", print = "Hello, world\nargument 1: a\nargument 2: bb\n" },
    { nest = "hello(x=1)", args = "y", print = "Hello, world\nargument 1: x=1\nargument 2: y\n" },
    { nest = "null/hello", same = "hello" },
    { nest = "null*64/hello", same = "hello" },
    { nest = "null*8/compute(n=20000)", same = "compute(n=20000)" },
    { nest = "skel/null/skel/hello", same = "hello" },
    { nest = "[hello, null/[hello, null*2/hello]]", print = ("Hello, world\n"):rep(3) },
    { nest = "null*20/hello", memory = 64, same = "hello" },
    -- one line each for what cannot be
    { nest = "nosuch", like = "^kserver: nosuch: there is no program of this name; there are .*, hello,.*\n$",
      code = 127 },
    { nest = "null*2/nosuch", like = "^null: nosuch: there is no program of this name; there are .*\n$", code = 127 },
    { nest = "null/cat", input = "onx\\177e\\r\\ntwo\\n\\004",
      print = "onx\b \be\none\n\n\ntwo\ntwo\n" },
    { nest = "null/cat", input = "one\\ntwo", print = "one\none\ntwotwo" }, -- the input's own end
    { nest = "null/[cat, null/cat]", print = "" }, -- for each who reads
    { nest = "procmgr/sh", input = "echo hi | cat\\n", like = "hi\n" },
    { nest = "null/helo", print = "null: helo: there is no program of this name; did you mean hello?\n", code = 127 },
    { nest = "nul/hello", print = "kserver: nul: there is no program of this name; did you mean null?\n", code = 127 },
    { nest = "null", print = "null: nothing to run below it; write null/PROGRAM\n", code = 1 },
    { nest = "compute(n=x)", print = "compute: n=x is not a number; write n=N, N may end in k, m or g\n",
      code = 1 },
    { nest = "null/hello/hello", print = "hello: it runs nothing below it, so nothing can stand behind hello/\n",
      code = 1 },
    { nest = "skel(x=1)/hello", code = 1, like = "^skel: 'x=1' is no option of it%. Options, written " ..
      "skel%(key=value,...%)/PROGRAM:\n  memory=BYTES .*\n$" },
    { nest = "pager(frame=16)/hello", code = 1, like = "^pager: 'frame=16' is no option of it%. .*\n  frames=64 .*\n$" },
    { nest = "tracer(memory=1m,to=x)/hello", same = "hello" },
    { nest = "null(cpu=1001)/hello", code = 1,
      print = "null: cpu=1001 is out of range; write thousandths of the CPU, 1 to 1000\n" },
    -- the workloads
    { nest = "memtest(mib=1)", print = "memtest: 1 MiB, 5 passes, 0 words wrong, checksum f6a337cfc70bf268\n" },
    { nest = "null*3/memtest(mib=1)", same = "memtest(mib=1)" },
    { nest = "readtest(kib=32)", print = "readtest: 32 KiB, 4 times, 0 wrong, checksum 97f51ddc6ba0bdbc\n" },
    { nest = "null*3/readtest(kib=32,map=1)", same = "readtest(kib=32)" },
    { nest = "null/allocation(steps=2000)", print = "allocation: 2000 blocks, 400 regions, 0 wrong, checksum 3a2c7df38bf345ef\n" },
    { nest = "null/ipcbench(calls=200)", print = "ipcbench: 800 calls of 4 kinds, 0 wrong\n" },
    { nest = "null*3/appel1", print = "appel1: 100 pages, 1000 traps, 0 wrong\n" },
    { nest = "null*3/appel2", print = "appel2: 100 pages, 1000 traps, 0 wrong\n" },
    { nest = "forktest", print = "forktest: this nest has no process manager; put procmgr/ before forktest\n",
      code = 1 },
    { nest = "memtest(mib=0)", code = 2, print = "memtest: mib=0 is out of range\n" ..
      "memtest: walks through memory. Options, written key=value:\n" ..
      "  mib=4  memory to walk through, in MiB (1 to 1024)\n" ..
      "  passes=4  how often, besides the first time (1 to 1000000000)\n" },
    -- the tracer, and what goes through it
    { nest = "tracer(only=clock+console)/hello", print = "hello: clock.offset() = OK nanoseconds=0\n" ..
      "Hello, world\nhello: console.write(data=13:\"Hello, world\\n\") = OK\n" },
    { nest = 'tracer(to="/log")/ipcbench(calls=200)', same = "ipcbench(calls=200)" },
    { nest = 'tracer(to="/a")/tracer(to="/b")/readtest(kib=32)', same = "readtest(kib=32)" },
    { nest = 'tracer(to="/a")/null/tracer(to="/b")/allocation', same = "allocation" },
    { nest = "tracer(only=any)/hello", code = 1, print = "tracer: only=any: no protocol is called that; there are " ..
      "parent, process, mempool, filesystem, file, console, clock, scheduler, joined by +\n" },
    { nest = 'tracer(to="/log")/rogue(do=garbage)', print = "held\n" },
    { nest = 'tracer(to="/log")/rogue(do=capabilities)', print = "held\n" },
    { nest = 'tracer(to="/log")/[hello, hello, tracer(to="/log2")/hello]', print = ("Hello, world\n"):rep(3) },
    { nest = 'tracer(to="/log")/[null/rogue(do=fault), compute(n=1000)]', code = 142, any_order = true,
      print = "null: rogue ended: no memory to write at 0x8, instruction 0x400000\n" ..
      "primes below 1000: 168\nsorted sum: daee9c30eba6deea\n" },
    -- the border: what a child must not be able to do
    { nest = "null/rogue(do=root)", print = "held\n" },
    { nest = "null/rogue(do=look)", print = "held\n" },
    { nest = "null/rogue(do=capabilities)", print = "held\n" },
    { nest = "null/rogue(do=garbage)", print = "held\n" },
    { nest = "[rogue(do=garbage), hello]", print = "Hello, world\nheld\n", any_order = true },
    { nest = "null/rogue(do=code)", code = 142, like = "^held\nnull: rogue ended: no memory to write at 0x%x+, " ..
      "instruction 0x%x+\n$" },
    -- who dies takes what is below along, and nothing else
    { nest = "null/rogue(do=fault)", code = 142,
      like = "^null: rogue ended: no memory to write at 0x8, instruction 0x%x+\n$" },
    { nest = "null/rogue(do=divide)", code = 128, like = "^null: rogue ended: exception 0, instruction 0x%x+\n$" },
    { nest = "null/rogue(do=misuse)", code = 129,
      like = "^null: rogue ended: misused a kernel call %(insanity 1%), instruction 0x%x+\n$" },
    { nest = "null/rogue(do=recurse)", code = 142,
      like = "^null: rogue ended: no memory to write at 0x3eeff8, instruction 0x%x+\n$" },
    { nest = "[null/null/rogue(do=fault), null/compute(n=1000)]", code = 142, any_order = true,
      like = "^null: rogue ended:[^\n]*\nprimes below 1000: 168\nsorted sum: daee9c30eba6deea\n$" },
    { nest = "[null/dying/compute(n=1000000), compute(n=1000)]", code = 142, any_order = true,
      like = "^null: dying ended: [^\n]*\nprimes below 1000: 168\nsorted sum: daee9c30eba6deea\n$" },
    -- who holds his Parent port, or every port that he has, ends all the same
    { nest = "rogue(do=parent,ms=30)", print = "" },
    { nest = "pager/rogue(do=parent,ms=30)", print = "" },
    { nest = "null*2/rogue(do=hold)", print = "" },
    { nest = "null/rogue(do=parent,holders=60)", print = "" },
    { nest = "null/rogue(do=late,ms=6000)", print = "refused\n" },
    { nest = "[procmgr/rogue(do=hold,ms=500), hello]", print = "Hello, world\n" },
    { nest = "[rogue(do=hold,ms=3000), null/hello]", print = "Hello, world\n" },
    { nest = "null/[rogue(do=hold,ms=3000), null/hello]", print = "Hello, world\n" },
    -- who waits for the root is not starved by others of its own subtree, who compute or ask as well
    { nest = "asker", print = "answers came in time\n" },
    { nest = "null*2/asker(large=2,spin=0)", same = "asker" },
    { nest = "null/asker(large=8,most=1500,ms=3000)", same = "asker" }, -- more than serve
    { nest = "[null/asker(large=3,most=400), rogue(do=spin,ms=600)]", same = "asker" },
    -- budgets: a child that ate its own can still say so, and its sibling has its own
    { nest = "null(memory=2m)/rogue(do=memory)", print = "ate memory\n" },
    { nest = "null(objects=200k)/rogue(do=objects)", print = "ate objects\n" },
    { nest = "null(memory=2m)/rogue(do=heap)", print = "ate the heap\n" },
    { nest = "null(memory=2m)/rogue(do=pools)", print = "ate pools\n" },
    { nest = "null(objects=200k)/rogue(do=threads)", print = "ate threads\n" },
    { nest = "null(files=300k)/rogue(do=files)", print = "ate files: out of memory\n" },
    { nest = "null(files=300k)/rogue(do=names)", print = "ate names\n" },
    { nest = "null(files=300k,cpu=900)/rogue(do=views)", print = "ate views and groups\n" },
    { nest = "null(files=1m)/rogue(do=descriptors)", print = "ate descriptors\n" },
    { nest = "null(memory=100k)/compute", code = 1, print = "program: cannot begin: out of memory\n" },
    { nest = "null(memory=300k)/compute", code = 1, print = "compute: out of memory\n" },
    { nest = "null(memory=20k)/hello", code = 127, print = "null: hello cannot be started: out of memory\n" },
    { nest = "null(objects=8k)/hello", code = 127,
      print = "null: hello: not enough kernel memory; run with more memory\n" },
    { nest = "null(objects=90000k)/hello", code = 127,
      print = "null: hello: not enough kernel memory; run with more memory\n" },
    -- proxies
    { nest = "between/hello", print = "Hello, world\nboth ways: yes\n" },
    { nest = "between/rogue(do=garbage)", print = "held\nboth ways: yes\n" },
    { nest = "between/between/hello", print = "Hello, world\nboth ways: yes\nboth ways: yes, files too\n" },
    -- pager: memory that is not there all at once
    { nest = "pager/hello", same = "hello" },
    { nest = "pager/pooltest", same = "pooltest" },
    { nest = "pager(frames=16,policy=fifo)/pooltest", same = "pooltest" },
    { nest = "pager(frames=16,policy=lru,replay=1)/pooltest", same = "pooltest" },
    { nest = "pager(frames=24,policy=order,store=pages)/null/pooltest", same = "pooltest" },
    { nest = "pager(frames=70)/pager(frames=24)/pooltest", same = "pooltest" },
    { nest = "pager(frames=100)/null*8/pooltest", same = "pooltest" },
    { nest = "null*8/pager(frames=20)/pooltest", same = "pooltest" },
    { nest = "pager(frames=48)/pager(frames=32)/compute(n=20000)", same = "compute(n=20000)" },
    { nest = "pager*3/compute(n=20000)", same = "compute(n=20000)" },
    { nest = "pager(frames=40)/[null/hello, pager(frames=16)/hello, hello]",
      print = ("Hello, world\n"):rep(3) },
    { nest = "pager(frames=16)/pooltest(hold=40)", code = 137,
      print = "pager: pooltest ended: all frames hold kernel objects; run it with more frames\n" },
    { nest = "pager(frames=40)/[pooltest(hold=100), null/hello]", code = 137, any_order = true,
      print = "Hello, world\npager: pooltest ended: all frames hold kernel objects; run it with more " ..
          "frames\n" },
    { nest = "pager(frames=300)/procmgr(procs=64)/proctest", code = 137, like = "^cat: /nosuch: no such file or directory\n" ..
      "pager: procmgr ended: [^\n]*; run it with [^\n]*\n$" },
    { nest = "pager(frames=600)/procmgr(procs=64)/proctest", same = "procmgr/proctest" },
    -- too few for one call, and exactly enough: the line says how many
    { nest = "pager(frames=5,policy=fifo)/compute(n=2000)", same = "compute(n=2000)" },
    { nest = "pager(frames=9)/ipcbench(calls=20)", print = "ipcbench: 80 calls of 4 kinds, 0 wrong\n" },
    { nest = "pager(frames=10)/pooltest", same = "pooltest" },
    { nest = "pager(frames=13)/null/hello", same = "hello" },
    { nest = "pager(policy=x)/hello", code = 1,
      print = "pager: policy=x is none that it knows; write fifo, clock, lru or order\n" },
    { nest = "pager(store=s)*2/hello", code = 1,
      print = "pager: store s: it is there already; choose another name with store=FILE\n" },
    { nest = "pager(frames=4000000,size=64g)/hello", code = 1,
      print = "pager: frames=4000000 cannot work; write a number from 5 to 1048576\n" },
    { nest = "pager(frames=4)/hello", code = 1,
      print = "pager: frames=4 cannot work; write a number from 5 to 1048576\n" },
    -- who passes messages on has pages that went meanwhile: the pager needs the server that answers
    { nest = "pager(frames=300,policy=fifo)/between/ckpt(to=c,at=1000000000000,size=16m,objects=6m)/null*10/hello",
      memory = 512, print = "Hello, world\nboth ways: yes, files too\n" },
    -- ckpt: saved, destroyed, and restored elsewhere
    { nest = "ckpt(to=x,at=5000000)/compute(n=100000)", same = "compute(n=100000)" },
    { nest = "ckpt(to=x,at=2000000,every=10000000)/null/compute(n=100000)", same = "compute(n=100000)" },
    { nest = "[ckpt(to=x,at=5000000,stop=1)/null/compute(n=100000), " ..
      "null*2/ckpt(restore=x,wait=4000000000)/null/compute(n=100000)]", same = "compute(n=100000)" },
    { nest = "ckpt(to=x,at=3000000,every=1,size=1m)/compute(n=20000)", same = "compute(n=20000)" },
    { nest = "ckpt/hello", code = 1,
      print = "ckpt: what shall it do? Write to=FILE and at=NANOSECONDS, or restore=FILE\n" },
    { nest = "ckpt(to=x)/[hello, hello]", code = 1,
      print = "ckpt: it saves one child; write ckpt(...)/null/[...]\n" },
    { nest = "ckpt(restore=x)/hello", code = 1, print = "ckpt: x: there is no such file; nothing was started\n" },
    { nest = 'ckpt(restore="/bin/hello")/hello', code = 1,
      print = "ckpt: /bin/hello: it is no checkpoint, or not complete; nothing was started\n" },
    { nest = "[ckpt(to=x,at=5000000,stop=1)/compute(n=100000), ckpt(restore=x,wait=4000000000)/compute(n=100001)]",
      code = 1, print = "ckpt: x: it was made of another nest than stands here; nothing was started\n" },
    { nest = "ckpt(to=x,at=1000000000000)/readtest(kib=8,open=1)", same = "readtest(kib=8,open=1)" },
    { nest = "[ckpt(to=x,at=5000000,stop=1)/readtest(kib=64,times=400), " ..
      "null/ckpt(restore=x,wait=4000000000)/readtest(kib=64,times=400)]", same = "readtest(kib=64,times=400)" },
    -- all memory moves between two checkpoints, and a copy of the checkpointer comes and goes
    { nest = "[procmgr/ckpt(to=x,at=50000000,every=400000000,size=4m,objects=2m)/moved(write=80,end=1500), " ..
      "spoil(from=x,to=y,at=700000000), procmgr/ckpt(restore=y,wait=4000000000,size=4m,objects=2m)/moved(write=80,end=1500)]",
      print = ("moved: 0 words wrong\n"):rep(2), memory = 512 },
    spoilt("flip=20", "it is damaged"),      -- the header
    spoilt("flip=9000", "it is damaged"),    -- a page
    spoilt("flip=2102000", "it is damaged"), -- what describes the objects
    spoilt("cut=1", "it is cut off"),
    spoilt("cut=100000", "it is cut off"),
    -- processes
    { nest = "procmgr/hello", same = "hello" },
    { nest = "procmgr/forktest", print = "forktest: 1 trees of 15 processes, 0 wrong\n" },
    { nest = "procmgr/procmgr/forktest", same = "procmgr/forktest" },
    { nest = "pager(frames=400)/procmgr/forktest", same = "procmgr/forktest" },
    { nest = 'tracer(to="/log")/procmgr/forktest', same = "procmgr/forktest" },
    { nest = "procmgr/null/forktest", same = "procmgr/forktest" },
    { nest = 'procmgr/skel/tracer(to="/log")/null/forktest', same = "procmgr/forktest" },
    { nest = "procmgr/pager(frames=24)/null/forktest(kib=128)", same = "procmgr/forktest" }, -- a store for each
    { nest = "pager(frames=600)/procmgr/ckpt(to=c,at=1000000000000,size=4m,objects=2m)/forktest(depth=2)",
      memory = 512, print = "forktest: 1 trees of 7 processes, 0 wrong\n" },
    { nest = 'procmgr/null/sh(c="mk; hello | cat")', print = "mk: 7 targets made, checksum 638c5ff6b0ea4d67, right\nHello, world\n" },
    { nest = "procmgr/null(files=1m,memory=4m)/null/forktest", same = "procmgr/forktest" },
    { nest = "procmgr/null/[mk, null/forktest]", memory = 512, code = 1, like = "forktest: fork: not allowed\n" },
    { nest = "null(objects=3m)/procmgr/forktest(depth=0)", print = "forktest: 1 trees of 1 processes, 0 wrong\n" },
    { nest = "null(objects=3m)/procmgr/forktest(depth=1)", print = "forktest: fork: out of kernel objects\n", code = 1 },
    { nest = "null*8/procmgr/mk", print = "mk: 7 targets made, checksum 638c5ff6b0ea4d67, right\n" },
    -- somebody below waits for the keyboard: what hangs between it and a copy cannot be doubled
    { nest = "procmgr/null/moved(keys=1)", print = "moved: fork: in use\nmoved: 0 words wrong\n" },
    { nest = "procmgr/moved(keys=1)", print = "moved: 0 words wrong\n" },
    { nest = "procmgr/pager(frames=64)/memtest(mib=1)", same = "memtest(mib=1)" },
    { nest = 'procmgr/sh(c="echo hi | cat; hello > /x; cat < /x; echo b >> /x; cat /x | cat | cat; exit 7")', code = 7,
      print = "hi\nHello, world\nHello, world\nb\n" },
    { nest = 'procmgr/sh(c="nosuch 2>/e; echo a >&2; echo b 3>/o >&3; cat /e /o; hello && echo yes || echo no; ' ..
      'cat /nosuch 2>&1 | cat >/x && echo no || echo yes; cat /x; cat <&- || echo closed; kill -TERM 1")',
      code = 143, print = "a\nsh: nosuch: no such file or directory\nb\nHello, world\nyes\nno\n" ..
      "cat: /nosuch: no such file or directory\ncat: not allowed\nclosed\n" },
    { nest = 'procmgr/sh(c="echo 2>&x")', code = 2,
      print = "sh: character 9: the number of a descriptor, or -, should follow &\n" },
    { nest = 'procmgr/sh(c="cat & wait; echo ended")', print = "[2]\nended\n" }, -- nothing to read behind its back
    { nest = 'procmgr/sh(c="mk; forktest depth=1; nosuch; hello & wait; ps")', code = 0,
      print = "mk: 7 targets made, checksum 638c5ff6b0ea4d67, right\nforktest: 1 trees of 3 processes, 0 wrong\n" ..
      "sh: nosuch: no such file or directory\n[14]\nHello, world\n   1    0 sh\n" },
    { nest = "procmgr/proctest", print = "cat: /nosuch: no such file or directory\nproctest: 0 wrong\n" },
    { nest = "null*2/procmgr(procs=9)/procmgr/proctest", same = "procmgr/proctest" },
}

-- One frame less than is enough for each of these.
for program, enough in pairs { ["readtest(kib=32)"] = 6, ["ipcbench(calls=20)"] = 9, pooltest = 10, ["null/hello"] = 13 } do
    cases[#cases + 1] = { nest = ("pager(frames=%d)/%s"):format(enough - 1, program), code = 137,
        like = ("pager: %s ended: it cannot go on with so few frames; run it with frames=%d or more\n$"):format(
            program:match("^%w+"), enough) }
end

-- Programs that are damaged, each in one way (damaged.lua makes them).
for name in ("short empty text machine headers count entry offset size address high"):gmatch("%w+") do
    cases[#cases + 1] = { nest = "null/" .. name .. ".bad", code = 127,
        print = ("null: %s.bad cannot be started: not a program for this machine\n"):format(name) }
end
return cases
