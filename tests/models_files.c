#include "models_files.h"

#include "cc_file.h"

#include <string.h>
#include <unistd.h>

const char *const golden_supported[] = {
    "kws_ref_model",    "vww_96_int8",        "ic_resnet_int8",    "ad01_int8",
    "str_ww_ref_model", "person_detect_int8", "micro_speech_int8", "hello_world_int8",
    "simple_add_int8",  "synth_conv",         "synth_conv_chain",  "synth_dwconv",
    "synth_dwconv_1ch", "synth_fc",           "synth_softmax",
};
const size_t golden_supported_count = sizeof golden_supported / sizeof golden_supported[0];

const struct golden_refusal golden_refused[] = {
    {"audio_preprocessor_int8", "operator 0 (CUSTOM SignalWindow)"},
    {"dtln_lstm_int8", "operator 0 (UNIDIRECTIONAL_SEQUENCE_LSTM)"},
    {"keyword_scrambled_int8", "operator 0 (QUANTIZE)"},
    {"micro_speech_lstm_int8", "operator 0 (UNIDIRECTIONAL_SEQUENCE_LSTM)"},
    {"mnist_lstm_int8", "operator 0 (UNIDIRECTIONAL_SEQUENCE_LSTM)"},
    {"synth_act", "operator 0 (LOGISTIC)"},
    {"synth_eltwise", "operator 6 (SUB)"},
    {"synth_logistic_sweep", "operator 0 (LOGISTIC)"},
    {"synth_matmul", "operator 0 (BATCH_MATMUL)"},
    {"synth_pool", "operator 5 (MAX_POOL_2D)"},
    {"synth_quantize", "operator 0 (QUANTIZE)"},
    {"synth_reduce", "operator 0 (MEAN)"},
    {"synth_shape", "operator 0 (PAD)"},
    {"synth_svdf", "operator 0 (SVDF)"},
    {"synth_tconv", "operator 0 (TRANSPOSE_CONV)"},
};
const size_t golden_refused_count = sizeof golden_refused / sizeof golden_refused[0];

int golden_path(const char *relative, char *path, size_t size)
{
    snprintf(path, size, "%s/../shared/models/%s", CC_SOURCE_DIR, relative);
    if (access(path, R_OK) == 0)
        return 1;
    printf("skipped: no golden models at %s\n", path);
    return 0;
}

uint8_t *golden_model(const char *name, size_t *bytes)
{
    char relative[256], path[4096];
    uint8_t *data = NULL;
    snprintf(relative, sizeof relative, "%s/%s.tflite", name, name);
    if (!golden_path(relative, path, sizeof path))
        return NULL;
    return cc_file_read(path, (size_t)1 << 28, &data, bytes, NULL) == CC_OK ? data : NULL;
}

int csv_row(FILE *file, char *line, int size, char **columns, int max)
{
    if (!fgets(line, size, file))
        return 0;
    line[strcspn(line, "\r\n")] = '\0';
    int count = 0, quoted = 0;
    char *out = line;
    columns[count++] = out;
    for (const char *in = line; *in; in++) {
        if (*in == '"') {
            quoted = !quoted;
        } else if (*in == ',' && !quoted && count < max) {
            *out++ = '\0';
            columns[count++] = out;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
    return count;
}
