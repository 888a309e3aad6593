#include "runner_walk.h"

#include <stddef.h>

const struct image_op *walk_op(const struct image_header *image, uint32_t i)
{
    const uint8_t *base = (const uint8_t *)image;
    return (const struct image_op *)(const void *)(base + image->ops_data) + i;
}

uint32_t walk_check(const struct image_header *image, uint32_t variant, kernel_finder find)
{
    if (image->magic != IMAGE_MAGIC) {
        return IMAGE_ERROR_MAGIC;
    }
    if (image->version != IMAGE_VERSION) {
        return IMAGE_ERROR_VERSION;
    }
    if (image->variant != variant) {
        return IMAGE_ERROR_VARIANT;
    }
    for (uint32_t i = 0; i < image->n_ops; i++) {
        const struct image_op *op = walk_op(image, i);
        if (!find(op->kind, op->flags)) {
            return IMAGE_ERROR_OP;
        }
    }
    return 0;
}

static const void *constant(const struct image_header *image, uint32_t offset)
{
    return offset ? (const uint8_t *)image + offset : NULL;
}

static int8_t *place(int8_t *arena, int32_t offset)
{
    return offset >= 0 ? arena + offset : NULL;
}

void walk_run(const struct image_header *image, int8_t *arena, uint32_t i, kernel_finder find)
{
    const struct image_op *op = walk_op(image, i);
    struct kernel_args args = {
        .op = op,
        .input = place(arena, op->input_arena),
        .input2 = place(arena, op->input2_arena),
        .output = place(arena, op->output_arena),
        .scratch = place(arena, op->scratch_arena),
        .weights = constant(image, op->weights_data),
        .bias = constant(image, op->bias_data),
        .multiplier = constant(image, op->multiplier_data),
        .shift = constant(image, op->shift_data),
        .table = constant(image, op->table_data),
    };
    if (!args.input2) {
        args.input2 = args.weights; /* ADD of a constant */
    }
    find(op->kind, op->flags)(&args);
}
