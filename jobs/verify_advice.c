/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "jobs/verification.h"

#define REFUSED "The module refuses the package and keeps its old firmware. "
#define SCENE_2                                                                \
    "The module stops after the first 2 KB and boots its old firmware "        \
    "(scene 2). "
#define SCENE_4                                                                \
    "The module ends in download mode and retries until it finds both files "  \
    "of one run (scene 4). "

/*
 * What comes of the first rule that fails, by the beginning of its name.  The
 * scenes are those of the vendor's guide, 5.1: before the first erase a module
 * returns to its old firmware, afterwards it stays in download mode.
 */
static const struct advice {
    const char *rule;
    const char *dfota;
    const char *mini; /* NULL: the same */
} advices[] = {
    {"NAM-2", "", SCENE_4 "Put both beside each other on the server."},
    {"MOD-",
     "The package is not for this module. Make one for the version that ATI "
     "reports, by the method that its model and flash size call for.",
     NULL},
    {"SPC-",
     "The module cannot store the package and keeps its old firmware. Free "
     "space in its files, or upgrade in two steps.",
     "The package is too large for the module. Do not upload it; upgrade in "
     "two steps."},
    {"VFY-10",
     "The package would make another image than the one wanted. Make it again "
     "from the right images.",
     NULL},
    {"VFY-1",
     REFUSED "Make the package again, or copy it again from where it was made.",
     "The module stops after the first 2 KB and boots its old firmware. Make "
     "the package again, or copy it again from where it was made."},
    {"VFY-5", REFUSED "Make the package from the very image that is flashed.",
     SCENE_2 "Make the package from the very image that is flashed."},
    {"VFY-6", "",
     SCENE_4 "Put .mini_1 and .mini_2 of one run of mkdelta on the server."},
    {"VFY-7", "",
     "The module has erased its big system by then: it stays in download mode "
     "and retries until both files on the server are right. Put them there "
     "again and send AT+QFOTADL in download mode."},
    {"VFY-8", "",
     "The module would be left in its download mode. Do not upload this "
     "package; make it from versions that differ less."},
    {"VFY-9", "The upgrade fails in the module. Make the package again.",
     "The module would be left in its download mode. Do not upload this "
     "package; make it again."},
    {"VFY-", /* 2 to 4 */
     REFUSED "Make a package for the version that ATI reports.",
     SCENE_2 "Make a package for the version that ATI reports."},
    {"", /* NAM-1, URL, CMD */
     "The module would not fetch the package, and keeps its old firmware. Mend "
     "what failed before anything is uploaded.",
     "With a wrong name or URL the module times out and boots its old firmware "
     "(scene 1), or, where only .mini_1 can be had, stays in download mode "
     "(scene 4). Mend what failed before anything is uploaded."},
};

static const char *advice_on(const struct dfota_verification *job)
{
    const struct advice *advice = advices;

    while (strncmp(job->failed, advice->rule, strlen(advice->rule)) != 0)
        advice++;
    return job->method == DFOTA_METHOD_MINI && advice->mini != NULL
               ? advice->mini
               : advice->dfota;
}

static const char *advice_on_lack(const struct dfota_verification *job)
{
    if (!job->readable)
        return "Nothing failed, but the package is of another make, and what "
               "is in it cannot be checked.";
    if (job->request->image == NULL)
        return "Nothing failed, but the source image was not checked. Pass "
               "--image, or --allow-skip to accept without it.";
    return "Nothing failed, but the module's version was not checked. Pass "
           "--module, or --allow-skip to accept without it.";
}

static void add(struct dfota_verified *out, const char *text)
{
    size_t used = strlen(out->advice);

    snprintf(out->advice + used, sizeof(out->advice) - used, "%s", text);
}

/* What the module does of itself after an error that has a code. */
static void add_retries(const struct dfota_verification *job)
{
    const struct dfota_rules *rules = job->rules;
    char text[200];

    if (job->mismatch == DFOTA_MISMATCH_APPLY && rules->apply_codes != NULL) {
        snprintf(text, sizeof(text),
                 " Writing that fails is reported as one of %s.",
                 rules->apply_codes);
        add(job->out, text);
    }
    if (rules->retries > 0) {
        snprintf(text, sizeof(text),
                 " After an error the module reboots and retries, up to %u "
                 "times, and then boots normally.",
                 rules->retries);
        add(job->out, text);
    }
    if (rules->forced_mode)
        add(job->out, " After a power loss it is in forced upgrade mode and "
                      "retries without limit.");
}

void dfota_verify_advise(struct dfota_verification *job)
{
    struct dfota_verified *out = job->out;
    if (out->verdict == DFOTA_ACCEPT)
        return;
    if (job->updated) {
        add(out, "The module already is where the package leads. Nothing is "
                 "to be done.");
        return;
    }
    if (job->failed == NULL) {
        add(out, advice_on_lack(job));
        return;
    }
    add(out, advice_on(job));
    if (strcmp(job->failed, "VFY-1") == 0 && job->rules->never_rezip)
        add(out, " Never unpack and pack it again.");
    if (job->mismatch != DFOTA_MISMATCH_NONE)
        add_retries(job);
}
