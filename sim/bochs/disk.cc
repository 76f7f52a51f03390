/* sim/bochs/disk.cc -- the PC's hard disk: a raw image that is read and never written.
 *
 * What the guest writes lives in chunks of 4 KiB on the machine's heap, so it goes back in time
 * with the rest of the machine, and is gone when the run ends. A chunk that was never written is
 * read from the file. Should somebody shorten the file meanwhile, the guest sees a read error.
 * Bochs calls all of this: wrap.syms puts the maker at the end in place of Bochs's own.
 * sim/core/pcconf.c names the file.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/disk.h"

#include <fcntl.h>
#include <unistd.h>
#include "sim/bochs/engine.h"
#include "iodev/hdimage/hdimage.h"

#define CHUNK    4096u
#define FANOUT   4096u /* chunks a table: 16 MiB of disk */
#define CYLINDER (16u * 63u * 512u)

static int disk_fd = -1; /* the tool's, not the machine's: the file never changes */
static Bit64u disk_changed MACHINE_STATE = 0;

class private_image_t : public device_image_t
{
  public:
    private_image_t() : size(0), at(0), tables(NULL), ntables(0)
    {
    }
    int open(const char *path, int flags);
    void close();
    Bit64s lseek(Bit64s offset, int whence);
    ssize_t read(void *buf, size_t count);
    ssize_t write(const void *buf, size_t count);

    /* On the machine's heap, like all that goes back in time. */
    static void *operator new(size_t n)
    {
        return bxs_calloc(1, n);
    }
    static void operator delete(void *p)
    {
        bxs_free(p);
    }

  private:
    Bit8u *find(Bit64u offset) const;
    Bit8u *make(Bit64u offset);
    bool load(Bit8u *to, Bit64u offset, size_t n) const;
    size_t span(size_t count) const;

    Bit64u size;     /* of the file */
    Bit64u at;       /* where the next read or write goes */
    Bit8u ***tables; /* [offset / CHUNK / FANOUT][offset / CHUNK % FANOUT], NULL = not written */
    Bit64u ntables;
};

/* Less than a cylinder would be a disk of no size for a BIOS: such a file gets zeros behind it. */
int private_image_t::open(const char *path, int flags)
{
    (void)flags;
    disk_fd = ::open(path, O_RDONLY | O_CLOEXEC);
    off_t end = disk_fd < 0 ? -1 : ::lseek(disk_fd, 0, SEEK_END);
    if (end <= 0)
        return -1;
    size = (Bit64u)end;
    hd_size = size < CYLINDER ? CYLINDER : size;
    ntables = (hd_size + (Bit64u)CHUNK * FANOUT - 1) / ((Bit64u)CHUNK * FANOUT);
    tables = (Bit8u ***)bxs_calloc(ntables, sizeof *tables);
    return tables ? 0 : -1;
}

/* The chunks stay until the machine's heap goes as a whole. */
void private_image_t::close()
{
    if (disk_fd >= 0)
        ::close(disk_fd);
    disk_fd = -1;
}

Bit64s private_image_t::lseek(Bit64s offset, int whence)
{
    if (whence != SEEK_SET || offset < 0 || (Bit64u)offset > hd_size)
        return -1;
    at = (Bit64u)offset;
    return offset;
}

Bit8u *private_image_t::find(Bit64u offset) const
{
    Bit8u **table = tables[offset / CHUNK / FANOUT];
    return table ? table[offset / CHUNK % FANOUT] : NULL;
}

/* Bytes behind the end of the file, where the disk is longer, are zero. */
bool private_image_t::load(Bit8u *to, Bit64u offset, size_t n) const
{
    size_t there = offset >= size ? 0 : size - offset < n ? size - offset : n;
    memset(to + there, 0, n - there);
    return pread(disk_fd, to, there, (off_t)offset) == (ssize_t)there;
}

Bit8u *private_image_t::make(Bit64u offset)
{
    Bit64u chunk = offset / CHUNK;
    Bit8u **&table = tables[chunk / FANOUT];
    if (!table && !(table = (Bit8u **)bxs_calloc(FANOUT, sizeof *table)))
        return NULL;
    Bit8u *&bytes = table[chunk % FANOUT];
    if (bytes)
        return bytes;
    Bit8u *fresh = (Bit8u *)bxs_malloc(CHUNK);
    if (fresh && !load(fresh, chunk * CHUNK, CHUNK)) {
        bxs_free(fresh);
        fresh = NULL;
    }
    if (fresh)
        disk_changed += CHUNK;
    return bytes = fresh;
}

/* How far a transfer from `at` goes within its chunk and the disk. */
size_t private_image_t::span(size_t count) const
{
    Bit64u n = CHUNK - at % CHUNK;
    n = n < count ? n : count;
    return at >= hd_size ? 0 : hd_size - at < n ? hd_size - at : n;
}

ssize_t private_image_t::read(void *buf, size_t count)
{
    size_t done = 0;
    for (size_t n; done < count && (n = span(count - done)) != 0; done += n, at += n) {
        const Bit8u *bytes = find(at);
        if (bytes)
            memcpy((Bit8u *)buf + done, bytes + at % CHUNK, n);
        else if (!load((Bit8u *)buf + done, at, n))
            return -1;
    }
    return (ssize_t)done;
}

ssize_t private_image_t::write(const void *buf, size_t count)
{
    size_t done = 0;
    for (size_t n; done < count && (n = span(count - done)) != 0; done += n, at += n) {
        Bit8u *bytes = make(at);
        if (!bytes)
            return -1;
        memcpy(bytes + at % CHUNK, (const Bit8u *)buf + done, n);
    }
    return (ssize_t)done;
}

/* Linked in place of bx_hdimage_ctl_c::init_image, whatever mode the configuration names. */
extern "C" device_image_t *__wrap__ZN16bx_hdimage_ctl_c10init_imageEPKcmS1_(bx_hdimage_ctl_c *self,
                                                                            const char *mode,
                                                                            Bit64u disk_size,
                                                                            const char *journal);
extern "C" device_image_t *__wrap__ZN16bx_hdimage_ctl_c10init_imageEPKcmS1_(bx_hdimage_ctl_c *self,
                                                                            const char *mode,
                                                                            Bit64u disk_size,
                                                                            const char *journal)
{
    (void)self;
    (void)mode;
    (void)disk_size;
    (void)journal;
    return new private_image_t();
}

extern "C" uint64_t bxs_disk_changed(void)
{
    return disk_changed;
}
