/* kernel/core/tree.c -- adding to and removing from a balanced search tree. Invariant: a left child
 * is one level below its parent, a right child is below it or at its level, a right grandchild is
 * below it; so no path is longer than twice the level of the root, and the recursion neither.
 * Called for the mappings of a space.
 * SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include "kernel/core/tree.h"

static bool before(const struct tree *a, const struct tree *b)
{
    return a->key < b->key || (a->key == b->key && a < b);
}

static unsigned level_of(const struct tree *node)
{
    return node ? node->level : 0;
}

/* A left child at its parent's level becomes the parent. */
static struct tree *turn_right(struct tree *node)
{
    struct tree *left = node ? node->left : NULL;
    if (!left || left->level != node->level)
        return node;
    node->left = left->right;
    left->right = node;
    return left;
}

/* Of three in a row at one level, the one in the middle rises. */
static struct tree *turn_left(struct tree *node)
{
    struct tree *right = node ? node->right : NULL;
    if (!right || level_of(right->right) != node->level)
        return node;
    node->right = right->left;
    right->left = node;
    right->level++;
    return right;
}

static struct tree *add(struct tree *at, struct tree *node)
{
    if (!at)
        return node;
    if (before(node, at))
        at->left = add(at->left, node);
    else
        at->right = add(at->right, node);
    return turn_left(turn_right(at));
}

void tree_add(struct tree **root, struct tree *node)
{
    node->left = node->right = NULL;
    node->level = 1;
    *root = add(*root, node);
}

/* Something below has become lower. */
static struct tree *settle(struct tree *at)
{
    unsigned left = level_of(at->left), right = level_of(at->right);
    unsigned most = (left < right ? left : right) + 1;
    if (most < at->level) {
        at->level = most;
        if (right > most)
            at->right->level = most;
    }
    at = turn_right(at);
    at->right = turn_right(at->right);
    if (at->right)
        at->right->right = turn_right(at->right->right);
    at = turn_left(at);
    at->right = turn_left(at->right);
    return at;
}

static struct tree *take_first(struct tree *at, struct tree **first)
{
    if (!at->left) {
        *first = at;
        return at->right;
    }
    at->left = take_first(at->left, first);
    return settle(at);
}

/* What has no left child has at most one to its right, which takes its place. */
static struct tree *without(struct tree *at, struct tree *node)
{
    struct tree *next;
    if (at != node) {
        struct tree **side = before(node, at) ? &at->left : &at->right;
        *side = without(*side, node);
        return settle(at);
    }
    if (!at->left)
        return at->right;
    struct tree *right = take_first(at->right, &next);
    *next = (struct tree){at->left, right, next->key, at->level};
    return settle(next);
}

void tree_remove(struct tree **root, struct tree *node)
{
    *root = without(*root, node);
}
