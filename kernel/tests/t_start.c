/* The root program starts, makes a call, reads what the kernel told it, prints, and ends the
 * machine. SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

void test_run(void)
{
    CHECK_EQ(boot->magic, FK_BOOT_MAGIC);
    CHECK_EQ(boot->bytes, sizeof(*boot));
    CHECK(boot->pool_free < boot->pool_end);
    CHECK(boot->initrd_size > 0);
    CHECK_EQ(fk_null(), FK_OK);
    CHECK_EQ(fk_thread_self(), fk_at(&boot->thread));
    CHECK(fk_clock_read() >= 0);
    print("%u cycles in a second\n", boot->cycles_per_second);
    uint64_t page = test_pages(1);
    *(volatile uint64_t *)page = 42;
    CHECK_EQ(*(volatile uint64_t *)page, 42);
}
