/* The readable kernels: plain loops over the shapes in the record, one function per operator.
 * Weights are in TensorFlow Lite's order. Other variants use them for what they do not speed up. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "kernels.h"

void reference_add(const struct kernel_args *args);
void reference_average_pool(const struct kernel_args *args);
void reference_conv(const struct kernel_args *args);
void reference_depthwise_conv(const struct kernel_args *args);
void reference_fully_connected(const struct kernel_args *args);
void reference_reshape(const struct kernel_args *args);
void reference_softmax(const struct kernel_args *args);

#endif
