/* Host side of the program image: lays out operators, requantisation parameters and weights (in the
 * order the kernel variant wants them) for the runner in models/firmware. */
#ifndef MODELS_IMAGE_WRITER_H
#define MODELS_IMAGE_WRITER_H

#include "firmware/models_image.h"
#include "models_network.h"
#include "models_plan.h"

struct models_image {
    uint8_t *data; /* owned */
    size_t bytes;
};

/* Scratch bytes of each operator for a variant, to hand to models_plan_make: out is [n_ops]. */
enum cc_status models_image_scratch(const struct models_network *net, enum image_variant variant,
                                    int32_t *out, struct cc_error *err);

/* Writes the image. Multipliers and shifts follow the reference arithmetic of TensorFlow Lite Micro
 * (double rounding), so kernels need no floating point. */
enum cc_status models_image_write(const struct models_network *net, const struct models_plan *plan,
                                  enum image_variant variant, struct models_image *image,
                                  struct cc_error *err);
void models_image_free(struct models_image *image);

/* Which runner executable fits: file name below models/firmware in the data path, for a core
 * ("cortex-m4"), variant and memory map. Names: runner-CORE-FLASH-RAM-VARIANT.elf with the two
 * origins as 8 hex digits, e.g. runner-cortex-m4-08000000-20000000-dsp.elf */
void models_runner_name(const char *core, uint32_t flash_origin, uint32_t ram_origin,
                        enum image_variant variant, char *name, size_t size);

/* "reference", "dsp", "scalar"; -1 for an unknown name. */
int models_variant_from_name(const char *name);
const char *models_variant_name(enum image_variant variant);

#endif
