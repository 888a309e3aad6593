#include "cc_file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum cc_status cc_file_read(const char *path, size_t max_bytes, uint8_t **data, size_t *bytes,
                            struct cc_error *err)
{
    *data = NULL;
    *bytes = 0;
    /* Without O_NONBLOCK opening a named pipe would wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "rb");
    if (!file) {
        enum cc_status status =
            cc_fail(err, CC_ERR_INPUT, "%s: cannot be opened: %s; give a file that can be read",
                    path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return status;
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        fclose(file);
        return cc_fail(err, CC_ERR_INPUT, "%s: is not a regular file; give the path of a file",
                       path);
    }
    if (st.st_size < 0 || (uintmax_t)st.st_size > max_bytes) {
        fclose(file);
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %jd bytes are more than the %zu accepted here; give a smaller file",
                       path, (intmax_t)st.st_size, max_bytes);
    }
    size_t size = (size_t)st.st_size;
    uint8_t *buffer = malloc(size + 1);
    if (!buffer) {
        fclose(file);
        return cc_no_memory(err);
    }
    size_t got = fread(buffer, 1, size, file);
    fclose(file);
    if (got != size) {
        free(buffer);
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: could be read only to byte %zu of %zu; look at the disk, or whether it "
                       "is being written",
                       path, got, size);
    }
    buffer[size] = 0;
    *data = buffer;
    *bytes = size;
    return CC_OK;
}

enum cc_status cc_file_write(const char *path, const void *data, size_t bytes, struct cc_error *err)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return cc_fail(err, CC_ERR_INPUT, "%s: cannot be written: %s; give a path that can be",
                       path, strerror(errno));
    size_t put = fwrite(data, 1, bytes, file);
    int failed = put != bytes;
    if (fclose(file) != 0)
        failed = 1;
    if (failed)
        return cc_fail(err, CC_ERR_INPUT, "%s: could not be written whole: %s; is the disk full?",
                       path, strerror(errno));
    return CC_OK;
}

int cc_file_same(const char *a, const char *b)
{
    struct stat x, y;
    return a && b && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* Candidate folders in order; index past the last gives 0. */
static int data_root(unsigned index, char *path, size_t size)
{
    const char *env = getenv("COINCELL_DATA");
    char exe[PATH_MAX - 32];
    switch (index) {
    case 0:
        snprintf(path, size, "%s", env ? env : "");
        return 1;
    case 1: {
        ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
        exe[n < 0 ? 0 : n] = '\0';
        char *slash = strrchr(exe, '/');
        if (slash)
            *slash = '\0';
        snprintf(path, size, "%s/../share/coincell", exe);
        return 1;
    }
    case 2:
        snprintf(path, size, "%s", CC_BUILD_DIR);
        return 1;
    case 3:
        snprintf(path, size, "%s", CC_SOURCE_DIR);
        return 1;
    default:
        return 0;
    }
}

int cc_data_path(const char *relative, char *path, size_t size)
{
    char root[PATH_MAX];
    path[0] = '\0';
    for (unsigned i = 0; data_root(i, root, sizeof root); i++) {
        if (!root[0])
            continue;
        snprintf(path, size, "%s/%s", root, relative);
        if (access(path, R_OK) == 0)
            return 1;
    }
    return 0;
}

static int is_yaml_name(const char *name)
{
    size_t n = strlen(name);
    return (n > 5 && strcmp(name + n - 5, ".yaml") == 0) ||
           (n > 4 && strcmp(name + n - 4, ".yml") == 0);
}

/* " and 7 more (coincell list sensors)" */
static void count_more(const char *folder, size_t more, char *text, size_t size)
{
    static const struct {
        const char *folder, *list;
    } lists[] = {{"sim/chips", "mcus"},
                 {"models/zoo", "models"},
                 {"energy/batteries", "batteries"},
                 {"energy/regulators", "regulators"},
                 {"energy/harvesters", "harvesters"},
                 {"energy/radios", "radios"},
                 {"energy/sensors", "sensors"},
                 {"energy/scenarios", "scenarios"}};
    int used = snprintf(text, size, " and %zu more", more);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (strcmp(lists[i].folder, folder) == 0)
            snprintf(text + used, size - (size_t)used, " (coincell list %s)", lists[i].list);
    }
}

/* Names as far as whole ones fit into size bytes, and how many are left. */
static void list_names(const char *folder, char **names, size_t count, char *text, size_t size)
{
    char more[80];
    size_t used = 0, i = 0;
    text[0] = '\0';
    for (; i < count && used + strlen(names[i]) + sizeof more + 3 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", names[i]);
    if (i < count) {
        count_more(folder, count - i, more, sizeof more);
        snprintf(text + used, size - used, "%s", more);
    }
}

static enum cc_status unknown_name(const char *what, const char *folder, const char *name,
                                   struct cc_error *err)
{
    char **names = NULL;
    size_t count = 0;
    char list[640] = "";
    enum cc_status status = cc_data_names(folder, &names, &count, err);
    if (status != CC_OK)
        return status;
    char near[128];
    cc_did_you_mean(near, sizeof near, "", name, (const char *const *)names, count);
    list_names(folder, names, count, list, sizeof list);
    status =
        cc_fail(err, CC_ERR_INPUT, "%s: unknown %s;%s known: %s; or give the path of a .yaml file",
                name, what, near, count ? list : "(none installed)");
    cc_names_free(names, count);
    return status;
}

enum cc_status cc_data_resolve(const char *what, const char *folder, const char *name_or_file,
                               char *path, size_t size, struct cc_error *err)
{
    if (strchr(name_or_file, '/') || is_yaml_name(name_or_file)) {
        if ((size_t)snprintf(path, size, "%s", name_or_file) >= size)
            return cc_fail(err, CC_ERR_INPUT, "%.200s...: path is too long; give a shorter one",
                           name_or_file);
        return CC_OK;
    }
    char relative[PATH_MAX];
    snprintf(relative, sizeof relative, "%s/%s.yaml", folder, name_or_file);
    if (name_or_file[0] && cc_data_path(relative, path, size))
        return CC_OK;
    return unknown_name(what, folder, name_or_file, err);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int has_name(char **names, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0)
            return 1;
    }
    return 0;
}

static enum cc_status add_folder(const char *path, char ***names, size_t *count,
                                 struct cc_error *err)
{
    DIR *dir = opendir(path);
    if (!dir)
        return CC_OK;
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t n = strlen(entry->d_name);
        if (n <= 5 || strcmp(entry->d_name + n - 5, ".yaml") != 0 ||
            has_name(*names, *count, entry->d_name, n - 5))
            continue;
        char **grown = realloc(*names, (*count + 1) * sizeof **names);
        if (grown)
            *names = grown;
        char *copy = grown ? strndup(entry->d_name, n - 5) : NULL;
        if (!copy) {
            closedir(dir);
            return cc_no_memory(err);
        }
        (*names)[(*count)++] = copy;
    }
    closedir(dir);
    return CC_OK;
}

enum cc_status cc_data_names(const char *folder, char ***names, size_t *count, struct cc_error *err)
{
    char root[PATH_MAX];
    char path[PATH_MAX + 128];
    *names = NULL;
    *count = 0;
    for (unsigned i = 0; data_root(i, root, sizeof root); i++) {
        if (!root[0])
            continue;
        snprintf(path, sizeof path, "%s/%s", root, folder);
        enum cc_status status = add_folder(path, names, count, err);
        if (status != CC_OK) {
            cc_names_free(*names, *count);
            *names = NULL;
            *count = 0;
            return status;
        }
    }
    if (*count > 1)
        qsort(*names, *count, sizeof **names, compare_names);
    return CC_OK;
}

void cc_names_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

#define PART_LETTERS     3  /* from so many on, a word inside a candidate is near it */
#define WORD_MAX_LETTERS 63 /* of a word that is compared; the rest is ignored */

static int same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edits from a to b: a letter more, less, changed, or swapped with its neighbour. */
static unsigned edit_distance(const char *a, const char *b)
{
    unsigned rows[3][WORD_MAX_LETTERS + 1] = {{0}};
    size_t na = strnlen(a, WORD_MAX_LETTERS), nb = strnlen(b, WORD_MAX_LETTERS);
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            row[j] = above[j - 1] + !same_letter(a[i - 1], b[j - 1]);
            row[j] = least(row[j], least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return rows[na % 3][nb];
}

const char *cc_nearest(const char *word, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t letters = strnlen(word, WORD_MAX_LETTERS);
    unsigned best_distance = letters < 4 ? 2 : (unsigned)letters / 2 + 1;
    for (size_t i = 0; i < count; i++) {
        unsigned d = edit_distance(word, candidates[i]);
        if (letters >= PART_LETTERS && strcasestr(candidates[i], word))
            d = least(d, 1);
        if (d < best_distance) {
            best_distance = d;
            best = candidates[i];
        }
    }
    return best;
}

const char *cc_did_you_mean(char *text, size_t size, const char *prefix, const char *word,
                            const char *const *candidates, size_t count)
{
    const char *near = cc_nearest(word, candidates, count);
    text[0] = '\0';
    if (near)
        snprintf(text, size, " did you mean %s%s?", prefix, near);
    return text;
}

void cc_sha256_hex(const void *data, size_t bytes, char hex[65])
{
    SHA256Data(data, bytes, hex);
}
