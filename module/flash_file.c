/* SPDX-License-Identifier: MIT */
#include "module/flash_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/fault.h"
#include "lib/base/size.h"

#define NUMBER_SIZE 24 /* bytes of a number as text */
#define DEBRIS      64 /* bytes of no certain value where an erasure ended */

bool flash_faults_parse(const char *text, struct flash_faults *faults)
{
    char number[NUMBER_SIZE] = "";
    size_t size = text != NULL ? strlen(text) : 0;
    uint64_t at = 0;

    if (text == NULL)
        return true;
    if (size == 0 || size >= sizeof(number))
        return false;
    memcpy(number, text, size);
    if (number[size - 1] == '+')
        number[size - 1] = '\0';
    if (!dfota_size_parse(number, &at) || at == 0)
        return false;
    faults->error_at = at;
    faults->error_stays = text[size - 1] == '+';
    return true;
}

/* --- the file ------------------------------------------------------------- */

enum dfota_error flash_file_open(const char *path, struct flash_faults *faults,
                                 struct flash_file *out,
                                 struct dfota_fault *fault)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return dfota_fail_os(fault, path);
    *out = (struct flash_file){
        .fd = fd, .faults = faults, .sector = FLASH_FILE_SECTOR, .aside = -1};
    return DFOTA_OK;
}

void flash_file_close(struct flash_file *flash)
{
    close(flash->fd);
    if (flash->aside >= 0)
        close(flash->aside);
}

enum dfota_error flash_file_set_aside(struct flash_file *flash,
                                      const char *path, uint32_t address,
                                      uint32_t size, struct dfota_fault *fault)
{
    flash->aside = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    flash->aside_at = address;
    flash->aside_size = size;
    return flash->aside >= 0 ? DFOTA_OK : dfota_fail_os(fault, path);
}

/* The file that `*address` is in; makes it the place there. */
static int locate(const struct flash_file *flash, uint32_t *address)
{
    if (flash->aside < 0 || *address < flash->aside_at ||
        *address - flash->aside_at >= flash->aside_size)
        return flash->fd;
    *address -= flash->aside_at;
    return flash->aside;
}

enum dfota_error flash_file_read(void *context, uint32_t address, void *out,
                                 size_t size)
{
    int fd = locate(context, &address);
    uint8_t *bytes = out;

    while (size > 0) {
        ssize_t got = pread(fd, bytes, size, (off_t)address);

        if (got < 0)
            return DFOTA_ERR_IO;
        if (got == 0)
            break;
        bytes += got;
        address += (uint32_t)got;
        size -= (size_t)got;
    }
    memset(bytes, FLASH_FILE_ERASED, size);
    return DFOTA_OK;
}

static enum dfota_error put(int fd, uint64_t address, const uint8_t *bytes,
                            size_t size)
{
    while (size > 0) {
        ssize_t put = pwrite(fd, bytes, size, (off_t)address);

        if (put <= 0)
            return DFOTA_ERR_IO;
        bytes += put;
        address += (uint64_t)put;
        size -= (size_t)put;
    }
    return DFOTA_OK;
}

static enum dfota_error write_back(const struct flash_file *flash,
                                   uint32_t address, const uint8_t *bytes,
                                   size_t size)
{
    int fd = locate(flash, &address);

    return put(fd, address, bytes, size);
}

enum dfota_error flash_file_end(struct flash_file *flash, uint64_t size)
{
    uint8_t erased[FLASH_FILE_PAGE];
    struct stat status;

    memset(erased, FLASH_FILE_ERASED, sizeof(erased));
    if (fstat(flash->fd, &status) != 0)
        return DFOTA_ERR_IO;
    for (uint64_t at = (uint64_t)status.st_size; at < size;) {
        size_t part =
            size - at < sizeof(erased) ? (size_t)(size - at) : sizeof(erased);

        if (put(flash->fd, at, erased, part))
            return DFOTA_ERR_IO;
        at += part;
    }
    return ftruncate(flash->fd, (off_t)size) == 0 ? DFOTA_OK : DFOTA_ERR_IO;
}

/* --- operations ----------------------------------------------------------- */

/* Xorshift: the same ruins for the same seed. */
static uint32_t chance(struct flash_faults *faults, uint32_t below)
{
    faults->random ^= faults->random << 13;
    faults->random ^= faults->random >> 17;
    faults->random ^= faults->random << 5;
    return faults->random % below;
}

/* Whether the operation that comes now does not come to its end. */
static bool begin(struct flash_faults *faults, const char *name,
                  uint32_t address)
{
    uint64_t number = ++faults->done;

    module_trace_add(faults->trace, name, "%" PRIu64 " at 0x%06" PRIx32, number,
                     address);
    return number == faults->cut_after ||
           (faults->error_at != 0 &&
            (number == faults->error_at ||
             (faults->error_stays && number > faults->error_at)));
}

/* Behind an operation that broke. */
static enum dfota_error break_off(struct flash_faults *faults)
{
    if (faults->done == faults->cut_after) {
        module_trace_add(faults->trace, "cut", "in operation %" PRIu64,
                         faults->done);
        raise(SIGKILL);
    }
    module_trace_add(faults->trace, "flash-error", "in operation %" PRIu64,
                     faults->done);
    return DFOTA_ERR_IO;
}

enum dfota_error flash_file_program(void *context, uint32_t address,
                                    const void *bytes, size_t size)
{
    struct flash_file *flash = context;
    bool broken = begin(flash->faults, "program", address);
    uint8_t page[FLASH_FILE_PAGE];
    size_t done = broken ? chance(flash->faults, (uint32_t)size) : size;
    enum dfota_error err = flash_file_read(flash, address, page, size);

    for (size_t i = 0; i < done; i++)
        page[i] &= ((const uint8_t *)bytes)[i];
    if (broken) /* some bits of the next byte */
        page[done] &= ((const uint8_t *)bytes)[done] |
                      (uint8_t)chance(flash->faults, 256);
    if (!err)
        err = write_back(flash, address, page, size);
    return broken ? break_off(flash->faults) : err;
}

/* Leaves bytes of no certain value where an erasure ended. */
static enum dfota_error leave_debris(struct flash_file *flash, uint32_t address,
                                     uint32_t size)
{
    uint8_t debris[DEBRIS];

    if (size > sizeof(debris))
        size = sizeof(debris);
    if (flash_file_read(flash, address, debris, size))
        return DFOTA_ERR_IO;
    for (uint32_t i = 0; i < size; i++)
        debris[i] |= (uint8_t)chance(flash->faults, 256);
    return write_back(flash, address, debris, size);
}

enum dfota_error flash_file_erase(void *context, uint32_t address)
{
    struct flash_file *flash = context;
    bool broken = begin(flash->faults, "erase", address);
    uint32_t done =
        broken ? chance(flash->faults, flash->sector) : flash->sector;
    uint8_t erased[FLASH_FILE_PAGE];
    enum dfota_error err = DFOTA_OK;

    memset(erased, FLASH_FILE_ERASED, sizeof(erased));
    for (uint32_t at = 0, part; at < done && !err; at += part) {
        part = done - at < sizeof(erased) ? done - at : sizeof(erased);
        err = write_back(flash, address + at, erased, part);
    }
    if (!broken)
        return err;
    (void)leave_debris(flash, address + done, flash->sector - done);
    return break_off(flash->faults);
}
