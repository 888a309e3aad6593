/* Filters over one channel's plane: int16 elements, padding included. */
#ifndef DEPTHWISE_PLANES_H
#define DEPTHWISE_PLANES_H

#include "models_image.h"

#define PLANE_MAX_RUN 48 /* accumulators at a time */

/* `rows` rows of n outputs each of one output channel. */
struct plane_run {
    const struct image_op *op;
    const uint32_t *weights; /* rows of pairs as in dsp_layout.h */
    int32_t bias;
    int32_t pitch; /* elements between rows of the plane, even */
    int32_t rows, n;
};

/* Writes rows x n accumulators. plane: the first output's first tap. */
typedef void (*plane_fn)(const struct plane_run *run, const int16_t *plane, int32_t *acc);

/* The function for an operator's filter, stride and dilation. */
plane_fn plane_filter(const struct image_op *op);

#endif
