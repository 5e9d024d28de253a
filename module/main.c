/* SPDX-License-Identifier: MIT */
/* dfota-module - a virtual module to rehearse upgrades on */
#include <stdio.h>

#include "cli/options.h"
#include "cli/report.h"
#include "module/download.h"
#include "module/module.h"

#define FIELD(name) offsetof(struct module_options, name)

static const struct dfota_choice steps[] = {
    {"each", MODULE_STEPS_EACH},
    {"tens", MODULE_STEPS_TENS},
    {"twenties", MODULE_STEPS_TWENTIES},
    {"twelfths", MODULE_STEPS_TWELFTHS},
    {0},
};

static const struct dfota_operand operands[] = {
    {0},
};

static const struct dfota_option options[] = {
    {.name = "module",
     .argument = "VERSION",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(version),
     .help = "the version that ATI reports, until an upgrade; needed once, "
             "the state remembers it"},
    {.name = "flash",
     .argument = "FILE|FOLDER",
     .kind = DFOTA_OPTION_STRING,
     .required = true,
     .at = FIELD(flash),
     .help = "the image that is flashed, of RG and RM modules also a folder "
             "of partition images; an upgrade replaces it"},
    {.name = "state",
     .argument = "FOLDER",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(state),
     .help = "where everything is that lasts without power [FILE.state]"},
    {.name = "port",
     .argument = "PORT",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(port),
     .help = "where the host is: pty, stdio or tcp:HOST:PORT [pty]"},
    {.name = "link",
     .argument = "NAME",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(link),
     .help = "a symbolic link to the pseudo-terminal"},
    {.name = "fast",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(fast),
     .help = "wait half a percent of the time"},
    {.name = "steps",
     .kind = DFOTA_OPTION_CHOICE,
     .choices = steps,
     .at = FIELD(steps),
     .help = "how UPDATING counts under DFOTA [each]"},
    {.name = "quirk",
     .argument = "LIST",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(quirks),
     .help = "habits that no document describes, with commas between: "
             "coalesce, junk, httpsstart, end-before-start, "
             "vendor-power-loss"},
    {.name = "seed",
     .argument = "N",
     .kind = DFOTA_OPTION_COUNT,
     .at = FIELD(seed),
     .help = "chooses what is random [1]"},
    {.name = "trace",
     .argument = "FILE",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(trace),
     .help = "append what happens, one JSON object a line"},
    {.name = "cut-at",
     .argument = "EVENT",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(cut_at),
     .help = "cut the power at an event of the trace, or at one with a text, "
             "as in 'urc:\"START\"'"},
    {.name = "cut-after",
     .argument = "N",
     .kind = DFOTA_OPTION_SIZE,
     .at = FIELD(cut_after),
     .help = "cut the power within the N-th operation of the flash"},
    {.name = "flash-error",
     .argument = "N[+]",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(flash_error),
     .help = "let the N-th operation of the flash fail; with +, all from there "
             "on"},
    {.name = "network-loss",
     .argument = "BYTES:SECONDS",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(network_loss),
     .help = "have no network for SECONDS, once BYTES have been fetched, or a "
             "random number FROM-TO of them; several with commas between"},
    {.name = "resolve",
     .argument = "HOST:PORT:ADDRESS[:PORT]",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(resolve),
     .help = "where the server of that name and port really is"},
    {.name = "cacert",
     .argument = "FILE",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(cacert),
     .help = "the certificates that HTTPS trusts, in PEM [the system's]"},
    {.name = "ufs",
     .argument = "SIZE",
     .kind = DFOTA_OPTION_SIZE,
     .at = FIELD(ufs),
     .help = "bytes of the module's own file system [8M; RG and RM 256M]"},
    {.name = "rules",
     .argument = "NAME",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(rules),
     .help = "rule set: lte-standard-a-1.4, lte-standard-a-1.5 or "
             "rg50x-rm5xx-1.1 [the family's newest official one]"},
    {0},
};

static const char *const examples[] = {
    "dfota-module --module EC200ACNHAR01A02M16 --flash A02.bin",
    "dfota-module --module EC200NCNLAR03A01M08 --flash A01.img --link modem",
    "socat - ./modem,raw,echo=0,crnl",
    NULL,
};

static const struct dfota_program program = {
    "dfota-module",
    "Be a module: take AT commands, fetch packages from real servers, check "
    "them, and flash a file. Killing the process is a power cut, starting it "
    "again is switching on.",
    operands, options, examples};

static enum dfota_exit run(const struct module_options *opt)
{
    static struct module module; /* large */
    struct dfota_fault fault = {.offset = DFOTA_NO_OFFSET};
    enum dfota_exit status = DFOTA_EXIT_DONE;
    enum dfota_error err;

    err = module_open(&module, opt, &fault);
    if (!err) {
        if (module.port.name[0] != '\0')
            printf("port %s\n", module.port.name);
        fflush(stdout);
        module_run(&module);
    } else {
        status = dfota_report_fault(program.name, &fault, false);
    }
    module_close(&module);
    return status;
}

int main(int argc, char **argv)
{
    struct module_options opt = {.seed = 1};
    enum dfota_exit status;

    dfota_report_start();
    if (!module_download_start())
        return DFOTA_EXIT_MACHINE;
    if (dfota_options_parse(&program, argc, argv, &opt, &status))
        status = run(&opt);
    module_download_stop();
    return (int)dfota_report_finish(program.name, status);
}
