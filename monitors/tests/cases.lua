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
}
