#include "kernels_native.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GUARD_BYTES 64
#define GUARD_VALUE 0xC3

kernel_fn kernel_for_reference(uint32_t kind, uint32_t flags);
kernel_fn kernel_for_scalar(uint32_t kind, uint32_t flags);
kernel_fn kernel_for_dsp(uint32_t kind, uint32_t flags);

const struct native_variant native_variants[] = {
    {IMAGE_REFERENCE, kernel_for_reference},
    {IMAGE_SCALAR, kernel_for_scalar},
    {IMAGE_DSP, kernel_for_dsp},
};
const size_t native_variant_count = sizeof native_variants / sizeof *native_variants;

static void check(enum cc_status status, const struct cc_error *err)
{
    if (status) {
        fail_msg("%s", err->message);
    }
}

static void make_plan(struct native_run *run)
{
    struct cc_error err = {0};
    int32_t *scratch = calloc((size_t)run->net->n_ops, sizeof *scratch);
    assert_non_null(scratch);
    check(models_image_scratch(run->net, run->variant->variant, scratch, &err), &err);
    check(models_plan_make(run->net, scratch, &run->plan, &err), &err);
    free(scratch);
}

void native_start(struct native_run *run, const struct models_network *net,
                  const struct native_variant *variant)
{
    struct cc_error err = {0};
    memset(run, 0, sizeof *run);
    run->net = net;
    run->variant = variant;
    make_plan(run);
    check(models_image_write(net, &run->plan, variant->variant, &run->image, &err), &err);

    size_t bytes = (size_t)run->plan.arena_bytes + 2 * GUARD_BYTES;
    run->storage = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(run->storage);
    memset(run->storage, GUARD_VALUE, bytes);
    run->arena = (int8_t *)run->storage + GUARD_BYTES;
    memset(run->arena, 0x55, (size_t)run->plan.arena_bytes);

    const struct image_header *header = (const void *)run->image.data;
    assert_int_equal(walk_check(header, (uint32_t)variant->variant, variant->find), 0);
    assert_int_equal(header->bytes, run->image.bytes);
}

void native_stop(struct native_run *run)
{
    models_plan_free(&run->plan);
    models_image_free(&run->image);
    free(run->storage);
}

int8_t *native_tensor(const struct native_run *run, int32_t tensor)
{
    assert_true(run->plan.tensor_offset[tensor] >= 0);
    return run->arena + run->plan.tensor_offset[tensor];
}

void native_op(const struct native_run *run, int32_t op)
{
    walk_run((const void *)run->image.data, run->arena, (uint32_t)op, run->variant->find);
    for (size_t i = 0; i < GUARD_BYTES; i++) {
        assert_int_equal(run->storage[i], GUARD_VALUE);
        assert_int_equal(run->storage[GUARD_BYTES + (size_t)run->plan.arena_bytes + i],
                         GUARD_VALUE);
    }
}
