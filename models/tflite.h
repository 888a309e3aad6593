/* Private to the .tflite reader: what its files share. */
#ifndef MODELS_TFLITE_H
#define MODELS_TFLITE_H

#include "flatbuffer.h"
#include "models_check.h"
#include "models_network.h"

/* The sub-tables of one file while it is read. fb points at the network's own copy. */
struct models_tflite {
    const char *path;
    struct cc_error *err;
    struct models_fb fb;
    struct models_fb_vector codes, buffers, tensors, ops;
    struct models_fb_table subgraph;
    struct models_network *net;
    int32_t scales; /* of all tensors so far */
};

/* CC_ERR_INPUT naming the malformed place, or CC_OK when there is none. */
enum cc_status models_tflite_malformed(struct models_tflite *r);

/* tflite_tensors.c: net->tensors from the subgraph. */
enum cc_status models_tflite_tensors(struct models_tflite *r);

/* tflite_ops.c: refuses operators that are not supported, before anything else is looked at. */
enum cc_status models_tflite_screen_ops(struct models_tflite *r);

/* tflite_ops.c: "operator N (KIND)" of the first operator that uses a tensor, or "no operator". */
void models_tflite_user_of(struct models_tflite *r, int32_t tensor, char *text, size_t size);

/* tflite_ops.c: net->ops from the subgraph; tensors have been read. */
enum cc_status models_tflite_ops(struct models_tflite *r);

/* tflite_names.c: "CONV_2D", or "builtin code N". */
void models_tflite_builtin_name(int32_t code, char *name, size_t size);

#endif
