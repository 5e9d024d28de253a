/* SPDX-License-Identifier: MIT */
#include "jobs/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "jobs/trial.h"
#include "lib/base/fault.h"
#include "lib/module/rules.h"

bool dfota_folder_is(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

const char *dfota_folder_file_name(const struct dfota_folder_part *part)
{
    return strrchr(part->path, '/') + 1;
}

static enum dfota_error refuse(const struct dfota_folder *folder,
                               const char *rule, const char *what,
                               struct dfota_fault *fault)
{
    dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, rule, "%s",
                      what);
    dfota_fault_in(fault, folder->path);
    return DFOTA_ERR_REFUSED;
}

/* --- opening -------------------------------------------------------------- */

static const char *const *all_partitions(void)
{
    return dfota_rules_default(DFOTA_FAMILY_RG50X_RM5XX)->partitions;
}

/* The partition that a file called `name` is an image of, or NULL. */
static const char *partition_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    size_t stem = dot != NULL ? (size_t)(dot - name) : strlen(name);
    const char *const *partition = all_partitions();

    for (; *partition != NULL; partition++)
        if (strlen(*partition) == stem && memcmp(*partition, name, stem) == 0)
            return *partition;
    return NULL;
}

/* Notes the file called `name`. */
static enum dfota_error add(struct dfota_folder *folder, const char *name,
                            struct dfota_fault *fault)
{
    struct dfota_folder_part *part = &folder->parts[folder->count];
    size_t size = strlen(folder->path) + strlen(name) + 2;
    struct stat status;

    part->path = malloc(size);
    if (part->path == NULL)
        return dfota_fail_memory(fault);
    snprintf(part->path, size, "%s/%s", folder->path, name);
    part->name = partition_of(name);
    folder->count++;
    if (lstat(part->path, &status) != 0)
        return dfota_fail_os(fault, part->path);
    if (!S_ISREG(status.st_mode))
        return refuse(folder, "DIR-1", name, fault);
    if (part->name == NULL)
        return refuse(folder, "DIR-2", name, fault);
    for (size_t i = 0; i + 1 < folder->count; i++)
        if (folder->parts[i].name == part->name)
            return refuse(folder, "DIR-3", name, fault);
    return DFOTA_OK;
}

static int no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* One more than there are partitions would be refused, so none is added. */
static enum dfota_error list(struct dfota_folder *folder,
                             struct dfota_fault *fault)
{
    struct dirent **entries;
    int count = scandir(folder->path, &entries, no_dots, alphasort);
    enum dfota_error err = DFOTA_OK;

    if (count < 0)
        return errno == ENOMEM ? dfota_fail_memory(fault)
                               : dfota_fail_os(fault, folder->path);
    for (int i = 0; i < count; i++) {
        if (!err && folder->count == DFOTA_FOLDER_MAX)
            err = refuse(folder,
                         partition_of(entries[i]->d_name) != NULL ? "DIR-3"
                                                                  : "DIR-2",
                         entries[i]->d_name, fault);
        if (!err)
            err = add(folder, entries[i]->d_name, fault);
        free(entries[i]);
    }
    free(entries);
    return err;
}

/* Where among all partitions that of a part is. */
static size_t rank(const struct dfota_folder_part *part)
{
    const char *const *partitions = all_partitions();
    size_t i = 0;

    while (partitions[i] != part->name)
        i++;
    return i;
}

static int by_rank(const void *a, const void *b)
{
    return rank(a) < rank(b) ? -1 : 1;
}

enum dfota_error dfota_folder_open(const char *path, bool may_be_empty,
                                   struct dfota_folder *out,
                                   struct dfota_fault *fault)
{
    struct dfota_folder folder = {.path = path};
    enum dfota_error err = list(&folder, fault);

    if (!err && folder.count == 0 && !may_be_empty)
        err = refuse(&folder, "DIR-4", "it is empty", fault);
    if (!err)
        qsort(folder.parts, folder.count, sizeof(folder.parts[0]), by_rank);
    for (size_t i = 0; i < folder.count && !err; i++)
        err = dfota_input_open(folder.parts[i].path, DFOTA_IMAGE_MAX,
                               &folder.parts[i].input, fault);
    if (err) {
        dfota_folder_keep_name(&folder, fault);
        dfota_folder_close(&folder);
    } else {
        *out = folder;
    }
    return err;
}

void dfota_folder_close(struct dfota_folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        dfota_input_close(&folder->parts[i].input);
        free(folder->parts[i].path);
    }
    *folder = (struct dfota_folder){0};
}

/* --- comparing ------------------------------------------------------------ */

struct dfota_folder_part *dfota_folder_find(struct dfota_folder *folder,
                                            const char *name)
{
    for (size_t i = 0; i < folder->count; i++)
        if (strcmp(folder->parts[i].name, name) == 0)
            return &folder->parts[i];
    return NULL;
}

enum dfota_error dfota_folder_compare(struct dfota_folder *a,
                                      struct dfota_folder *b,
                                      struct dfota_fault *fault)
{
    for (size_t i = 0; i < a->count; i++)
        if (dfota_folder_find(b, a->parts[i].name) == NULL)
            return refuse(a, "DIR-5", a->parts[i].name, fault);
    for (size_t i = 0; i < b->count; i++)
        if (dfota_folder_find(a, b->parts[i].name) == NULL)
            return refuse(b, "DIR-5", b->parts[i].name, fault);
    return DFOTA_OK;
}

const char *dfota_folder_odd_one(struct dfota_folder *folder,
                                 const struct dfota_manifest *manifest)
{
    for (size_t i = 0; i < manifest->partition_count; i++)
        if (dfota_folder_find(folder, manifest->partitions[i].name) == NULL)
            return manifest->partitions[i].name;
    for (size_t i = 0; i < folder->count; i++) {
        bool listed = false;

        for (size_t k = 0; k < manifest->partition_count; k++)
            listed |= strcmp(manifest->partitions[k].name,
                             folder->parts[i].name) == 0;
        if (!listed)
            return folder->parts[i].name;
    }
    return NULL;
}

/* --- faults --------------------------------------------------------------- */

void dfota_folder_keep_name(const struct dfota_folder *folder,
                            struct dfota_fault *fault)
{
    char detail[DFOTA_DETAIL_SIZE];

    if (fault == NULL || fault->input == NULL)
        return;
    for (size_t i = 0; i < folder->count; i++) {
        const struct dfota_folder_part *part = &folder->parts[i];

        if (fault->input != part->path)
            continue;
        fault->input = folder->path;
        snprintf(detail, sizeof(detail), "%.60s%s%.50s",
                 dfota_folder_file_name(part),
                 fault->detail[0] != '\0' ? ": " : "", fault->detail);
        memcpy(fault->detail, detail, sizeof(detail));
        return;
    }
}
