/* TensorFlow Lite's public names, for messages that refuse what is not supported. */
#include "tflite.h"

#include <stddef.h>
#include <stdio.h>

const char *models_type_name(int type)
{
    static const char *const names[] = {
        "FLOAT32",  "FLOAT16",  "INT32",     "UINT8",         "INT64",       "STRING",
        "BOOL",     "INT16",    "COMPLEX64", "INT8",          "FLOAT64",     "COMPLEX128",
        "UINT64",   "RESOURCE", "VARIANT",   "UINT32",        "UINT16",      "INT4",
        "BFLOAT16", "INT2",     "UINT4",     "FLOAT8_E4M3FN", "FLOAT8_E5M2",
    };
    /* A byte on disk, so every unknown number has a constant name as well. */
    static _Thread_local char unknown[24];
    if (type >= 0 && (size_t)type < sizeof names / sizeof names[0])
        return names[type];
    snprintf(unknown, sizeof unknown, "type %d", type);
    return unknown;
}

static const struct {
    int32_t code;
    const char *name;
} builtins[] = {
    {0, "ADD"},
    {1, "AVERAGE_POOL_2D"},
    {2, "CONCATENATION"},
    {3, "CONV_2D"},
    {4, "DEPTHWISE_CONV_2D"},
    {5, "DEPTH_TO_SPACE"},
    {6, "DEQUANTIZE"},
    {9, "FULLY_CONNECTED"},
    {11, "L2_NORMALIZATION"},
    {14, "LOGISTIC"},
    {17, "MAX_POOL_2D"},
    {18, "MUL"},
    {19, "RELU"},
    {21, "RELU6"},
    {22, "RESHAPE"},
    {23, "RESIZE_BILINEAR"},
    {25, "SOFTMAX"},
    {26, "SPACE_TO_DEPTH"},
    {27, "SVDF"},
    {28, "TANH"},
    {32, "CUSTOM"},
    {34, "PAD"},
    {36, "GATHER"},
    {38, "SPACE_TO_BATCH_ND"},
    {39, "TRANSPOSE"},
    {40, "MEAN"},
    {41, "SUB"},
    {42, "DIV"},
    {43, "SQUEEZE"},
    {44, "UNIDIRECTIONAL_SEQUENCE_LSTM"},
    {45, "STRIDED_SLICE"},
    {49, "SPLIT"},
    {50, "LOG_SOFTMAX"},
    {53, "CAST"},
    {54, "PRELU"},
    {55, "MAXIMUM"},
    {56, "ARG_MAX"},
    {57, "MINIMUM"},
    {60, "PADV2"},
    {61, "GREATER"},
    {63, "LESS_EQUAL"},
    {65, "SLICE"},
    {67, "TRANSPOSE_CONV"},
    {70, "EXPAND_DIMS"},
    {71, "EQUAL"},
    {74, "SUM"},
    {79, "ARG_MIN"},
    {82, "REDUCE_MAX"},
    {83, "PACK"},
    {88, "UNPACK"},
    {89, "REDUCE_MIN"},
    {97, "RESIZE_NEAREST_NEIGHBOR"},
    {98, "LEAKY_RELU"},
    {99, "SQUARED_DIFFERENCE"},
    {100, "MIRROR_PAD"},
    {101, "ABS"},
    {102, "SPLIT_V"},
    {105, "REVERSE_V2"},
    {111, "ELU"},
    {114, "QUANTIZE"},
    {117, "HARD_SWISH"},
    {126, "BATCH_MATMUL"},
};

void models_tflite_builtin_name(int32_t code, char *name, size_t size)
{
    for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++) {
        if (builtins[i].code == code) {
            snprintf(name, size, "%s", builtins[i].name);
            return;
        }
    }
    snprintf(name, size, "builtin code %d", code);
}
