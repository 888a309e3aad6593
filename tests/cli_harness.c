#include "cli_harness.h"

#include "cc_file.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/coincell-cli-XXXXXX";

char *out, *err;

int cli_set_up(void **unused)
{
    (void)unused;
    unsetenv("COINCELL_DB");
    unsetenv("LC_CTYPE");
    setenv("LC_ALL", "C", 1);
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

int cli_tear_down(void **unused)
{
    (void)unused;
    char command[64];
    free(out);
    free(err);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

int exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

void slurp(const char *path, char **text)
{
    size_t bytes;
    uint8_t *data;
    struct cc_error error;
    if (cc_file_read(path, MAX_BYTES, &data, &bytes, &error) != CC_OK)
        fail_msg("%s", error.message);
    free(*text);
    *text = (char *)data;
}

/* A shell command in which $B is the binary; standard output and error go to out and err. */
int shell(const char *command)
{
    char line[2048];
    snprintf(line, sizeof line, "B='%s'; { %s ; } >.out 2>.err </dev/null", CC_BINARY, command);
    int status = system(line);
    slurp(".out", &out);
    slurp(".err", &err);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int coincell(const char *arguments)
{
    char command[1024];
    snprintf(command, sizeof command, "$B %s", arguments);
    return shell(command);
}

void assert_ok(const char *arguments)
{
    int code = coincell(arguments);
    if (code != 0)
        fail_msg("coincell %s: exit %d: %s", arguments, code, err);
    if (err[0])
        fail_msg("coincell %s: says on standard error: %s", arguments, err);
}

/* The exit code, nothing on standard output, and exactly one line that holds the words. */
void assert_fails(const char *arguments, int expected, const char *words)
{
    int code = coincell(arguments);
    if (code != expected)
        fail_msg("coincell %s: exit %d instead of %d: %s", arguments, code, expected, err);
    assert_string_equal(out, "");
    if (strncmp(err, "coincell: ", 10) != 0 || strchr(err, '\n') != err + strlen(err) - 1)
        fail_msg("coincell %s: not one line: %s", arguments, err);
    if (!strstr(err, words))
        fail_msg("coincell %s: no \"%s\" in: %s", arguments, words, err);
}

json_t *parsed(void)
{
    json_error_t error;
    json_t *root = json_loads(out, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("%s at line %d of:\n%s", error.text, error.line, out);
    return root;
}

json_t *at(json_t *root, const char *path)
{
    char part[64];
    json_t *value = root;
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, ".");
        assert_true(n < sizeof part);
        memcpy(part, p, n);
        part[n] = '\0';
        value = json_object_get(value, part);
        if (!value)
            fail_msg("no key %s", path);
        p += n + (p[n] == '.');
    }
    return value;
}

double number_at(json_t *root, const char *path)
{
    json_t *value = at(root, path);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

const char *text_at(json_t *root, const char *path)
{
    json_t *value = at(root, path);
    assert_true(json_is_string(value));
    return json_string_value(value);
}

void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance * fabs(b)))
        fail_msg("%.17g is not %.17g", a, b);
}

void write_random(const char *path, size_t bytes, uint32_t x)
{
    uint8_t *data = malloc(bytes);
    assert_non_null(data);
    for (size_t i = 0; i < bytes; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        data[i] = (uint8_t)x;
    }
    assert_int_equal(cc_file_write(path, data, bytes, NULL), CC_OK);
    free(data);
}

void sha256_of(const char *path, char hex[65])
{
    uint8_t *data;
    size_t bytes;
    assert_int_equal(cc_file_read(path, MAX_BYTES, &data, &bytes, NULL), CC_OK);
    cc_sha256_hex(data, bytes, hex);
    free(data);
}

long long size_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return (long long)st.st_size;
}

void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}
