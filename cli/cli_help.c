/* Help of a subcommand from its argp table: argp's own prints an option that has a short form twice
 * and leaves blanks behind a line. Everything fits a terminal of 80 columns. */
#include "cli.h"

#include <string.h>

#define WIDTH         80
#define OPTION_COLUMN 27

/* Words of files must not steer the terminal. */
static int put_word(const char *word, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)word[i];
        /* C1 controls in UTF-8: only their second byte is told from a letter's by the first */
        int c1 = i > 0 && (unsigned char)word[i - 1] == 0xC2 && c >= 0x80 && c < 0xA0;
        putchar(c < 0x20 || c == 0x7F || c1 ? '?' : c);
    }
    return (int)bytes;
}

void cli_print_wrapped(const char *text, unsigned indent)
{
    unsigned at = indent;
    int first = 1; /* word of its line */
    while (*text) {
        size_t word = strcspn(text, " \n");
        if (!first && at + 1 + word > WIDTH) {
            printf("\n%*s", (int)indent, "");
            at = indent;
            first = 1;
        }
        at += (unsigned)printf("%s", first ? "" : " ");
        at += (unsigned)put_word(text, word);
        first = 0;
        text += word;
        text += strspn(text, " ");
        for (; *text == '\n'; text++) { /* as written */
            printf("\n%*s", (int)indent, "");
            at = indent;
            first = 1;
        }
    }
    putchar('\n');
}

static void print_option(const struct argp_option *o)
{
    char left[64];
    int n = snprintf(left, sizeof left, "  %s--%s%s%s", o->key == CLI_KEY_HELP ? "-h, " : "    ",
                     o->name, o->arg ? " " : "", o->arg ? o->arg : "");
    if (n < 0)
        return;
    if (n >= OPTION_COLUMN) {
        puts(left);
        left[0] = '\0';
    }
    printf("%-*s", OPTION_COLUMN, left);
    cli_print_wrapped(o->doc, OPTION_COLUMN);
}

void cli_print_help(const struct argp *argp, const char *command)
{
    const char *after = argp->doc ? strchr(argp->doc, '\v') : NULL;
    char before[512];
    snprintf(before, sizeof before, "%.*s",
             after ? (int)(after - argp->doc) : (int)sizeof before - 1, argp->doc ? argp->doc : "");
    printf("Usage: coincell %s [OPTION...]%s%s\n\n", command, argp->args_doc ? " " : "",
           argp->args_doc ? argp->args_doc : "");
    cli_print_wrapped(before, 0);
    putchar('\n');
    for (const struct argp_option *o = argp->options; o->name; o++)
        print_option(o);
    if (!after)
        return;
    putchar('\n');
    cli_print_wrapped(after + 1, 0);
}
