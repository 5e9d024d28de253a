/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/options.h"

enum colour { RED = 3, GREEN = 7 };

struct test_options {
    const char *first;
    const char *second;
    const char *out;
    const char *name;
    uint64_t size;
    unsigned count;
    enum colour colour;
    bool flag;
    bool quiet;
};

#define FIELD(name) offsetof(struct test_options, name)

static const struct dfota_choice colours[] = {
    {"red", RED}, {"green", GREEN}, {0}};

static const struct dfota_operand operands[] = {
    {"FIRST", FIELD(first), "the first operand"},
    {"SECOND", FIELD(second), "the second operand"},
    {0},
};

static const struct dfota_option options[] = {
    {.letter = 'o',
     .argument = "OUT",
     .kind = DFOTA_OPTION_STRING,
     .required = true,
     .at = FIELD(out),
     .help = "where to"},
    {.letter = 'n',
     .name = "name",
     .argument = "NAME",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(name),
     .help = "both a letter and a name, and so much to say that one line of "
             "eighty columns cannot hold it"},
    {.name = "size",
     .argument = "SIZE",
     .kind = DFOTA_OPTION_SIZE,
     .at = FIELD(size),
     .help = "bytes [64K]"},
    {.letter = 'j',
     .argument = "N",
     .kind = DFOTA_OPTION_COUNT,
     .at = FIELD(count),
     .help = "a number"},
    {.name = "colour",
     .kind = DFOTA_OPTION_CHOICE,
     .choices = colours,
     .at = FIELD(colour),
     .help = "a word"},
    {.letter = 'f',
     .name = "flag",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(flag),
     .help = "a flag"},
    {.letter = 'q',
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(quiet),
     .help = "another"},
    {0},
};

static const char *const examples[] = {"tester a b -o c", NULL};

static const struct dfota_program program = {"tester", "Test the parser.",
                                             operands, options, examples};

static struct test_options opt;
static enum dfota_exit status;
static char printed[4096]; /* what went to stderr, or for help to stdout */

/* Starts to catch what goes to `stream`, and returns where it went before. */
static int catch_begin(FILE *stream, FILE *to)
{
    int before;

    assert_non_null(to);
    fflush(stream);
    before = dup(fileno(stream));
    assert_true(before >= 0);
    assert_true(dup2(fileno(to), fileno(stream)) >= 0);
    return before;
}

/* Ends it, and puts what was caught into `printed`. */
static void catch_end(FILE *stream, FILE *to, int before)
{
    size_t size;

    fflush(stream);
    assert_true(dup2(before, fileno(stream)) >= 0);
    close(before);
    rewind(to);
    size = fread(printed, 1, sizeof(printed) - 1, to);
    printed[size] = '\0';
    fclose(to);
}

/* Parses a command line of at most 16 words, NULL after the last. */
static bool parse_on(FILE *stream, const char *const *words)
{
    char copies[16][700];
    char *argv[18] = {"tester"};
    FILE *to = tmpfile();
    int argc = 1;
    int before;
    bool good;

    for (; words[argc - 1] != NULL; argc++) {
        assert_true(argc < 16);
        snprintf(copies[argc], sizeof(copies[argc]), "%s", words[argc - 1]);
        argv[argc] = copies[argc];
    }
    opt = (struct test_options){.size = 65536};
    status = DFOTA_EXIT_MACHINE;
    before = catch_begin(stream, to);
    good = dfota_options_parse(&program, argc, argv, &opt, &status);
    catch_end(stream, to, before);
    return good;
}

/* The strings that `opt` points to die with the call: compare in it. */
static void accepts(const char *const *words, const struct test_options *want)
{
    static char empty[] = "";
    char *argv[18] = {empty};
    int argc = 1;

    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    opt = (struct test_options){.size = 65536};
    assert_true(dfota_options_parse(&program, argc, argv, &opt, &status));
    assert_string_equal(opt.first, want->first);
    assert_string_equal(opt.second, want->second);
    assert_string_equal(opt.out, want->out);
    if (want->name == NULL)
        assert_null(opt.name);
    else
        assert_string_equal(opt.name, want->name);
    assert_int_equal(opt.size, want->size);
    assert_int_equal(opt.count, want->count);
    assert_int_equal(opt.colour, want->colour);
    assert_int_equal(opt.flag, want->flag);
    assert_int_equal(opt.quiet, want->quiet);
}

#define WORDS(...)                                                             \
    (const char *const[])                                                      \
    {                                                                          \
        __VA_ARGS__, NULL                                                      \
    }
#define WANT(...)                                                              \
    &(struct test_options)                                                     \
    {                                                                          \
        .first = "a", .second = "b", .out = "c", __VA_ARGS__                   \
    }

static void reads_every_kind_of_option(void **state)
{
    (void)state;
    accepts(WORDS("a", "b", "-o", "c"), WANT(.size = 65536));
    accepts(WORDS("a", "b", "-o", "c", "--name", "x", "--size", "8M", "-j", "4",
                  "--colour", "green", "--flag"),
            WANT(.name = "x", .size = 8 << 20, .count = 4, .colour = GREEN,
                 .flag = true));
    accepts(WORDS("a", "b", "-o", "c", "--size=0x20", "--colour=red"),
            WANT(.size = 32, .colour = RED));
    accepts(WORDS("a", "b", "-o", "c", "-j1024"),
            WANT(.size = 65536, .count = 1024));
}

static void reads_options_anywhere(void **state)
{
    (void)state;
    accepts(WORDS("-f", "a", "-oc", "b", "-q"),
            WANT(.size = 65536, .flag = true, .quiet = true));
    accepts(WORDS("-fqn", "x", "a", "b", "-fqoc"),
            WANT(.name = "x", .size = 65536, .flag = true, .quiet = true));
    accepts(WORDS("-fnq", "a", "b", "-o", "c"),
            WANT(.name = "q", .size = 65536, .flag = true));
}

static void takes_values_as_they_are(void **state)
{
    (void)state;
    accepts(WORDS("a", "b", "-o", "c", "--name=--flag=1"),
            WANT(.name = "--flag=1", .size = 65536));
    accepts(WORDS("a", "b", "-o", "c", "-n", "--"),
            WANT(.name = "--", .size = 65536));
    accepts(WORDS("a", "b", "-o", "c", "-n=x"),
            WANT(.name = "=x", .size = 65536));
}

static void lets_the_last_of_two_count(void **state)
{
    (void)state;
    accepts(WORDS("a", "b", "-o", "z", "-o", "c", "-j2", "-j3"),
            WANT(.size = 65536, .count = 3));
}

static void ends_options_at_two_dashes(void **state)
{
    static const struct test_options want = {
        .first = "-f", .second = "--", .out = "c", .size = 65536};

    (void)state;
    accepts(WORDS("-o", "c", "--", "-f", "--"), &want);
}

static void takes_one_dash_for_an_operand(void **state)
{
    static const struct test_options want = {
        .first = "-", .second = "b", .out = "c", .size = 65536};

    (void)state;
    accepts(WORDS("-", "b", "-o", "c"), &want);
}

static void refuses_in_one_line_what_it_does_not_understand(void **state)
{
    static const struct {
        const char *word; /* after "a b -o c" */
        const char *value;
        const char *line;
    } cases[] = {
        {"-x", NULL, "unknown option '-x'"},
        {"-fx", NULL, "unknown option '-x'"},
        {"--frob", NULL, "unknown option '--frob'"},
        {"--frob=1", NULL, "unknown option '--frob'"},
        {"--fla", NULL, "unknown option '--fla'"},
        {"--hel", NULL, "unknown option '--hel'"},
        {"--=1", NULL, "unknown option '--'"},
        {"--flag=1", NULL, "option '--flag' takes no value"},
        {"--flag=", NULL, "option '--flag' takes no value"},
        {"--help=1", NULL, "option '--help' takes no value"},
        {"--name", NULL, "option '--name' needs NAME"},
        {"-n", NULL, "option '-n' needs NAME"},
        {"-fn", NULL, "option '-n' needs NAME"},
        {"--colour", NULL, "option '--colour' needs one of red, green"},
        {"--name=", NULL, "option '--name': NAME is empty"},
        {"-n", "", "option '-n': NAME is empty"},
        {"--colour=Red", NULL,
         "option '--colour': 'Red' is not one of red, green"},
        {"--colour", "re", "option '--colour': 're' is not one of red, green"},
        {"--size", "0",
         "option '--size': '0' is not a size such as 64K, 8M or 0x160000"},
        {"--size=", NULL,
         "option '--size': '' is not a size such as 64K, 8M or 0x160000"},
        {"-j", "0", "option '-j': '0' is not a number from 1 to 1024"},
        {"-j1025", NULL, "option '-j': '1025' is not a number from 1 to 1024"},
        {"-j+1", NULL, "option '-j': '+1' is not a number from 1 to 1024"},
        {"-j", "", "option '-j': '' is not a number from 1 to 1024"},
        {"-j", "4 ", "option '-j': '4 ' is not a number from 1 to 1024"},
        {"-j", "18446744073709551617",
         "option '-j': '18446744073709551617' is not a number from 1 to 1024"},
        {"d", NULL, "surplus operand 'd'"},
        {"-\x1b", NULL, "unknown option '-?'"},
        {"--\x1b[31m\n", NULL, "unknown option '--?[31m?'"},
    };
    char want[200];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(parse_on(
            stderr, WORDS("a", "b", "-o", "c", cases[i].word, cases[i].value)));
        assert_int_equal(status, DFOTA_EXIT_USAGE);
        snprintf(want, sizeof(want), "tester: %s; try '--help'\n",
                 cases[i].line);
        assert_string_equal(printed, want);
    }
}

static void refuses_a_command_line_that_lacks_something(void **state)
{
    (void)state;
    assert_false(parse_on(stderr, WORDS("-o", "c")));
    assert_string_equal(printed,
                        "tester: missing operand FIRST; try '--help'\n");
    assert_false(parse_on(stderr, WORDS("a", "-o", "c")));
    assert_string_equal(printed,
                        "tester: missing operand SECOND; try '--help'\n");
    assert_false(parse_on(stderr, WORDS("a", "b")));
    assert_string_equal(printed,
                        "tester: missing option -o OUT; try '--help'\n");
    assert_false(parse_on(stderr, WORDS("", "b", "-o", "c")));
    assert_string_equal(printed,
                        "tester: operand FIRST is empty; try '--help'\n");
    assert_int_equal(status, DFOTA_EXIT_USAGE);
}

static void survives_a_long_command_line(void **state)
{
    char word[600];

    (void)state;
    memset(word, 'x', sizeof(word) - 1);
    word[0] = word[1] = '-';
    word[sizeof(word) - 1] = '\0';
    assert_false(parse_on(stderr, WORDS(word)));
    assert_true(strlen(printed) < sizeof(word));
    assert_non_null(strstr(printed, "; try '--help'\n"));
}

static void survives_an_empty_argument_list(void **state)
{
    char *argv[] = {NULL};
    FILE *to = tmpfile();
    int before = catch_begin(stderr, to);
    bool good = dfota_options_parse(&program, 0, argv, &opt, &status);

    (void)state;
    catch_end(stderr, to, before);
    assert_false(good);
    assert_int_equal(status, DFOTA_EXIT_USAGE);
}

static void prints_help_from_the_table(void **state)
{
    (void)state;
    assert_false(parse_on(stdout, WORDS("a", "--help", "--frob")));
    assert_int_equal(status, DFOTA_EXIT_DONE);
    assert_string_equal(
        printed,
        "Usage: tester [options] FIRST SECOND -o OUT\n"
        "Test the parser.\n"
        "\n"
        "Operands:\n"
        "  FIRST               the first operand\n"
        "  SECOND              the second operand\n"
        "\n"
        "Options:\n"
        "  -o OUT              where to\n"
        "  -n, --name NAME     both a letter and a name, and so much to say "
        "that one\n"
        "                      line of eighty columns cannot hold it\n"
        "      --size SIZE     bytes [64K]\n"
        "  -j N                a number\n"
        "      --colour red|green\n"
        "                      a word\n"
        "  -f, --flag          a flag\n"
        "  -q                  another\n"
        "      --help          print this help and exit\n"
        "      --version       print the version and exit\n"
        "\n"
        "Exit status:\n"
        "  0  done or accepted\n"
        "  1  the input is refused or rejected\n"
        "  2  wrong usage\n"
        "  3  the machine failed; nothing is known about the input\n"
        "\n"
        "Examples:\n"
        "  tester a b -o c\n");
}

static void prints_the_version(void **state)
{
    (void)state;
    assert_false(parse_on(stdout, WORDS("--version")));
    assert_int_equal(status, DFOTA_EXIT_DONE);
    assert_memory_equal(printed, "tester (dfota) ", 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind_of_option),
        cmocka_unit_test(reads_options_anywhere),
        cmocka_unit_test(takes_values_as_they_are),
        cmocka_unit_test(lets_the_last_of_two_count),
        cmocka_unit_test(ends_options_at_two_dashes),
        cmocka_unit_test(takes_one_dash_for_an_operand),
        cmocka_unit_test(refuses_in_one_line_what_it_does_not_understand),
        cmocka_unit_test(refuses_a_command_line_that_lacks_something),
        cmocka_unit_test(survives_a_long_command_line),
        cmocka_unit_test(survives_an_empty_argument_list),
        cmocka_unit_test(prints_help_from_the_table),
        cmocka_unit_test(prints_the_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
