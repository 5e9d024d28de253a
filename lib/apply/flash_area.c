/* SPDX-License-Identifier: MIT */
#include "lib/apply/flash_area.h"

#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

enum dfota_error dfota_flash_check(const struct dfota_flash *flash,
                                   struct dfota_fault *fault)
{
    uint32_t sector = flash->sector_size;

    if (!is_power_of_two(sector) || sector < DFOTA_FLASH_PAGE ||
        flash->size < sector || flash->size > INT32_MAX ||
        flash->size % sector != 0 || !is_power_of_two(flash->program_unit) ||
        flash->program_unit > DFOTA_FLASH_UNIT_MAX ||
        (flash->erased != 0x00 && flash->erased != 0xff))
        return dfota_fail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, "FLASH-1");
    return DFOTA_OK;
}

enum dfota_error dfota_flash_check_area(const struct dfota_flash *flash,
                                        struct dfota_area area,
                                        struct dfota_fault *fault)
{
    uint32_t sector = flash->sector_size;

    if (area.size == 0 || area.size % sector != 0 ||
        area.address % sector != 0 || area.size > flash->size ||
        area.address > flash->size - area.size)
        return dfota_fail(fault, DFOTA_ERR_USAGE, area.address, "FLASH-2");
    return DFOTA_OK;
}

bool dfota_area_holds(struct dfota_area area, uint32_t address, uint32_t size)
{
    return size <= area.size && address >= area.address &&
           address - area.address <= area.size - size;
}

bool dfota_area_overlaps(struct dfota_area a, struct dfota_area b)
{
    return a.address < b.address ? b.address - a.address < a.size
                                 : a.address - b.address < b.size;
}

enum dfota_error dfota_flash_crc32(const struct dfota_flash *flash,
                                   struct dfota_area area, uint32_t *out)
{
    uint8_t chunk[DFOTA_FLASH_PAGE];
    uint32_t crc32 = 0;

    for (uint32_t done = 0, size; done < area.size; done += size) {
        enum dfota_error err;

        size = area.size - done;
        size = size < sizeof(chunk) ? size : (uint32_t)sizeof(chunk);
        err = flash->read(flash->context, area.address + done, chunk, size);
        if (err)
            return err;
        crc32 = dfota_crc32(crc32, chunk, size);
    }
    *out = crc32;
    return DFOTA_OK;
}

enum dfota_error dfota_flash_program(const struct dfota_flash *flash,
                                     uint32_t address, const uint8_t *bytes,
                                     size_t size)
{
    while (size > 0) {
        size_t part = DFOTA_FLASH_PAGE - address % DFOTA_FLASH_PAGE;
        enum dfota_error err;

        part = part < size ? part : size;
        err = flash->program(flash->context, address, bytes, part);
        if (err)
            return err;
        address += (uint32_t)part;
        bytes += part;
        size -= part;
    }
    return DFOTA_OK;
}

/* --- writing in order ----------------------------------------------------- */

void dfota_flash_writer_open(struct dfota_flash_writer *writer,
                             const struct dfota_flash *flash, uint32_t address)
{
    writer->flash = flash;
    writer->address = address;
    writer->fill = 0;
}

uint32_t dfota_flash_writer_at(const struct dfota_flash_writer *writer)
{
    return writer->address + writer->fill;
}

static bool is_blank(const struct dfota_flash_writer *writer)
{
    for (uint32_t i = 0; i < writer->fill; i++)
        if (writer->page[i] != writer->flash->erased)
            return false;
    return true;
}

/* Programs the page, which is full or the last one. */
static enum dfota_error write_page(struct dfota_flash_writer *writer)
{
    const struct dfota_flash *flash = writer->flash;
    uint32_t size = writer->fill;
    enum dfota_error err = DFOTA_OK;

    if (writer->address % flash->sector_size == 0)
        err = flash->erase(flash->context, writer->address);
    for (; size % flash->program_unit != 0; size++)
        writer->page[size] = flash->erased;
    if (!err && !is_blank(writer))
        err =
            flash->program(flash->context, writer->address, writer->page, size);
    writer->address += writer->fill;
    writer->fill = 0;
    return err;
}

enum dfota_error dfota_flash_writer_add(struct dfota_flash_writer *writer,
                                        const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        size_t part = sizeof(writer->page) - writer->fill;

        part = part < size ? part : size;
        dfota_bytes_copy(writer->page + writer->fill, bytes, part);
        writer->fill += (uint32_t)part;
        bytes += part;
        size -= part;
        if (writer->fill == sizeof(writer->page)) {
            enum dfota_error err = write_page(writer);

            if (err)
                return err;
        }
    }
    return DFOTA_OK;
}

enum dfota_error dfota_flash_writer_end(struct dfota_flash_writer *writer)
{
    return writer->fill > 0 ? write_page(writer) : DFOTA_OK;
}

enum dfota_error dfota_flash_copy(const struct dfota_flash *flash,
                                  uint32_t from, uint32_t to, uint32_t size)
{
    struct dfota_flash_writer writer;
    uint8_t chunk[DFOTA_FLASH_PAGE];
    enum dfota_error err = DFOTA_OK;

    dfota_flash_writer_open(&writer, flash, to);
    for (uint32_t done = 0, part; !err && done < size; done += part) {
        part = size - done;
        part = part < sizeof(chunk) ? part : (uint32_t)sizeof(chunk);
        err = flash->read(flash->context, from + done, chunk, part);
        if (!err)
            err = dfota_flash_writer_add(&writer, chunk, part);
    }
    return err ? err : dfota_flash_writer_end(&writer);
}
