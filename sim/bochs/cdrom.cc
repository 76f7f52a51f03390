/* sim/bochs/cdrom.cc -- the PC's CD-ROM: an ISO image that is read and never written.
 *
 * Bochs's own class keeps a file descriptor in the machine's memory and lets the guest close it (by
 * ejecting), which does not go together with going back in time. Here the descriptor is the tool's,
 * open as long as the machine lives, and ejecting only sets a flag of the machine's.
 * wrap.syms puts the function at the end in place of Bochs's.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <unistd.h>
#include "sim/bochs/engine.h"
#include "iodev/hdimage/hdimage.h"
#include "iodev/hdimage/cdrom.h"

#define BLOCK      2048
#define RAW_BLOCK  2352 /* sync field, header, BLOCK bytes, check codes */
#define RAW_HEADER 16
#define LEAD_IN    150 /* blocks before logical block 0 */

static int iso_fd = -1;
static Bit32u iso_blocks;

class iso_cdrom_t : public cdrom_base_c
{
  public:
    iso_cdrom_t()
    {
        fd = -1; /* so that the base class closes nothing */
        path = NULL;
        using_file = true;
        loaded = false;
    }
    bool insert_cdrom(const char *dev);
    void eject_cdrom()
    {
        loaded = false;
    }
    Bit32u capacity()
    {
        return loaded ? iso_blocks : 0;
    }
    bool read_block(Bit8u *buf, Bit32u lba, int blocksize) BX_CPP_AttrRegparmN(3);
    bool start_cdrom()
    {
        return loaded;
    }
    bool seek(Bit32u lba)
    {
        return loaded && lba < iso_blocks;
    }

    static void *operator new(size_t n)
    {
        return bxs_calloc(1, n);
    }
    static void operator delete(void *p)
    {
        bxs_free(p);
    }

  private:
    bool loaded; /* machine state: the guest may eject */
};

static const char *iso_path; /* only while the machine is built */

bool iso_cdrom_t::insert_cdrom(const char *dev)
{
    if (iso_fd < 0 && (dev || iso_path)) {
        iso_fd = ::open(dev ? dev : iso_path, O_RDONLY | O_CLOEXEC);
        off_t end = iso_fd < 0 ? 0 : ::lseek(iso_fd, 0, SEEK_END);
        iso_blocks = end / BLOCK > 0xffffffffll ? 0xffffffffu : end > 0 ? (Bit32u)(end / BLOCK) : 0;
    }
    loaded = iso_blocks != 0;
    return loaded;
}

/* Sync field and header of a raw block: minute, second and frame, counted from the lead-in. */
static void raw_header(Bit8u *buf, Bit32u lba)
{
    Bit32u frame = lba + LEAD_IN;
    memset(buf, 0, RAW_BLOCK);
    memset(buf + 1, 0xff, 10);
    buf[12] = (Bit8u)(frame / 75 / 60);
    buf[13] = (Bit8u)(frame / 75 % 60);
    buf[14] = (Bit8u)(frame % 75);
    buf[15] = 1;
}

bool BX_CPP_AttrRegparmN(3) iso_cdrom_t::read_block(Bit8u *buf, Bit32u lba, int blocksize)
{
    if (!loaded || lba >= iso_blocks)
        return false;
    if (blocksize == RAW_BLOCK) {
        raw_header(buf, lba);
        buf += RAW_HEADER;
    }
    return pread(iso_fd, buf, BLOCK, (off_t)lba * BLOCK) == BLOCK;
}

/* Linked in place of bx_hdimage_ctl_c::init_cdrom. */
extern "C" cdrom_base_c *__wrap__ZN16bx_hdimage_ctl_c10init_cdromEPKc(bx_hdimage_ctl_c *self,
                                                                      const char *dev);
extern "C" cdrom_base_c *__wrap__ZN16bx_hdimage_ctl_c10init_cdromEPKc(bx_hdimage_ctl_c *self,
                                                                      const char *dev)
{
    (void)self;
    iso_path = dev;
    return new iso_cdrom_t();
}
