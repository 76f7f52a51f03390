/* kernel/core/list.h -- the kernel's one list: circular, doubly linked, through a member of what is
 * linked. The head is a link like the others, so adding and removing need no case of their own.
 * An object initialises its heads when it is created. SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_LIST_H
#define KERNEL_CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next, *prev;
};

#define LIST_OF(link, type, member) ((type *)((char *)(link)-offsetof(type, member)))
/* NULL = the list is empty. */
#define LIST_FIRST(head, type, member)                                                             \
    (list_empty(head) ? NULL : LIST_OF((head)->next, type, member))
#define LIST_EACH(at, head, type, member)                                                          \
    for (type *at = LIST_OF((head)->next, type, member); &at->member != (head);                    \
         at = LIST_OF(at->member.next, type, member))

static inline void list_init(struct list *head)
{
    head->next = head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
    return head->next == head;
}

static inline void list_add_after(struct list *before, struct list *link)
{
    link->next = before->next;
    link->prev = before;
    before->next->prev = link;
    before->next = link;
}

/* At the end. */
static inline void list_append(struct list *head, struct list *link)
{
    list_add_after(head->prev, link);
}

static inline void list_remove(struct list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
}

#endif
