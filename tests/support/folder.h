/* SPDX-License-Identifier: MIT */
/*
 * folder.h - a folder for each test, empty and current.  After cmocka.h.
 *
 * Tests name their files without a folder; what they leave is removed.
 */
#ifndef DFOTA_TESTS_SUPPORT_FOLDER_H
#define DFOTA_TESTS_SUPPORT_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"

/* The setup of a test. */
static inline int folder_enter(void **state)
{
    char name[] = "/tmp/dfota-test-XXXXXX";

    *state = NULL;
    if (mkdtemp(name) == NULL || chdir(name) != 0)
        return -1;
    *state = strdup(name);
    return *state != NULL ? 0 : -1;
}

/* Removes all that is in the current folder, folders in it as well. */
static inline int folder_empty(void)
{
    DIR *listing = opendir(".");
    struct dirent *entry;
    int result = 0;

    if (listing == NULL)
        return -1;
    while ((entry = readdir(listing)) != NULL && result == 0) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlink(entry->d_name) == 0)
            continue;
        chmod(entry->d_name, 0700);
        if (chdir(entry->d_name) != 0 || folder_empty() != 0 ||
            chdir("..") != 0 || rmdir(entry->d_name) != 0)
            result = -1;
    }
    closedir(listing);
    return result;
}

/* Its teardown. */
static inline int folder_leave(void **state)
{
    char *name = *state;
    int result = chdir(name) == 0 && folder_empty() == 0 && chdir("/") == 0 &&
                         rmdir(name) == 0
                     ? 0
                     : -1;

    free(name);
    return result;
}

#define folder_test(test)                                                      \
    cmocka_unit_test_setup_teardown(test, folder_enter, folder_leave)

/* How many files there are in the folder at `path`, hidden ones too. */
static inline size_t folder_count(const char *path)
{
    DIR *listing = opendir(path);
    size_t count = 0;

    assert_non_null(listing);
    while (readdir(listing) != NULL)
        count++;
    closedir(listing);
    return count - 2; /* "." and ".." */
}

/* Writes a file, by other means than those under test. */
static inline void folder_write(const char *path, const void *bytes,
                                size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    assert_int_equal(close(fd), 0);
}

/* The file at `path` is there and has exactly these bytes. */
static inline void folder_check(const char *path, const void *bytes,
                                size_t size)
{
    struct stat status;
    uint8_t *found;
    int fd = open(path, O_RDONLY);

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_size, size);
    found = malloc(size + 1);
    assert_non_null(found);
    assert_int_equal(read(fd, found, size + 1), size);
    assert_memory_equal(found, bytes, size);
    free(found);
    close(fd);
}

static inline bool folder_has(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

/*
 * Runs `work` in a process of its own and returns what it returns, 0 to 255:
 * for limits and rights that cannot be had back.  No assertions in there.
 */
static inline int folder_in_child(int (*work)(void))
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0)
        _exit(work());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#endif
