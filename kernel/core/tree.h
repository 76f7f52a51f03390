/* kernel/core/tree.h -- the kernel's one search tree: balanced (after A. Andersson), through a
 * member of what is linked. Its depth is at most twice the logarithm of what is in it, whoever
 * chose the keys and their order. Equal keys are told apart by address. SPDX-License-Identifier:
 * MIT */
#ifndef KERNEL_CORE_TREE_H
#define KERNEL_CORE_TREE_H

#include <stddef.h>
#include <stdint.h>

/* level: 1 without children; a left child is one level below, a right one at most one. */
struct tree {
    struct tree *left, *right;
    uint64_t key;
    unsigned level;
};

#define TREE_OF(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

void tree_add(struct tree **root, struct tree *node);
void tree_remove(struct tree **root, struct tree *node);

#endif
