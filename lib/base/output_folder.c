/* SPDX-License-Identifier: MIT */
#include "lib/base/output_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/fault.h"
#include "lib/base/file.h"

#define LEFTOVERS_MAX 100 /* temporary folders of runs that were killed */

static enum dfota_error fail(const char *path, struct dfota_fault *fault)
{
    return errno == ENOMEM ? dfota_fail_memory(fault)
                           : dfota_fail_os(fault, path);
}

/* Finds out where `path` leads, without the slashes it may end in. */
static enum dfota_error find_target(const char *path, char **target,
                                    struct dfota_fault *fault)
{
    char *name = strdup(path);
    size_t length = name != NULL ? strlen(name) : 0;
    enum dfota_error err;

    if (name == NULL) {
        dfota_fail_memory(fault);
        return DFOTA_ERR_MEMORY;
    }
    while (length > 1 && name[length - 1] == '/')
        name[--length] = '\0';
    err = dfota_file_target(name, target, fault);
    if (err && fault != NULL && fault->input == name)
        fault->input = path;
    free(name);
    return err;
}

/* Creates the temporary folder beside the target. */
static enum dfota_error create_temporary(struct dfota_output_folder *folder,
                                         struct dfota_fault *fault)
{
    const char *slash = strrchr(folder->target, '/');
    size_t parent = slash != NULL ? (size_t)(slash - folder->target) + 1 : 0;
    size_t size = parent + sizeof(".dfota-") + 40; /* two numbers, a hyphen */
    char *name = malloc(size);

    if (name == NULL)
        return dfota_fail_memory(fault);
    memcpy(name, folder->target, parent);
    for (unsigned i = 0; i < LEFTOVERS_MAX; i++) {
        snprintf(name + parent, size - parent, ".dfota-%ld-%u", (long)getpid(),
                 i);
        if (mkdir(name, 0777) == 0) {
            folder->temporary = name;
            folder->listing = opendir(name);
            return folder->listing != NULL ? DFOTA_OK
                                           : fail(folder->path, fault);
        }
        if (errno != EEXIST)
            break;
    }
    dfota_fail_os(fault, folder->path);
    free(name);
    return DFOTA_ERR_IO;
}

enum dfota_error dfota_output_folder_open(struct dfota_output_folder *folder,
                                          const char *path,
                                          struct dfota_fault *fault)
{
    struct dfota_output_folder made = {.path = path};
    struct stat status;
    bool there = stat(path, &status) == 0;
    enum dfota_error err;

    if (there && !S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return dfota_fail_os(fault, path);
    }
    err = find_target(path, &made.target, fault);
    if (!err)
        err = create_temporary(&made, fault);
    if (!err && there &&
        chmod(made.temporary, (status.st_mode & 0777) | 0700) != 0)
        err = dfota_fail_os(fault, path);
    if (err)
        dfota_output_folder_discard(&made);
    else
        *folder = made;
    return err;
}

/* Removes a folder of files, and ends its listing; what else is in it stays,
 * and so does it. */
static void remove_folder(const char *path, DIR *listing)
{
    const struct dirent *entry;

    if (listing != NULL) {
        (void)fchmod(dirfd(listing), 0700);
        rewinddir(listing);
        while ((entry = readdir(listing)) != NULL)
            (void)unlinkat(dirfd(listing), entry->d_name, 0);
        closedir(listing);
    }
    (void)rmdir(path);
}

/*
 * Renames the target, which `old` lists if it is there, to `backup`, and the
 * temporary folder to it.
 */
static enum dfota_error take_place(const struct dfota_output_folder *folder,
                                   const char *backup, const DIR *old,
                                   struct dfota_fault *fault)
{
    enum dfota_error err;

    if (old != NULL && rename(folder->target, backup) != 0)
        return dfota_fail_os(fault, folder->path);
    if (rename(folder->temporary, folder->target) == 0)
        return DFOTA_OK;
    err = dfota_fail_os(fault, folder->path);
    if (old != NULL)
        (void)rename(backup, folder->target);
    return err;
}

/* The same with a backup of that name, which is gone afterwards. */
static enum dfota_error replace(struct dfota_output_folder *folder,
                                const char *backup, struct dfota_fault *fault)
{
    DIR *old = opendir(folder->target);
    enum dfota_error err;

    if (old == NULL && errno != ENOENT)
        return fail(folder->path, fault);
    err = take_place(folder, backup, old, fault);
    if (err) {
        if (old != NULL)
            closedir(old);
        return err;
    }
    if (old != NULL)
        remove_folder(backup, old);
    dfota_file_flush_folder(folder->target);
    free(folder->temporary);
    folder->temporary = NULL;
    return DFOTA_OK;
}

enum dfota_error dfota_output_folder_commit(struct dfota_output_folder *folder,
                                            struct dfota_fault *fault)
{
    size_t size = strlen(folder->temporary) + sizeof(".old");
    char *backup = malloc(size);
    enum dfota_error err;

    if (backup == NULL) {
        dfota_output_folder_discard(folder);
        return dfota_fail_memory(fault);
    }
    snprintf(backup, size, "%s.old", folder->temporary);
    err = replace(folder, backup, fault);
    free(backup);
    dfota_output_folder_discard(folder);
    return err;
}

void dfota_output_folder_discard(struct dfota_output_folder *folder)
{
    if (folder->temporary != NULL)
        remove_folder(folder->temporary, folder->listing);
    else if (folder->listing != NULL)
        closedir(folder->listing);
    free(folder->temporary);
    free(folder->target);
    *folder = (struct dfota_output_folder){0};
}
