/* SPDX-License-Identifier: MIT */
/*
 * power.c - cuts the power in upgrades, and counts how many ended wrong
 *
 *   power small SEED [WORD]
 *       small flashes of every kind, cut at every operation in every way; with
 *       WORD those that have it in their names, "nested" for further cuts
 *   power mini COUNT SEED SECTOR JOURNAL OLD NEW STEM
 *       a MiniFOTA package STEM.mini_1, cut COUNT times at random; the journal
 *       takes the place of what is at that address of the flash
 *   power image COUNT SEED SECTOR SCRATCH OLD NEW
 *       an image written over the old one, likewise
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "tests/power/image_scene.h"
#include "tests/power/made.h"
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
    uint32_t most = sim_most_erases(sim, scene->image);

    printf("%-32s %8" PRIu64 " operations, %" PRIu64 " bytes programmed, "
           "erases of a sector: image %u, scratch %u, journal %u%s%s\n",
           scene->name, sim->ops, sim->programmed, most,
           sim_most_erases(sim, scene->scratch),
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

/* One small scene, where its name has the word looked for. */
struct small {
    const struct dfota_flash *flash;
    bool grows;
    uint32_t seed;
    const char *word;
    struct cut_counts *sum;
};

static void name_scene(struct scene *scene, const char *kind,
                       const struct small *small)
{
    const struct dfota_flash *flash = small->flash;

    snprintf(scene->name, sizeof(scene->name), "%s %uK/%u/%02x %s", kind,
             (unsigned)(flash->sector_size / 1024), flash->program_unit,
             flash->erased, small->grows ? "grows" : "shrinks");
}

static void cut_small(struct scene *scene, const struct small *small)
{
    struct cut_counts counts = {0};
    char name[sizeof(scene->name)];

    memcpy(name, scene->name, sizeof(name));
    if (strstr(name, small->word) != NULL) {
        if (!report_wear(scene))
            counts.wrong++;
        cuts_everywhere(scene, false, small->seed, &counts);
        report(scene, &counts);
        add(small->sum, &counts);
    }
    if (small->flash->program_unit != 8 || small->flash->erased == 0x00 ||
        small->flash->sector_size != 4096 || strcmp(small->word, "nested") != 0)
        return;
    counts = (struct cut_counts){0};
    snprintf(scene->name, sizeof(scene->name), "%.40s nested", name);
    cuts_everywhere(scene, true, small->seed, &counts);
    report(scene, &counts);
    add(small->sum, &counts);
}

static void mini_small(const struct small *small)
{
    struct scene scene = {0};
    struct mini_scene mini = {0};

    name_scene(&scene, "MiniFOTA", small);
    mini_scene_make(&scene, &mini, small->flash,
                    &mini_sizes[small->grows ? 0 : 1]);
    cut_small(&scene, small);
    mini_scene_free(&mini);
}

/* The first bytes of each sector, for the others would only cost time. */
static void thin_out(struct dfota_buffer *image,
                     const struct dfota_flash *flash)
{
    for (size_t i = 0; i < image->size; i++)
        if (i % flash->sector_size >= 4096)
            image->data[i] = flash->erased;
}

static void put_image(struct dfota_buffer *out, uint32_t size, uint32_t seed)
{
    out->data = malloc(size);
    if (out->data == NULL)
        abort();
    out->size = out->capacity = size;
    made_fill(out->data, size, seed);
}

static void put_part(struct image_scene_part *part, const char *entry,
                     const uint32_t sizes[2], const struct small *small)
{
    part->part.entry = entry;
    put_image(&part->old, sizes[0], 7);
    put_image(&part->new, sizes[1], 8);
    made_edit(part->old.data, sizes[0], part->new.data, sizes[1]);
    thin_out(&part->old, small->flash);
    thin_out(&part->new, small->flash);
}

static void image_small(const struct small *small)
{
    uint32_t more = 2 * small->flash->sector_size;
    const uint32_t growing[2] = {more + 900, 2 * more - 900};
    const uint32_t shrinking[2] = {2 * more - 900, more + 900};
    const uint32_t other[2] = {3000, 3100};
    struct scene scene = {0};
    struct image_scene images = {.part_count = small->grows ? 1 : 2,
                                 .retries = small->grows ? 0 : 5};

    name_scene(&scene, small->grows ? "DFOTA" : "RG", small);
    put_part(&images.parts[0], small->grows ? "image.delta" : "modem.delta",
             small->grows ? growing : shrinking, small);
    if (!small->grows)
        put_part(&images.parts[1], "boot.delta", other, small);
    image_scene_make(&scene, &images, small->flash, more);
    cut_small(&scene, small);
    image_scene_free(&images);
}

static int small(uint32_t seed, const char *word)
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

        const struct small scene = {&flash, i / 6 % 2 != 0, seed + i, word,
                                    &sum};

        mini_small(&scene);
        image_small(&scene);
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

static int image(char **arguments)
{
    uint64_t count = strtoull(arguments[0], NULL, 0);
    uint32_t seed = (uint32_t)strtoul(arguments[1], NULL, 0);
    const struct dfota_flash flash = {
        .sector_size = (uint32_t)strtoul(arguments[2], NULL, 0),
        .program_unit = 8,
        .erased = 0xff,
    };
    uint32_t scratch = (uint32_t)strtoul(arguments[3], NULL, 0);
    struct scene scene = {0};
    struct image_scene images = {.part_count = 1};
    struct cut_counts counts = {0};

    images.parts[0].part.entry = "image.delta";
    load(arguments[4], &images.parts[0].old);
    load(arguments[5], &images.parts[0].new);
    image_scene_make(&scene, &images, &flash, scratch);
    snprintf(scene.name, sizeof(scene.name), "DFOTA %luK seed %lu",
             (unsigned long)(images.parts[0].new.size / 1024),
             (unsigned long)seed);
    if (!report_wear(&scene))
        counts.wrong++;
    cuts_at_random(&scene, count, seed, &counts);
    report(&scene, &counts);
    image_scene_free(&images);
    return counts.wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && argc <= 4 && strcmp(argv[1], "small") == 0)
        return small((uint32_t)strtoul(argv[2], NULL, 0),
                     argc == 4 ? argv[3] : "");
    if (argc == 9 && strcmp(argv[1], "mini") == 0)
        return mini(argv + 2);
    if (argc == 8 && strcmp(argv[1], "image") == 0)
        return image(argv + 2);
    fprintf(stderr, "usage: power small SEED [WORD]\n"
                    "       power mini COUNT SEED SECTOR JOURNAL OLD NEW "
                    "STEM\n"
                    "       power image COUNT SEED SECTOR SCRATCH OLD NEW\n");
    return 2;
}
