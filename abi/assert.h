/* abi/assert.h -- one static assertion for every dialect that reads abi/: C11, C17, C++17.
 * From assembler it expands to nothing.
 * SPDX-License-Identifier: MIT */
#ifndef ABI_ASSERT_H
#define ABI_ASSERT_H
#if defined(__ASSEMBLER__)
#define ABI_ASSERT(cond, text)
#elif defined(__cplusplus)
#define ABI_ASSERT(cond, text) static_assert(cond, text)
#else
#define ABI_ASSERT(cond, text) _Static_assert(cond, text)
#endif
#endif
