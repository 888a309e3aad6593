/* The bare-metal program: checks the image behind it in flash, then runs it for ever. What it does
 * is told by 32-bit words stored to models_marker; the host writes inputs into the arena after
 * READY or END and reads outputs at END. */
#include "runner.h"

#include "runner_walk.h"

#ifndef RUNNER_VARIANT
#error "RUNNER_VARIANT must name the enum image_variant of the kernels linked in"
#endif

#ifdef RUNNER_MARKER_IN_RAM
volatile uint32_t models_marker; /* no ITM on this core */
#endif

/* noipa: one function, not inlined or cloned, that ends with the store and the return. */
__attribute__((noipa)) void runner_mark(uint32_t kind, uint32_t argument)
{
    models_marker = kind << 24 | (argument & 0xffffffu);
}

static void invoke(const struct image_header *image)
{
    for (uint32_t i = 0; i < image->n_ops; i++) {
        runner_mark(IMAGE_MARK_OP_BEGIN, i);
        walk_run(image, models_arena, i, kernel_for);
        runner_mark(IMAGE_MARK_OP_END, i);
    }
}

void runner_main(void)
{
    const struct image_header *image = &models_image;
    uint32_t error = walk_check(image, RUNNER_VARIANT, kernel_for);

    if (error) {
        runner_mark(IMAGE_MARK_ERROR, error);
        return;
    }
    runner_mark(IMAGE_MARK_READY, 0);
    for (uint32_t n = 0;; n++) {
        runner_mark(IMAGE_MARK_BEGIN, n);
        invoke(image);
        runner_mark(IMAGE_MARK_END, n);
    }
}
