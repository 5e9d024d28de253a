/* SPDX-License-Identifier: MIT */
#include "module/flashed.h"

#include <dirent.h>
#include <errno.h>
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

/* --- replacing ------------------------------------------------------------ */

struct replacing {
    const char *made;
    const char *flash;
};

static enum dfota_error replace_part(void *context, const char *name,
                                     struct dfota_fault *fault)
{
    const struct replacing *replacing = context;
    char from[MODULE_PATH_SIZE];
    char to[MODULE_PATH_SIZE];

    join(from, replacing->made, name);
    join(to, replacing->flash, name);
    return rename(from, to) == 0 ? DFOTA_OK
                                 : dfota_fail_os(fault, replacing->flash);
}

enum dfota_error flashed_replace(const char *made, const char *flash,
                                 struct dfota_fault *fault)
{
    struct replacing replacing = {made, flash};
    enum dfota_error err;

    if (!is_folder(made))
        return rename(made, flash) == 0 || errno == ENOENT
                   ? DFOTA_OK
                   : dfota_fail_os(fault, flash);
    err = each(made, replace_part, &replacing, fault);
    if (!err && rmdir(made) != 0)
        err = dfota_fail_os(fault, made);
    return err;
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
