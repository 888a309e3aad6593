/* Filters over one channel's plane: int16 elements, padding included. */
#ifndef DEPTHWISE_PLANES_H
#define DEPTHWISE_PLANES_H

#include "models_image.h"

#define PLANE_MAX_RUN 48 /* accumulators at a time */

/* Accumulators of n neighbouring outputs of one row. plane: the first output's first tap; pitch in
 * elements, even. weights: rows of pairs as in dsp_layout.h. */
typedef void (*plane_fn)(const int16_t *plane, const struct image_op *op, int32_t pitch,
                         const uint32_t *weights, int32_t bias, int32_t n, int32_t *acc);

/* The function for an operator's filter, stride and dilation. */
plane_fn plane_filter(const struct image_op *op);

#endif
