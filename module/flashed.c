/* SPDX-License-Identifier: MIT */
#include "module/flashed.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/input.h"
#include "module/module.h"

#define IMAGE_MAX INT32_MAX /* bytes of one file */
#define PIECE     65536     /* bytes read at a time */

/* --- folders -------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Writes FOLDER/name; an empty path, which nothing has, where that is too long.
 */
static void join(char out[MODULE_PATH_SIZE], const char *folder,
                 const char *name)
{
    if (snprintf(out, MODULE_PATH_SIZE, "%s/%s", folder, name) >=
        MODULE_PATH_SIZE)
        out[0] = '\0';
}

/* Calls `visit` for each name in the folder, in order, until one fails. */
static enum dfota_error
each(const char *folder,
     enum dfota_error (*visit)(void *context, const char *name,
                               struct dfota_fault *fault),
     void *context, struct dfota_fault *fault)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, no_dots, alphasort);
    enum dfota_error err = DFOTA_OK;

    if (count < 0)
        return dfota_fail_os(fault, folder);
    for (int i = 0; i < count; i++) {
        if (!err)
            err = visit(context, entries[i]->d_name, fault);
        free(entries[i]);
    }
    free(entries);
    return err;
}

/* --- the digest ----------------------------------------------------------- */

struct digesting {
    const char *folder;
    struct dfota_digester *digester;
};

static enum dfota_error add_input(struct dfota_digester *digester,
                                  struct dfota_input *input,
                                  struct dfota_fault *fault)
{
    uint8_t piece[PIECE];
    enum dfota_error err = DFOTA_OK;

    for (uint64_t at = 0; at < input->size && !err; at += sizeof(piece)) {
        uint64_t left = input->size - at;
        size_t size = left < sizeof(piece) ? (size_t)left : sizeof(piece);

        err = dfota_input_read(input, at, piece, size, fault);
        if (!err)
            dfota_digester_add(digester, piece, size);
    }
    return err;
}

static enum dfota_error add_file(struct dfota_digester *digester,
                                 const char *path, struct dfota_fault *fault)
{
    struct dfota_input input = {0};
    enum dfota_error err = dfota_input_open(path, IMAGE_MAX, &input, fault);

    if (!err) {
        err = add_input(digester, &input, fault);
        dfota_input_close(&input);
    }
    return err;
}

/* A file of a folder: name, size and what is in it. */
static enum dfota_error add_part(void *context, const char *name,
                                 struct dfota_fault *fault)
{
    struct digesting *digesting = context;
    char path[MODULE_PATH_SIZE];
    char head[300];
    struct stat status;
    enum dfota_error err;

    join(path, digesting->folder, name);
    err = stat(path, &status) == 0 ? DFOTA_OK
                                   : dfota_fail_os(fault, digesting->folder);
    if (!err) {
        int size = snprintf(head, sizeof(head), "%s/%ju/", name,
                            (uintmax_t)status.st_size);

        dfota_digester_add(digesting->digester, (const uint8_t *)head,
                           (size_t)size);
        err = add_file(digesting->digester, path, fault);
    }
    if (err && fault != NULL) /* which must not name what is gone */
        fault->input = digesting->folder;
    return err;
}

enum dfota_error flashed_digest(const char *path,
                                uint8_t out[DFOTA_SHA256_SIZE],
                                struct dfota_fault *fault)
{
    struct digesting digesting = {path, dfota_digester_new_sha256()};
    struct dfota_digests digests;
    enum dfota_error err;

    if (digesting.digester == NULL)
        return dfota_fail_memory(fault);
    err = is_folder(path) ? each(path, add_part, &digesting, fault)
                          : add_file(digesting.digester, path, fault);
    if (!err) {
        dfota_digester_finish(digesting.digester, &digests);
        memcpy(out, digests.sha256, DFOTA_SHA256_SIZE);
    }
    dfota_digester_free(digesting.digester);
    return err;
}

/* --- writing -------------------------------------------------------------- */

static bool is_erased(const uint8_t *page)
{
    for (size_t i = 0; i < FLASH_FILE_PAGE; i++)
        if (page[i] != FLASH_FILE_ERASED)
            return false;
    return true;
}

/* Makes the sector at `address` hold what is wanted, unless it does. */
static enum dfota_error write_sector(struct flash_file *flash, uint32_t address,
                                     const uint8_t wanted[FLASH_FILE_SECTOR])
{
    uint8_t there[FLASH_FILE_SECTOR];
    enum dfota_error err =
        flash_file_read(flash, address, there, sizeof(there));

    if (err || memcmp(there, wanted, sizeof(there)) == 0)
        return err;
    err = flash_file_erase(flash, address);
    for (uint32_t at = 0; at < FLASH_FILE_SECTOR && !err; at += FLASH_FILE_PAGE)
        if (!is_erased(wanted + at))
            err = flash_file_program(flash, address + at, wanted + at,
                                     FLASH_FILE_PAGE);
    return err;
}

static enum dfota_error write_input(struct flash_file *flash,
                                    struct dfota_input *made,
                                    struct dfota_fault *fault)
{
    uint8_t sector[FLASH_FILE_SECTOR];
    enum dfota_error err = DFOTA_OK;

    for (uint64_t at = 0; at < made->size && !err; at += sizeof(sector)) {
        uint64_t left = made->size - at;
        size_t size = left < sizeof(sector) ? (size_t)left : sizeof(sector);

        memset(sector, FLASH_FILE_ERASED, sizeof(sector));
        err = dfota_input_read(made, at, sector, size, fault);
        if (!err)
            err = write_sector(flash, (uint32_t)at, sector);
    }
    return err ? err : flash_file_end(flash, made->size);
}

struct writing {
    struct flash_faults *faults;
    const char *made;
    const char *flash;
};

static enum dfota_error write_file(const struct writing *writing,
                                   struct dfota_fault *fault)
{
    struct dfota_input made = {0};
    struct flash_file flash;
    enum dfota_error err =
        dfota_input_open(writing->made, IMAGE_MAX, &made, fault);

    if (err)
        return err;
    err = flash_file_open(writing->flash, writing->faults, &flash, fault);
    if (!err) {
        err = write_input(&flash, &made, fault);
        flash_file_close(&flash);
    }
    dfota_input_close(&made);
    return err;
}

static enum dfota_error write_part(void *context, const char *name,
                                   struct dfota_fault *fault)
{
    const struct writing *writing = context;
    char from[MODULE_PATH_SIZE];
    char to[MODULE_PATH_SIZE];
    const struct writing part = {writing->faults, from, to};
    enum dfota_error err;

    join(from, writing->made, name);
    join(to, writing->flash, name);
    err = write_file(&part, fault);
    if (err && fault != NULL) /* which must not name what is gone */
        fault->input = writing->flash;
    return err;
}

enum dfota_error flashed_write(struct flash_faults *faults, const char *made,
                               const char *flash, struct dfota_fault *fault)
{
    struct writing writing = {faults, made, flash};

    return is_folder(made) ? each(made, write_part, &writing, fault)
                           : write_file(&writing, fault);
}

/* --- removing ------------------------------------------------------------- */

static enum dfota_error remove_part(void *context, const char *name,
                                    struct dfota_fault *fault)
{
    char path[MODULE_PATH_SIZE];

    (void)fault;
    join(path, context, name);
    (void)unlink(path);
    return DFOTA_OK;
}

void flashed_remove(const char *path)
{
    char name[MODULE_PATH_SIZE];

    if (!is_folder(path)) {
        (void)unlink(path);
        return;
    }
    snprintf(name, sizeof(name), "%s", path);
    (void)each(path, remove_part, name, NULL);
    (void)rmdir(path);
}
