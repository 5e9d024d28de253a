/* SPDX-License-Identifier: MIT */
/*
 * power.c - cuts the power in upgrades, and counts how many ended wrong
 *
 *   power small [SEED]
 *       small flashes of every kind, cut at every operation in every way
 *   power mini COUNT SEED SECTOR JOURNAL OLD NEW STEM
 *       one real package, cut COUNT times at random
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "tests/power/mini_scene.h"

#define IMAGE_MAX ((uint64_t)64 << 20) /* bytes */

static void report(const struct scene *scene, const struct cut_counts *counts)
{
    printf("%-32s %8" PRIu64 " operations %9" PRIu64 " cuts %6" PRIu64
           " errors %4" PRIu64 " wrong\n",
           scene->name, counts->operations, counts->cuts, counts->errors,
           counts->wrong);
    fflush(stdout);
}

static void add(struct cut_counts *sum, const struct cut_counts *counts)
{
    sum->operations += counts->operations;
    sum->cuts += counts->cuts;
    sum->errors += counts->errors;
    sum->wrong += counts->wrong;
}

/* --- wear ----------------------------------------------------------------- */

/* Runs the upgrade without a cut; prints how often sectors were erased. */
static bool report_wear(const struct scene *scene)
{
    struct sim *sim = sim_new(&scene->flash, scene->old, 1);
    const char *problem = scene->run(scene, sim);
    uint32_t end = scene->journal.address + scene->journal.size;
    struct dfota_area before = {0, scene->journal.address};
    struct dfota_area behind = {end, scene->flash.size - end};
    uint32_t most = sim_most_erases(sim, before);

    if (sim_most_erases(sim, behind) > most)
        most = sim_most_erases(sim, behind);
    printf("%-32s %8" PRIu64 " operations, %" PRIu64 " bytes programmed, "
           "erases of a sector: image %u, journal %u%s%s\n",
           scene->name, sim->ops, sim->programmed, most,
           sim_most_erases(sim, scene->journal), problem ? ": " : "",
           problem ? problem : "");
    sim_free(sim);
    return problem == NULL && most <= 2;
}

/* --- small flashes -------------------------------------------------------- */

/* Old and new sizes: growing and shrinking. */
static const struct mini_scene_sizes mini_sizes[] = {
    {2900, 3700, 6000, 9100},
    {3700, 2900, 9100, 6000},
};

static void mini_small(const struct dfota_flash *flash, bool grows,
                       uint32_t seed, struct cut_counts *sum)
{
    struct scene scene = {0};
    struct mini_scene mini = {0};
    struct cut_counts counts = {0};
    bool nested = flash->program_unit == 8 && flash->sector_size == 4096 &&
                  flash->erased == 0xff;

    snprintf(scene.name, sizeof(scene.name), "MiniFOTA %uK/%u/%02x %s%s",
             (unsigned)(flash->sector_size / 1024), flash->program_unit,
             flash->erased, grows ? "grows" : "shrinks",
             nested ? " nested" : "");
    mini_scene_make(&scene, &mini, flash, &mini_sizes[grows ? 0 : 1]);
    if (!report_wear(&scene))
        counts.wrong++;
    cuts_everywhere(&scene, nested, seed, &counts);
    report(&scene, &counts);
    add(sum, &counts);
    mini_scene_free(&mini);
}

static int small(uint32_t seed)
{
    static const uint8_t units[] = {1, 8, 32};
    static const uint32_t sectors[] = {4096, 65536};
    struct cut_counts sum = {0};
    struct scene all = {.name = "all"};

    for (unsigned i = 0; i < 24; i++) {
        const struct dfota_flash flash = {
            .sector_size = sectors[i / 12],
            .program_unit = units[i % 3],
            .erased = i / 3 % 2 ? 0x00 : 0xff,
        };

        mini_small(&flash, i / 6 % 2 != 0, seed + i, &sum);
    }
    report(&all, &sum);
    return sum.wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- real images ---------------------------------------------------------- */

static uint8_t *load(const char *path, struct dfota_buffer *out)
{
    struct dfota_fault fault = {0};

    if (dfota_file_read(path, IMAGE_MAX, out, &fault)) {
        printf("%s: cannot be read\n", path);
        exit(EXIT_FAILURE);
    }
    return out->data;
}

static int mini(char **arguments)
{
    uint64_t count = strtoull(arguments[0], NULL, 0);
    uint32_t seed = (uint32_t)strtoul(arguments[1], NULL, 0);
    const struct dfota_flash flash = {
        .sector_size = (uint32_t)strtoul(arguments[2], NULL, 0),
        .program_unit = 1,
        .erased = 0xff,
    };
    uint32_t journal = (uint32_t)strtoul(arguments[3], NULL, 0);
    struct dfota_buffer images[2] = {{0}};
    struct scene scene = {0};
    struct mini_scene data = {0};
    struct cut_counts counts = {0};
    char path[1024];

    data.old = load(arguments[4], &images[0]);
    data.new = load(arguments[5], &images[1]);
    snprintf(path, sizeof(path), "%s.mini_1", arguments[6]);
    load(path, &data.first);
    snprintf(path, sizeof(path), "%s.mini_2", arguments[6]);
    load(path, &data.second);
    if (!mini_scene_load(&scene, &data, &flash, journal) ||
        images[0].size != scene.flash.size ||
        images[1].size != scene.flash.size) {
        printf("%s: not a package for these images\n", path);
        return EXIT_FAILURE;
    }
    snprintf(scene.name, sizeof(scene.name), "MiniFOTA %luK seed %lu",
             (unsigned long)(scene.flash.size / 1024), (unsigned long)seed);
    if (!report_wear(&scene))
        counts.wrong++;
    cuts_at_random(&scene, count, seed, &counts);
    report(&scene, &counts);
    mini_scene_free(&data);
    return counts.wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && argc <= 3 && strcmp(argv[1], "small") == 0)
        return small(argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 0) : 1);
    if (argc == 9 && strcmp(argv[1], "mini") == 0)
        return mini(argv + 2);
    fprintf(stderr, "usage: power small [SEED]\n"
                    "       power mini COUNT SEED SECTOR JOURNAL OLD NEW "
                    "STEM\n");
    return 2;
}
