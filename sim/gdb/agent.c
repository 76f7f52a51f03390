/* sim/gdb/agent.c -- GDB's agent expressions: a stack machine over 64-bit numbers, for conditions.
 * The bytecode comes from outside: every step checks its operands, jumps lead only into the code,
 * and a number of steps ends it. Floating point and tracing are not offered.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/gdb/target.h"

enum { DEPTH = 128, STEPS = 100000 };

enum op {
    OP_ADD = 0x02,
    OP_SUB,
    OP_MUL,
    OP_DIV_SIGNED,
    OP_DIV,
    OP_REM_SIGNED,
    OP_REM,
    OP_LSH,
    OP_RSH_SIGNED,
    OP_RSH,
    OP_LOG_NOT = 0x0e,
    OP_AND,
    OP_OR,
    OP_XOR,
    OP_NOT,
    OP_EQUAL,
    OP_LESS_SIGNED,
    OP_LESS,
    OP_EXT,
    OP_REF8,
    OP_REF16,
    OP_REF32,
    OP_REF64,
    OP_IF_GOTO = 0x20,
    OP_GOTO,
    OP_CONST8,
    OP_CONST16,
    OP_CONST32,
    OP_CONST64,
    OP_REG,
    OP_END,
    OP_DUP,
    OP_POP,
    OP_ZERO_EXT,
    OP_SWAP,
    OP_PICK = 0x32,
    OP_ROT
};

struct machine {
    const uint8_t *code;
    size_t n, at;
    struct id id;
    uint64_t stack[DEPTH];
    unsigned depth;
    bool broken; /* something that cannot be done */
};

static uint64_t pop(struct machine *m)
{
    m->broken = m->broken || m->depth == 0;
    return m->broken ? 0 : m->stack[--m->depth];
}

static void push(struct machine *m, uint64_t n)
{
    m->broken = m->broken || m->depth == DEPTH;
    if (!m->broken)
        m->stack[m->depth++] = n;
}

/* A number in the code, most significant byte first. */
static uint64_t operand(struct machine *m, unsigned bytes)
{
    uint64_t n = 0;

    m->broken = m->broken || m->n - m->at < bytes;
    for (unsigned i = 0; !m->broken && i < bytes; i++)
        n = n << 8 | m->code[m->at++];
    return n;
}

static uint64_t extend(uint64_t n, unsigned bits, bool sign)
{
    uint64_t mask = bits >= 64 ? UINT64_MAX : (1ull << bits) - 1;

    n &= mask;
    return sign && bits && bits < 64 && n >> (bits - 1) & 1 ? n | ~mask : n;
}

static uint64_t divide(struct machine *m, enum op op, uint64_t a, uint64_t b)
{
    int64_t x = (int64_t)a, y = (int64_t)b;

    if (b == 0 || (b == UINT64_MAX && x == INT64_MIN)) {
        m->broken = true;
        return 0;
    }
    switch (op) {
    case OP_DIV_SIGNED:
        return (uint64_t)(x / y);
    case OP_REM_SIGNED:
        return (uint64_t)(x % y);
    case OP_DIV:
        return a / b;
    default:
        return a % b;
    }
}

static uint64_t shift(enum op op, uint64_t a, uint64_t by)
{
    if (op == OP_RSH_SIGNED)
        return (uint64_t)((int64_t)a >> (by < 63 ? by : 63));
    if (by > 63)
        return 0;
    return op == OP_LSH ? a << by : a >> by;
}

static uint64_t binary(struct machine *m, enum op op, uint64_t a, uint64_t b)
{
    switch (op) {
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_LSH:
    case OP_RSH:
    case OP_RSH_SIGNED:
        return shift(op, a, b);
    case OP_AND:
        return a & b;
    case OP_OR:
        return a | b;
    case OP_XOR:
        return a ^ b;
    case OP_EQUAL:
        return a == b;
    case OP_LESS_SIGNED:
        return (int64_t)a < (int64_t)b;
    case OP_LESS:
        return a < b;
    default:
        return divide(m, op, a, b);
    }
}

static void fetch(struct machine *m, unsigned bytes)
{
    uint64_t n = 0, at = pop(m);

    m->broken = m->broken || target_read(m->id.pid, at, &n, bytes) != bytes;
    push(m, n);
}

static void fetch_register(struct machine *m, uint64_t number)
{
    uint8_t value[16];
    uint64_t n = 0;
    unsigned bytes = number < register_count() ? register_bytes((unsigned)number) : 0;

    m->broken = m->broken || !bytes || bytes > 8 || !register_get(m->id, (unsigned)number, value);
    if (!m->broken)
        memcpy(&n, value, bytes);
    push(m, n);
}

static void jump(struct machine *m, bool taken)
{
    uint64_t to = operand(m, 2);

    m->broken = m->broken || (taken && to >= m->n);
    if (taken && !m->broken)
        m->at = (size_t)to;
}

static void pick(struct machine *m, uint64_t below)
{
    m->broken = m->broken || below >= m->depth;
    push(m, m->broken ? 0 : m->stack[m->depth - 1 - below]);
}

/* a b c => c a b, c on top at first. */
static void rotate(struct machine *m)
{
    uint64_t c = pop(m), b = pop(m), a = pop(m);

    push(m, c);
    push(m, a);
    push(m, b);
}

static void swap(struct machine *m)
{
    uint64_t b = pop(m), a = pop(m);

    push(m, b);
    push(m, a);
}

static void arithmetic(struct machine *m, enum op op)
{
    uint64_t b = pop(m), a = pop(m);

    push(m, binary(m, op, a, b));
}

/* False at the end. */
static bool step(struct machine *m)
{
    enum op op = (enum op)operand(m, 1);

    switch (op) {
    case OP_END:
        return false;
    case OP_CONST8:
    case OP_CONST16:
    case OP_CONST32:
    case OP_CONST64:
        push(m, operand(m, 1u << (op - OP_CONST8)));
        break;
    case OP_REF8:
    case OP_REF16:
    case OP_REF32:
    case OP_REF64:
        fetch(m, 1u << (op - OP_REF8));
        break;
    case OP_REG:
        fetch_register(m, operand(m, 2));
        break;
    case OP_EXT:
    case OP_ZERO_EXT: {
        unsigned bits = (unsigned)operand(m, 1);
        push(m, extend(pop(m), bits, op == OP_EXT));
        break;
    }
    case OP_LOG_NOT:
        push(m, !pop(m));
        break;
    case OP_NOT:
        push(m, ~pop(m));
        break;
    case OP_IF_GOTO:
        jump(m, pop(m) != 0);
        break;
    case OP_GOTO:
        jump(m, true);
        break;
    case OP_DUP:
        pick(m, 0);
        break;
    case OP_POP:
        pop(m);
        break;
    case OP_SWAP:
        swap(m);
        break;
    case OP_PICK:
        pick(m, operand(m, 1));
        break;
    case OP_ROT:
        rotate(m);
        break;
    default:
        if ((op >= OP_ADD && op <= OP_RSH) || (op >= OP_AND && op <= OP_LESS))
            arithmetic(m, op);
        else
            m->broken = true;
    }
    return !m->broken;
}

static bool one_true(const uint8_t *code, size_t n, struct id id)
{
    struct machine m = {.code = code, .n = n, .id = id};
    unsigned steps = 0;

    while (step(&m) && ++steps < STEPS)
        ;
    return m.broken || steps == STEPS || pop(&m) != 0;
}

/* The conditions stand one behind the other, a length of two bytes before each: any will do. */
bool agent_true(const uint8_t *code, size_t n, struct id id)
{
    for (size_t at = 0; n - at >= 2;) {
        size_t length = code[at] | (size_t)code[at + 1] << 8;
        if (length > n - at - 2 || one_true(code + at + 2, length, id))
            return true;
        at += 2 + length;
    }
    return false;
}
