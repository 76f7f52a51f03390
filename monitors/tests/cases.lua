-- monitors/tests/cases.lua -- what the suite runs on each machine: nest, arguments, what must be
-- printed after the kernel's greeting (same = as this other nest prints), exit code, memory in MiB.
-- SPDX-License-Identifier: MIT
return {
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
    { nest = "nosuch", print = "kserver: nosuch: there is no program of this name\n", code = 127 },
    { nest = "null*2/nosuch", print = "null: nosuch: there is no program of this name\n", code = 127 },
    { nest = "null", print = "null: nothing to run below it; write null/PROGRAM\n", code = 1 },
    { nest = "compute(n=x)", print = "compute: n=x is not a number; write n=N, N may end in k, m or g\n",
      code = 1 },
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
      "  passes=4  how often, besides the first time (1 to 1000)\n" },
    -- the tracer, and what goes through it
    { nest = "tracer(only=clock+console)/hello", print = "hello: clock.offset() = OK nanoseconds=0\n" ..
      "Hello, world\nhello: console.write(data=13:\"Hello, world\\n\") = OK\n" },
    { nest = 'tracer(to="/log")/ipcbench(calls=200)', same = "ipcbench(calls=200)" },
    { nest = 'tracer(to="/a")/tracer(to="/b")/readtest(kib=32)', same = "readtest(kib=32)" },
    { nest = 'tracer(to="/a")/null/tracer(to="/b")/allocation', same = "allocation" },
    { nest = "tracer(only=any)/hello", code = 1, print = "tracer: only=any: no protocol is called that; there are " ..
      "parent, process, mempool, filesystem, file, console, clock, scheduler, joined by +\n" },
}
