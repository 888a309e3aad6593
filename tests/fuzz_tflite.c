/* libFuzzer target: any bytes through reader, checks and planner. Run it on a folder of .tflite
 * files: fuzz_tflite -max_total_time=300 CORPUS */
#include "models_check.h"
#include "models_network.h"
#include "models_plan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct models_network net;
    struct models_plan plan;
    struct cc_error err = {CC_OK, ""};
    enum cc_status status = models_tflite_read("fuzz.tflite", data, bytes, &net, &err);
    if (status != CC_OK) {
        if (status != CC_ERR_INPUT || !err.message[0])
            abort();
        return 0;
    }
    if (models_network_check(&net, "fuzz.tflite", &err) != CC_OK)
        abort();
    status = models_plan_make(&net, NULL, &plan, &err);
    if (status == CC_OK)
        models_plan_free(&plan);
    else if (status != CC_ERR_INPUT)
        abort();
    models_network_free(&net);
    return 0;
}
