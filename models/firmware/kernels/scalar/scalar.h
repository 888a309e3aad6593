/* Kernels for cores without DSP instructions (v6-M, v7-M): several outputs per pass, pointers
 * instead of indices, offsets folded into the bias by the host. */
#ifndef SCALAR_H
#define SCALAR_H

#include "kernels.h"

void scalar_add(const struct kernel_args *args);
void scalar_average_pool(const struct kernel_args *args);
void scalar_conv(const struct kernel_args *args);
void scalar_conv_stack(const struct kernel_args *args);
void scalar_depthwise_conv(const struct kernel_args *args);
void scalar_depthwise_conv_stack(const struct kernel_args *args);
void scalar_fully_connected(const struct kernel_args *args);

/* Copies bytes signed values as unsigned ones, x + 128. */
void scalar_copy_unsigned(uint8_t *to, const int8_t *from, int32_t bytes);
void scalar_fill(uint8_t *to, uint8_t value, int32_t bytes);

/* All output channels of one window (layout: scalar_layout.h) of n inputs: op's padded length with
 * zeros in the padding, or its length without. */
void scalar_window(const struct kernel_args *args, const uint8_t *window, int32_t n,
                   int8_t *output);

#endif
