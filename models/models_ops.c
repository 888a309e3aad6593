/* The table of supported operators. To add one: its code in models_network.h and its name in
 * models_network.c, a row here, its options in tflite_options.c, its demands in
 * models_check_ops.c, its multiply-accumulates in models_op_macs; then the program image and the
 * kernels. */
#include "models_ops.h"

#include <stdio.h>

/* Option union types are TensorFlow Lite's public BuiltinOptions numbers. */
const struct models_ops_row models_ops[] = {
    {MODELS_ADD, 2, 2, 11, 0, models_tflite_add, models_check_add},
    {MODELS_AVERAGE_POOL_2D, 1, 1, 5, 1, models_tflite_average_pool, models_check_average_pool},
    {MODELS_CONV_2D, 2, 3, 1, 1, models_tflite_conv, models_check_conv},
    {MODELS_DEPTHWISE_CONV_2D, 2, 3, 2, 1, models_tflite_depthwise, models_check_depthwise},
    {MODELS_FULLY_CONNECTED, 2, 3, 8, 0, models_tflite_fully_connected,
     models_check_fully_connected},
    {MODELS_RESHAPE, 1, 2, 17, 0, models_tflite_reshape, models_check_reshape},
    {MODELS_SOFTMAX, 1, 1, 9, 1, models_tflite_softmax, models_check_softmax},
};

const int32_t models_ops_count = sizeof models_ops / sizeof models_ops[0];

const struct models_ops_row *models_ops_find(int32_t code)
{
    for (int32_t i = 0; i < models_ops_count; i++) {
        if ((int32_t)models_ops[i].kind == code)
            return &models_ops[i];
    }
    return NULL;
}

void models_ops_list(char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < models_ops_count && used < size; i++) {
        int n = snprintf(text + used, size - used, "%s%s", i ? ", " : "",
                         models_op_name(models_ops[i].kind));
        used += n > 0 ? (size_t)n : 0;
    }
}
