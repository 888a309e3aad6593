/* Finds out what a TARGET is and reads it. */
#include "models_network.h"

#include "cc_file.h"
#include "models_check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ZOO_FOLDER "models/zoo"

static int ends_with(const char *text, const char *ending)
{
    const size_t n = strlen(text);
    const size_t m = strlen(ending);
    return n > m && strcmp(text + n - m, ending) == 0;
}

static int is_regular_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int is_zoo_name(const char *name)
{
    char relative[256];
    char path[PATH_MAX];
    snprintf(relative, sizeof relative, ZOO_FOLDER "/%s.yaml", name);
    return name[0] && cc_data_path(relative, path, sizeof path);
}

/* "ad, button, cloud" */
static void list_zoo(char *list, size_t size)
{
    char **names;
    size_t count;
    size_t used = 0;
    snprintf(list, size, "(none installed)");
    if (cc_data_names(ZOO_FOLDER, &names, &count, NULL) != CC_OK)
        return;
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(list + used, size - used, "%s%s", i ? ", " : "", names[i]);
    cc_names_free(names, count);
}

static enum cc_status no_such_file(const char *target, struct cc_error *err)
{
    char list[512];
    list_zoo(list, sizeof list);
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: no such file; give a .tflite or .yaml file, or a built-in model: %s",
                   target, list);
}

/* Whether the file carries TensorFlow Lite's identifier. */
static int has_tflite_identifier(const char *path)
{
    char start[8];
    FILE *file = fopen(path, "rb");
    const size_t got = file ? fread(start, 1, sizeof start, file) : 0;
    if (file)
        fclose(file);
    return got == sizeof start && memcmp(start + 4, "TFL3", 4) == 0;
}

static enum cc_status load_tflite(const char *path, struct models_network *net,
                                  struct cc_error *err)
{
    uint8_t *data;
    size_t bytes;
    enum cc_status status = cc_file_read(path, MODELS_MAX_FILE, &data, &bytes, err);
    if (status != CC_OK)
        return status;
    status = models_tflite_read(path, data, bytes, net, err);
    free(data);
    return status;
}

static enum cc_status load_file(const char *path, struct models_network *net, const char **kind,
                                struct cc_error *err)
{
    if (!is_regular_file(path)) {
        struct stat st;
        if (stat(path, &st) != 0)
            return no_such_file(path, err);
        return cc_fail(err, CC_ERR_INPUT, "%s: is not a regular file; give a .tflite or .yaml file",
                       path);
    }
    if (has_tflite_identifier(path)) {
        *kind = "tflite";
        return load_tflite(path, net, err);
    }
    if (ends_with(path, ".yaml") || ends_with(path, ".yml")) {
        *kind = "architecture";
        return models_architecture_read(path, net, err);
    }
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: has no TFL3 identifier at byte 4 and no .yaml ending; give a .tflite model "
                   "or an architecture file",
                   path);
}

enum cc_status models_load(const char *target, struct models_network *net, const char **kind,
                           char *resolved, size_t resolved_size, struct cc_error *err)
{
    memset(net, 0, sizeof *net);
    *kind = "";
    /* A plain word is a built-in model first, so that a file of that name does not hide it. */
    if (!strchr(target, '/') && !strchr(target, '.') &&
        (is_zoo_name(target) || !is_regular_file(target))) {
        enum cc_status status =
            cc_data_resolve("model", ZOO_FOLDER, target, resolved, resolved_size, err);
        if (status != CC_OK)
            return status;
        *kind = "zoo";
        return models_architecture_read(resolved, net, err);
    }
    if ((size_t)snprintf(resolved, resolved_size, "%s", target) >= resolved_size)
        return cc_fail(err, CC_ERR_INPUT, "%.200s...: path is too long", target);
    return load_file(resolved, net, kind, err);
}
