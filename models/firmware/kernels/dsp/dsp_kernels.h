/* Kernels of the dsp variant, for cores with the DSP extension (Cortex-M4, M7, M33). */
#ifndef DSP_KERNELS_H
#define DSP_KERNELS_H

#include "kernels.h"

void dsp_add(const struct kernel_args *args);
void dsp_average_pool(const struct kernel_args *args);
void dsp_conv(const struct kernel_args *args);            /* DSP_PAIRS */
void dsp_depthwise_conv(const struct kernel_args *args);  /* DSP_PLANES */
void dsp_fully_connected(const struct kernel_args *args); /* DSP_PAIRS */

#endif
