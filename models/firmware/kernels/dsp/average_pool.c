#include "dsp_kernels.h"
#include "reference.h"

void dsp_average_pool(const struct kernel_args *args)
{
    reference_average_pool(args);
}
