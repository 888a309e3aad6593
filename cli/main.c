/* coincell COMMAND ...: finds the subcommand, prints its error, returns its exit code. The only
 * place that prints errors. */
#include "cli.h"

#include "cc_file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A closed standard stream would hand its number to the next file that is opened, and printing
 * would write into it. Read-only /dev/null keeps the number, and writing fails as it should. */
static void fill_standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= 2);
    if (fd > 2)
        close(fd);
}

static void print_help(void)
{
    size_t count;
    const struct cli_command *commands = cli_commands(&count);
    puts("Usage: coincell COMMAND [ARGUMENTS]\n\n"
         "Runs int8 neural networks on an emulated Cortex-M, counts instructions and\n"
         "memory accesses, and says what an inference costs and how long the battery\n"
         "lasts.\n\n"
         "Commands:");
    for (size_t i = 0; i < count; i++) {
        printf("  %-10s ", commands[i].name);
        cli_print_wrapped(commands[i].summary, 13);
    }
    puts("\n"
         "  --help     print this; coincell COMMAND --help for a command's options\n"
         "  --version  print the version\n\n"
         "Runs are kept in coincell.db in the working directory; COINCELL_DB or --db say\n"
         "otherwise.\n"
         "Exit codes: 0 done, 2 wrong usage, 3 input refused, 4 the emulated firmware\n"
         "failed, 5 database error, 70 internal error or standard output not writable. A\n"
         "reader that closes its pipe early (coincell ... | head) ends the program\n"
         "silently by SIGPIPE, 141 to a shell.");
}

static enum cc_status unknown_command(const char *word, struct cc_error *err)
{
    const char *names[16];
    char list[128] = "", near[64];
    size_t count, used = 0;
    const struct cli_command *commands = cli_commands(&count);
    for (size_t i = 0; i < count && i < sizeof names / sizeof names[0]; i++) {
        names[i] = commands[i].name;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    if (!word)
        return cc_fail(err, CC_ERR_USAGE, "no command given; use one of %s, or --help", list);
    return cc_fail(err, CC_ERR_USAGE, "%s: unknown %s;%s commands: %s; or --help", word,
                   word[0] == '-' ? "option" : "command",
                   cc_did_you_mean(near, sizeof near, "", word, names, count), list);
}

static enum cc_status dispatch(int argc, char **argv, struct cc_error *err)
{
    size_t count;
    const struct cli_command *commands = cli_commands(&count);
    const char *word = argc > 1 ? argv[1] : NULL;
    if (word && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
                 (strcmp(word, "help") == 0 && argc == 2))) {
        print_help();
        return CC_OK;
    }
    if (word && strcmp(word, "--version") == 0) {
        puts("coincell " CC_VERSION);
        return CC_OK;
    }
    for (size_t i = 0; word && i < count; i++) {
        if (strcmp(word, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1, err);
    }
    return unknown_command(word, err);
}

/* Messages quote file names and words of files: those must not steer the terminal. */
static void print_error(const char *message)
{
    fputs("coincell: ", stderr);
    for (const unsigned char *s = (const unsigned char *)message; *s; s++) {
        int c1 = s[0] == 0xC2 && s[1] >= 0x80 && s[1] < 0xA0; /* C1 control in UTF-8 */
        fputc(*s < 0x20 || *s == 0x7F || c1 ? '?' : *s, stderr);
        s += c1;
    }
    fputc('\n', stderr);
}

int main(int argc, char **argv)
{
    struct cc_error err = {CC_OK, ""};
    fill_standard_streams();
    enum cc_status status = dispatch(argc, argv, &err);
    if (status == CC_OK)
        status = cli_flush(&err);
    if (status != CC_OK)
        print_error(err.message);
    return cc_exit_code(status);
}
