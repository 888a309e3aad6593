/* Names of what can be run: built-in workloads and models of the zoo. */
#include "cc_file.h"
#include "workload.h"

#include <stdlib.h>
#include <string.h>

static enum cc_status unknown(const char *name, char **models, size_t model_count,
                              struct cc_error *err)
{
    size_t count = model_count, workloads = 0;
    char near[128];
    while (cli_workload_info((uint32_t)workloads))
        workloads++;
    const char **all = calloc(model_count + workloads + 1, sizeof *all);
    if (!all)
        return cc_no_memory(err);
    for (size_t i = 0; i < model_count; i++)
        all[i] = models[i];
    for (size_t i = 0; i < workloads; i++)
        all[count++] = cli_workload_info((uint32_t)i)->name;
    cc_did_you_mean(near, sizeof near, "", name, all, count);
    free(all);
    return cc_fail(err, CC_ERR_INPUT,
                   "%.200s: unknown model or workload;%s coincell list models and coincell list "
                   "workloads name them; or give the path of a .tflite or .yaml file",
                   name, near);
}

enum cc_status cli_target_check(const char *name, struct cc_error *err)
{
    char **models = NULL;
    size_t count = 0;
    int found = strpbrk(name, "/.") || cc_file_same(name, name) || cli_workload_find(name);
    if (found)
        return CC_OK;
    enum cc_status status = cc_data_names("models/zoo", &models, &count, err);
    for (size_t i = 0; status == CC_OK && i < count; i++)
        found = found || strcmp(models[i], name) == 0;
    if (status == CC_OK && !found)
        status = unknown(name, models, count, err);
    cc_names_free(models, count);
    return status;
}
