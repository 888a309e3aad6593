/* Private to the .tflite reader: what its files share. */
#ifndef MODELS_TFLITE_H
#define MODELS_TFLITE_H

#include "flatbuffer.h"
#include "models_check.h"
#include "models_network.h"

#define MODELS_TFLITE_KIND_BYTES  64                              /* "CUSTOM SignalWindow" */
#define MODELS_TFLITE_WHERE_BYTES (MODELS_TFLITE_KIND_BYTES + 32) /* "operator N (KIND)" */

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

/* tflite_ops.c: the OperatorCode table of an operator; absent when its index is out of range. */
struct models_fb_table models_tflite_code_of(struct models_tflite *r, struct models_fb_table op);

/* tflite_ops.c: the builtin code of an OperatorCode table, and its name: "CONV_2D" or
 * "CUSTOM SignalWindow", in printable characters whatever the file holds. */
int32_t models_tflite_builtin_code(struct models_fb_table code);
void models_tflite_kind_name(struct models_fb_table code, char name[MODELS_TFLITE_KIND_BYTES]);

/* tflite_survey.c: CC_ERR_INPUT "PATH:WHERE: WHAT; unsupported are N of M operators: SVDF x7,
 * QUANTIZE x2 (INT16); SUPPORTED", from all operators of the file whose kind or whose tensors'
 * types are not supported, most frequent first. When not all fit the message, the list ends with
 * "and N more"; where, what and supported (400 bytes together) are kept whole. Damage found on the
 * way is told instead. */
enum cc_status models_tflite_unsupported(struct models_tflite *r, const char *where,
                                         const char *what, const char *supported);

/* tflite_ops.c: "operator N (KIND)" of the first operator that uses a tensor, or "no operator". */
void models_tflite_user_of(struct models_tflite *r, int32_t tensor, char *text, size_t size);

/* tflite_ops.c: net->ops from the subgraph; tensors have been read. */
enum cc_status models_tflite_ops(struct models_tflite *r);

/* tflite_names.c: "CONV_2D", or "builtin code N". */
void models_tflite_builtin_name(int32_t code, char *name, size_t size);

#endif
