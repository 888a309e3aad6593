/* The table of supported operators, private to models/: one row says how many inputs an operator
 * takes, how its .tflite options are read and how it is checked. */
#ifndef MODELS_OPS_H
#define MODELS_OPS_H

#include "flatbuffer.h"
#include "models_check.h"

/* What the checks of one network share. */
struct models_check {
    const struct models_network *net;
    const char *path;
    struct cc_error *err;
    /* Found once per tensor, so that operators sharing weights cost nothing: */
    const uint8_t *symmetric;   /* [n_tensors] 1 when every zero point is 0 */
    const float *largest_scale; /* [n_tensors] 0 when not quantised */
};

struct models_ops_row {
    enum models_op_kind kind;
    int32_t min_inputs, max_inputs; /* those beyond min_inputs may be absent (-1) */
    /* .tflite: union type of the options, and whether their absence is an error rather than all
     * defaults. */
    uint8_t tflite_options;
    int options_required;
    /* Fills op from the options table (which may be absent when not required); op's tensors are
     * set and in range, nothing else about them is known. Returns NULL or what is wrong. */
    const char *(*tflite_read)(struct models_fb_table options, const struct models_network *net,
                               struct models_op *op);
    /* Verifies operator number index; tensors are in range and present where required. */
    enum cc_status (*check)(const struct models_check *c, int32_t index);
};

extern const struct models_ops_row models_ops[];
extern const int32_t models_ops_count;

/* The row of a builtin code, or NULL when it is not supported. */
const struct models_ops_row *models_ops_find(int32_t code);

/* "ADD, AVERAGE_POOL_2D, ..." of all rows, for messages. */
void models_ops_list(char *text, size_t size);

/* CC_ERR_INPUT "PATH:operator INDEX (KIND): ...". */
enum cc_status models_check_fail(const struct models_check *c, int32_t index, const char *format,
                                 ...) CC_PRINTF(3, 4);

/* models_check_ops.c */
enum cc_status models_check_add(const struct models_check *c, int32_t index);
enum cc_status models_check_average_pool(const struct models_check *c, int32_t index);
enum cc_status models_check_conv(const struct models_check *c, int32_t index);
enum cc_status models_check_depthwise(const struct models_check *c, int32_t index);
enum cc_status models_check_fully_connected(const struct models_check *c, int32_t index);
enum cc_status models_check_reshape(const struct models_check *c, int32_t index);
enum cc_status models_check_softmax(const struct models_check *c, int32_t index);

/* tflite_options.c */
const char *models_tflite_add(struct models_fb_table options, const struct models_network *net,
                              struct models_op *op);
const char *models_tflite_average_pool(struct models_fb_table options,
                                       const struct models_network *net, struct models_op *op);
const char *models_tflite_conv(struct models_fb_table options, const struct models_network *net,
                               struct models_op *op);
const char *models_tflite_depthwise(struct models_fb_table options,
                                    const struct models_network *net, struct models_op *op);
const char *models_tflite_fully_connected(struct models_fb_table options,
                                          const struct models_network *net, struct models_op *op);
const char *models_tflite_reshape(struct models_fb_table options, const struct models_network *net,
                                  struct models_op *op);
const char *models_tflite_softmax(struct models_fb_table options, const struct models_network *net,
                                  struct models_op *op);

#endif
