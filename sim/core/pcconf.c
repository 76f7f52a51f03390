/* sim/core/pcconf.c -- makes the configuration lines; see pcconf.h.
 * Every line was tried for what it is there for: to start at once, to ask nobody anything, to be
 * silent, and to be the same machine each time.
 * SPDX-License-Identifier: MIT */
#include "sim/core/pcconf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR    512
#define CD_SECTOR 2048

/* Where Debian's releases put them. A file of that name in the data folder comes first. */
static const char *const bios_paths[] = {
    "/usr/share/bochs/BIOS-bochs-latest", "/usr/share/bochsbios/BIOS-bochs-latest",
    "/usr/lib/bochs/BIOS-bochs-latest", "/usr/local/share/bochs/BIOS-bochs-latest", NULL};
static const char *const vgabios_paths[] = {"/usr/share/vgabios/vgabios.bin",
                                            "/usr/share/bochs/VGABIOS-lgpl-latest",
                                            "/usr/share/bochs/VGABIOS-lgpl-latest.bin",
                                            "/usr/share/vgabios/vgabios.stdvga.bin",
                                            "/usr/local/share/bochs/VGABIOS-lgpl-latest.bin",
                                            NULL};

__attribute__((format(printf, 2, 3))) static void add(struct pcconf *p, const char *format, ...)
{
    char *at = p->text + p->used;
    size_t room = sizeof p->text - p->used;
    va_list args;

    va_start(args, format);
    int n = vsnprintf(at, room, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= room || p->n == PCCONF_LINES)
        return; /* cannot be: the lines are ours, and a test counts them */
    p->lines[p->n++] = at;
    p->used += n + 1;
}

static int open_in(const char *dir, const char *name)
{
    char path[PATH_MAX];

    if (!dir || snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        return -1;
    return open(path, O_RDONLY | O_CLOEXEC);
}

static int open_firmware(const char *dir, const char *const *paths, const char *what,
                         const char *package)
{
    int fd = open_in(dir, strrchr(paths[0], '/') + 1);

    for (; fd < 0 && *paths; paths++)
        fd = open(*paths, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        sim_fail("PC mode needs a %s, and none is installed: install the package %s", what,
                 package);
    return fd;
}

/* The data folder is the installed one, flat, or a build tree. */
static int open_own_rom(const char *dir, const char *name)
{
    char built[64];
    int fd = open_in(dir, name);

    snprintf(built, sizeof built, "sim/firmware/%s", name);
    if (fd < 0)
        fd = open_in(dir, built);
    if (fd < 0)
        sim_fail("no %s in the data folder %s: build or install Flatfish again", name,
                 dir ? dir : "(none)");
    return fd;
}

/* An image is a file (or a block device) of at least one whole sector and no broken one. */
static int open_image(const char *path, const char *option, unsigned sector)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return sim_fail("%s: cannot read %s: %s", option, path, strerror(errno));
    off_t size = lseek(fd, 0, SEEK_END);
    if (fstat(fd, &st) != 0 || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) || size < 0)
        sim_fail("%s: %s is not a file or block device: name a raw image", option, path);
    else if (size == 0)
        sim_fail("%s: %s is empty: name an image with something to boot", option, path);
    else if (size % sector)
        sim_fail(
            "%s: the size of %s, %lld bytes, is no multiple of %u: it is cut off, or no raw image",
            option, path, (long long)size, sector);
    else
        return fd;
    close(fd);
    return -1;
}

/* What both machines share. sync=none and a VGA clock in simulated time: no host time anywhere. */
static void add_common(struct pcconf *p, const struct sim_config *c)
{
    add(p, "config_interface: textconfig");
    add(p, "display_library: nogui");
    add(p, "cpu: model=%s, count=1, ips=%llu, reset_on_triple_fault=0",
        c->cpu ? c->cpu : PCCONF_CPU, c->ips ? (unsigned long long)c->ips : PCCONF_IPS);
    add(p, "memory: guest=%u", c->mem_mib); /* the overlay sets `host` to the same */
    add(p, "clock: sync=none, rtc_sync=0, time0=%u", PCCONF_TIME0);
    add(p, "romimage: file=/proc/self/fd/%d, options=fastboot", p->rom);
    add(p, "vgaromimage: file=/proc/self/fd/%d", p->vgarom);
    add(p, "port_e9_hack: enabled=1");
    add(p, "mouse: enabled=0");
    add(p, "panic: action=fatal");
    add(p, "error: action=%s", c->log_path ? "report" : "ignore");
    add(p, "info: action=%s", c->log_path ? "report" : "ignore");
    add(p, "debug: action=ignore");
    if (!c->log_path)
        add(p, "log: /dev/null");
}

/* The bare machine: CPU, memory, interrupt controllers, timer. The serial port is Flatfish's. */
static void add_direct(struct pcconf *p)
{
    add(p, "plugin_ctrl: unmapped=1, biosdev=0, speaker=0, extfpuirq=1, parallel=0, serial=0");
    add(p, "pci: enabled=0");
    add(p, "vga: extension=none, update_freq=1, realtime=0, ddc=disabled");
    add(p, "ata0: enabled=0");
    add(p, "ata1: enabled=0");
    add(p, "boot: disk");
}

/* The disk's mode does not matter: sim/bochs/disk.cc serves every one. */
static void add_pc(struct pcconf *p)
{
    add(p, "plugin_ctrl: unmapped=1, biosdev=1, speaker=0, extfpuirq=1, parallel=0, serial=0");
    add(p, "pci: enabled=1, chipset=i440fx");
    add(p, "vga: extension=vbe, update_freq=1, realtime=0, ddc=disabled");
    add(p, "ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14");
    add(p, "ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15");
    if (p->disk >= 0)
        add(p, "ata0-master: type=disk, mode=flat, path=/proc/self/fd/%d", p->disk);
    if (p->cdrom >= 0)
        add(p, "ata1-master: type=cdrom, path=/proc/self/fd/%d, status=inserted", p->cdrom);
    add(p, "boot: %s", p->disk < 0 ? "cdrom" : p->cdrom < 0 ? "disk" : "disk, cdrom");
}

static int open_direct(struct pcconf *p, const struct sim_config *c)
{
    if ((p->rom = open_own_rom(c->data_dir, "boot.rom")) < 0 ||
        (p->vgarom = open_own_rom(c->data_dir, "vga.rom")) < 0)
        return -1;
    return 0;
}

static int open_pc(struct pcconf *p, const struct sim_config *c)
{
    if (!c->disk && !c->cdrom)
        return sim_fail("PC mode has nothing to boot: give --disk IMAGE or --cdrom ISO");
    if (c->disk && (p->disk = open_image(c->disk, "--disk", SECTOR)) < 0)
        return -1;
    if (c->cdrom && (p->cdrom = open_image(c->cdrom, "--cdrom", CD_SECTOR)) < 0)
        return -1;
    p->rom = open_firmware(c->data_dir, bios_paths, "PC BIOS", "bochsbios");
    if (p->rom < 0)
        return -1;
    p->vgarom = open_firmware(c->data_dir, vgabios_paths, "VGA BIOS", "vgabios");
    return p->vgarom < 0 ? -1 : 0;
}

/* The only text of a user's that enters a line: names of CPU models are plain words. */
static int check_cpu(const char *cpu)
{
    if (cpu &&
        (!*cpu || strlen(cpu) > 64 || cpu[strspn(cpu, "abcdefghijklmnopqrstuvwxyz0123456789_")]))
        return sim_mistake("no CPU model \"%.64s\": try --cpu %s", cpu, PCCONF_CPU);
    return 0;
}

int pcconf_make(struct pcconf *p, const struct sim_config *config)
{
    p->n = p->used = 0;
    p->rom = p->vgarom = p->disk = p->cdrom = -1;
    if (check_cpu(config->cpu) != 0)
        return -1;
    if ((config->pc ? open_pc : open_direct)(p, config) != 0) {
        pcconf_free(p);
        return -1;
    }
    add_common(p, config);
    if (config->pc)
        add_pc(p);
    else
        add_direct(p);
    return 0;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void pcconf_free(struct pcconf *p)
{
    close_one(&p->rom);
    close_one(&p->vgarom);
    close_one(&p->disk);
    close_one(&p->cdrom);
}
