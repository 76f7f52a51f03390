/* sim/snap/file.c -- the whole machine in a file, and back in another process of the same build.
 *
 * File: struct head; the configuration as text; the stream of image.h; the SHA-256 of all before.
 * The machine's memory holds addresses of code and of itself, so a file is good for one build only:
 * the head names it. The hash is checked before a byte of the machine is touched.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "sim/core/input.h"
#include "sim/core/machine.h"
#include "sim/core/shim.h"
#include "sim/output.h"
#include "sim/snap.h"
#include "sim/snap/image.h"

#define MAGIC      "FFSNAP1"
#define CPU_MAX    64
#define PATH_BYTES 4096

struct head {
    char magic[8];
    uint8_t build[32]; /* SHA-256 of the program's build id */
    uint32_t mem_mib, pc;
    uint64_t ips;
    char cpu[CPU_MAX];
    char disk[PATH_BYTES], cdrom[PATH_BYTES], kernel[PATH_BYTES];
};

struct file {
    FILE *f;
    struct sha256_ctx hash;
};

static int note_of(struct dl_phdr_info *info, size_t size, void *out)
{
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE) {
            struct sha256_ctx h;
            sha256_init(&h);
            sha256_update(&h, info->dlpi_phdr[i].p_memsz,
                          (const uint8_t *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr));
            sha256_digest(&h, 32, out);
            memcpy((uint8_t *)out + 24, &info->dlpi_addr, 8); /* where it was loaded, too */
        }
    return 1; /* the first object is the program itself */
}

static int put_file(void *ctx, void *bytes, size_t n)
{
    struct file *to = ctx;
    sha256_update(&to->hash, n, bytes);
    return fwrite(bytes, 1, n, to->f) == n ? 0 : -1;
}

static int get_file(void *ctx, void *bytes, size_t n)
{
    return fread(bytes, 1, n, ((struct file *)ctx)->f) == n ? 0 : -1;
}

static struct sim_config config_now; /* of the machine that stands */
static char config_text[4][PATH_BYTES];

static const char *keep(unsigned i, const char *text)
{
    if (!text)
        return NULL;
    snprintf(config_text[i], PATH_BYTES, "%s", text);
    return config_text[i];
}

void snap_config(const struct sim_config *config)
{
    config_now = *config;
    config_now.kernel = keep(0, config->kernel);
    config_now.disk = keep(1, config->disk);
    config_now.cdrom = keep(2, config->cdrom);
    config_now.cpu = keep(3, config->cpu);
}

static void copy(char *to, size_t max, const char *from)
{
    snprintf(to, max, "%s", from ? from : "");
}

static void head_fill(struct head *h)
{
    memset(h, 0, sizeof *h);
    memcpy(h->magic, MAGIC, sizeof MAGIC);
    dl_iterate_phdr(note_of, h->build);
    h->mem_mib = config_now.mem_mib;
    h->pc = config_now.pc;
    h->ips = config_now.ips;
    copy(h->cpu, sizeof h->cpu, config_now.cpu);
    copy(h->disk, sizeof h->disk, config_now.disk);
    copy(h->cdrom, sizeof h->cdrom, config_now.cdrom);
    copy(h->kernel, sizeof h->kernel, config_now.kernel);
}

/* A device that was named as a file stays. */
static void discard(const char *path)
{
    if (!sim_output_straight(path))
        remove(path);
}

int sim_save(const char *path)
{
    struct file to = {fopen(path, sim_output_straight(path) ? "ab" : "wb"), {{0}, 0, 0, {0}}};
    struct head head;
    uint8_t sum[32];
    if (!to.f)
        return sim_fail("cannot write %s: %s", path, strerror(errno));
    sha256_init(&to.hash);
    head_fill(&head);
    machine_leave_present();
    int bad = put_file(&to, &head, sizeof head) < 0 || image_send(put_file, &to) < 0;
    sha256_digest(&to.hash, sizeof sum, sum);
    bad |= fwrite(sum, 1, sizeof sum, to.f) != sizeof sum;
    bad |= fclose(to.f) != 0;
    if (!bad)
        return 0;
    int err = errno;
    discard(path);
    return sim_fail("cannot write %s: %s; nothing was kept: make room or name another file", path,
                    strerror(err));
}

/* Leaves the file behind the head. */
static int head_check(FILE *f, const char *path, struct head *head)
{
    uint8_t build[32] = {0};
    if (fread(head, 1, sizeof *head, f) != sizeof *head || memcmp(head->magic, MAGIC, sizeof MAGIC))
        return sim_fail("%s is no saved machine: make one with --save", path);
    dl_iterate_phdr(note_of, build);
    if (memcmp(build, head->build, sizeof build) != 0)
        return sim_fail("%s was saved by another build of Flatfish: use the same program", path);
    head->cpu[CPU_MAX - 1] = head->disk[PATH_BYTES - 1] = 0;
    head->cdrom[PATH_BYTES - 1] = head->kernel[PATH_BYTES - 1] = 0;
    return 0;
}

static int sum_check(FILE *f, const char *path)
{
    struct sha256_ctx h;
    uint8_t sum[32], want[32], *buf = malloc(1 << 20);
    long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    sha256_init(&h);
    rewind(f);
    for (long left = size - 32; buf && left > 0;) {
        size_t part = left < 1 << 20 ? (size_t)left : 1 << 20;
        if (fread(buf, 1, part, f) != part)
            break;
        sha256_update(&h, part, buf);
        left -= (long)part;
    }
    free(buf);
    sha256_digest(&h, sizeof sum, sum);
    if (size < 32 || fread(want, 1, 32, f) != 32 || memcmp(sum, want, 32) != 0)
        return sim_fail("%s is damaged or cut short: nothing was started", path);
    return fseek(f, sizeof(struct head), SEEK_SET);
}

static const char *given(const char *text)
{
    return *text ? text : NULL;
}

static int resume_from(FILE *f, const char *path, const struct sim_config *config)
{
    static struct head head;
    struct file from = {f, {{0}, 0, 0, {0}}};
    if (head_check(f, path, &head) < 0 || sum_check(f, path) < 0)
        return -1;
    struct sim_config c = *config;
    c.kernel = NULL;
    c.mem_mib = head.mem_mib;
    c.pc = head.pc;
    c.ips = head.ips;
    c.cpu = given(head.cpu);
    c.disk = given(head.disk);
    c.cdrom = given(head.cdrom);
    if (machine_make_empty(&c, given(head.kernel)) < 0)
        return -1;
    if (image_receive(get_file, &from) < 0)
        return sim_fail("%s cannot be taken in: it does not fit this machine", path);
    bxs_resumed();
    input_resumed();
    machine_restored();
    return 0;
}

int sim_resume(const char *path, const struct sim_config *config)
{
    struct stat st;
    /* A pipe would make us wait, and cannot be read twice. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "rb");
    if (!f)
        return sim_fail("cannot read %s: %s; name a file that --save made", path, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        fclose(f);
        return sim_fail("%s is no saved machine: make one with --save", path);
    }
    int result = resume_from(f, path, config);
    fclose(f);
    return result;
}
