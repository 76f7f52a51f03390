/* sim/lua/confine.c -- a program that may see little of the host: its folder, in which it may do
 * what it likes, and what it is told to read and execute. By the kernel's Landlock, which asks for
 * no privilege; where a kernel has none the program runs unconfined, so whoever calls it must not
 * rely on this alone. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim/lua/host.h"

/* Rights by the version of the interface that brought them; headers may be older than the kernel.
 */
#define RIGHTS_1 ((UINT64_C(1) << 13) - 1)
#define REFER    (UINT64_C(1) << 13)
#define TRUNCATE (UINT64_C(1) << 14)

#define READS                                                                                      \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define A_FILE                                                                                     \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |   \
     TRUNCATE)

/* What is not there cannot be allowed, and need not be. */
static void allow(int rules, const char *path, uint64_t rights)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0)
        return;
    struct landlock_path_beneath_attr beneath = {
        .allowed_access = S_ISDIR(st.st_mode) ? rights : rights & A_FILE, .parent_fd = fd};
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    close(fd);
}

void confine(const char *folder, char *const *reads)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    uint64_t all = RIGHTS_1 | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0);
    struct landlock_ruleset_attr attr = {.handled_access_fs = all};
    int rules;

    if (version < 1)
        return;
    rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr.handled_access_fs, 0);
    if (rules < 0)
        return;
    allow(rules, folder, all);
    allow(rules, "/dev/null", all & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE);
    for (; *reads; reads++)
        allow(rules, *reads, READS);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
}
