/* sim/tests/t_pcconf.c -- property: a configuration becomes lines that hold nothing a user wrote
 * but a checked CPU name, or one error that says what is wrong; and no file stays open.
 * SPDX-License-Identifier: MIT */
#include "sim/core/pcconf.h"
#include "sim/tests/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/t_pcconf.XXXXXX";
static char path[4][128];

static const char *make_file(unsigned slot, const char *name, off_t size)
{
    snprintf(path[slot], sizeof path[slot], "%s/%s", dir, name);
    int fd = open(path[slot], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && ftruncate(fd, size) == 0);
    close(fd);
    return path[slot];
}

static unsigned open_files(void)
{
    unsigned n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    closedir(d);
    return n;
}

static bool has(const struct pcconf *c, const char *text)
{
    for (size_t i = 0; i < c->n; i++)
        if (strstr(c->lines[i], text))
            return true;
    return false;
}

static bool refused(const struct sim_config *config, const char *why)
{
    struct pcconf c;
    unsigned before = open_files();
    int result = pcconf_make(&c, config);
    bool said = result < 0 && strstr(sim_error(), why) && !strchr(sim_error(), '\n');
    if (!said)
        fprintf(stderr, "wanted \"%s\", got %d \"%s\"\n", why, result, sim_error());
    return said && open_files() == before;
}

static struct sim_config pc_config(void)
{
    struct sim_config config = {.pc = true, .mem_mib = 64, .data_dir = dir};
    return config;
}

static void test_pc(void)
{
    struct pcconf c;
    struct sim_config config = pc_config();
    unsigned before = open_files();
    config.disk = make_file(0, "a \"b\", $HOME #.img", 1024);
    config.cdrom = make_file(1, "panic: action=ask.iso", 4096);
    make_file(2, "BIOS-bochs-latest", 131072);
    make_file(3, "vgabios.bin", 32768);
    CHECK(pcconf_make(&c, &config) == 0);
    CHECK(has(&c, "ata0-master: type=disk, mode=flat, path=/proc/self/fd/"));
    CHECK(has(&c, "ata1-master: type=cdrom, path=/proc/self/fd/"));
    CHECK(has(&c, "boot: disk, cdrom") && has(&c, "log: /dev/null"));
    CHECK(!has(&c, "HOME") && !has(&c, "ask") && !has(&c, dir));
    CHECK(has(&c, "guest=64") && has(&c, "ips=100000000"));
    pcconf_free(&c);
    CHECK(open_files() == before);
    config.disk = NULL;
    config.log_path = "x";
    config.cpu = "ryzen";
    config.ips = 100000000000u;
    CHECK(pcconf_make(&c, &config) == 0);
    CHECK(has(&c, "boot: cdrom") && !has(&c, "ata0-master") && has(&c, "error: action=report"));
    CHECK(has(&c, "model=ryzen, count=1, ips=100000000000,"));
    CHECK(c.n < PCCONF_LINES && c.used < sizeof c.text);
    pcconf_free(&c);
}

static void test_direct(void)
{
    struct pcconf c;
    struct sim_config config = {.kernel = "k", .mem_mib = 3072, .data_dir = dir};
    CHECK(refused(&config, "boot.rom"));
    make_file(2, "boot.rom", 65536);
    CHECK(refused(&config, "vga.rom"));
    make_file(3, "vga.rom", 512);
    CHECK(pcconf_make(&c, &config) == 0);
    CHECK(!has(&c, "ata0-master") && has(&c, "pci: enabled=0") && has(&c, "serial=0"));
    pcconf_free(&c);
    config.data_dir = NULL;
    CHECK(refused(&config, "data folder"));
}

static void test_refused(void)
{
    struct sim_config config = pc_config();
    CHECK(refused(&config, "--disk IMAGE or --cdrom ISO"));
    config.disk = "/nonexistent/x";
    CHECK(refused(&config, "--disk: cannot read /nonexistent/x"));
    config.disk = "/dev/null";
    CHECK(refused(&config, "not a file"));
    config.disk = dir;
    CHECK(refused(&config, "not a file"));
    config.disk = make_file(0, "empty", 0);
    CHECK(refused(&config, "empty"));
    config.disk = make_file(0, "odd", 513);
    CHECK(refused(&config, "no multiple of 512"));
    config.disk = make_file(0, "good", 512);
    config.cdrom = make_file(1, "cut", 512);
    CHECK(refused(&config, "no multiple of 2048"));
    config.cdrom = NULL;
    config.cpu = "i386, ips=1";
    CHECK(refused(&config, "CPU model"));
    config.cpu = "";
    CHECK(refused(&config, "CPU model"));
}

int main(void)
{
    if (!mkdtemp(dir))
        return 1;
    test_pc();
    test_direct();
    test_refused();
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    CHECK(system(command) == 0);
    return check_report("t_pcconf");
}
