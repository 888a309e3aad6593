/* Layout of the scalar kernels. */
#include "models_image_layout.h"

const struct models_image_layout models_image_layout_scalar = {
    .scratch_bytes = NULL,
    .write_op = image_append_plain,
};
