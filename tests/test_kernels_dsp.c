/* The dsp kernels against the reference kernels on random layers: every path that the host can
 * choose (positions per pass, strips, requantisation, fallbacks) has to come up. */
#include "cc_file.h"
#include "dsp/dsp_layout.h"
#include "kernels_native.h"
#include "kernels_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN CC_SOURCE_DIR "/../shared/models"
#define CASES  3000

/* How often each path was taken. */
struct paths {
    int pairs, planes, plain, narrow, general, full_range, limited, pointwise;
    int positions[5], several_tiles, staged, several_strips;
};

static int32_t between(uint32_t *seed, int32_t low, int32_t high)
{
    return low + (int32_t)(oracle_random(seed) % (uint32_t)(high - low + 1));
}

static int one_in(uint32_t *seed, int32_t n)
{
    return between(seed, 1, n) == 1;
}

static int32_t effective(int32_t filter, int32_t dilation)
{
    return (filter - 1) * (dilation ? dilation : 1) + 1;
}

/* Windows: mostly small and square, sometimes a column, a row, strided or dilated. */
static void random_window(struct oracle_case *c, uint32_t *seed)
{
    c->filter_h = one_in(seed, 3) ? 3 : between(seed, 1, 5);
    c->filter_w = one_in(seed, 2) ? c->filter_h : between(seed, 1, 6);
    c->stride_h = between(seed, 1, 3);
    c->stride_w = one_in(seed, 3) ? between(seed, 1, 3) : c->stride_h;
    c->same = one_in(seed, 2);
    if (one_in(seed, 4) && c->kind != MODELS_AVERAGE_POOL_2D) {
        c->dilation_h = between(seed, 1, 3);
        c->dilation_w = between(seed, 1, 3);
    }
    if (one_in(seed, 8)) {
        c->in_w = c->filter_w = 1;
    }
    if (!c->same) { /* at least one output */
        int32_t h = effective(c->filter_h, c->dilation_h),
                w = effective(c->filter_w, c->dilation_w);
        c->in_h = c->in_h < h ? h : c->in_h;
        c->in_w = c->in_w < w ? w : c->in_w;
    }
}

static struct oracle_case random_case(uint32_t *seed)
{
    static const enum models_op_kind kinds[] = {
        MODELS_CONV_2D,         MODELS_CONV_2D,         MODELS_DEPTHWISE_CONV_2D, MODELS_ADD,
        MODELS_FULLY_CONNECTED, MODELS_AVERAGE_POOL_2D, MODELS_DEPTHWISE_CONV_2D};
    struct oracle_case c = {.name = "random"};
    c.kind = kinds[between(seed, 0, 6)];
    c.batches = one_in(seed, 4) ? 2 : 1;
    c.in_h = between(seed, 1, 12);
    c.in_w = one_in(seed, 12) ? between(seed, 45, 100) : between(seed, 1, 12);
    c.in_c = one_in(seed, 2) ? 4 * between(seed, 1, 6) : between(seed, 1, 9);
    c.activation = (enum models_activation)between(seed, 0, 3);
    c.no_bias = one_in(seed, 4);
    c.per_tensor = one_in(seed, 3);
    if (c.kind == MODELS_CONV_2D || c.kind == MODELS_FULLY_CONNECTED) {
        c.out_c = between(seed, 1, 11);
    }
    if (c.kind != MODELS_ADD && c.kind != MODELS_FULLY_CONNECTED) {
        random_window(&c, seed);
    }
    if (c.kind == MODELS_DEPTHWISE_CONV_2D) {
        c.depth_multiplier = one_in(seed, 2) ? 1 : between(seed, 1, 4);
    } else if (c.kind == MODELS_CONV_2D && one_in(seed, 4)) {
        c.groups = between(seed, 2, 3);
        c.in_c *= c.groups;
        c.out_c *= c.groups;
    }
    return c;
}

/* Scales that need left shifts, and channels that are constant. */
static void disturb_scales(struct models_network *net, uint32_t *seed)
{
    const struct models_op *op = &net->ops[0];
    if (op->kind != MODELS_CONV_2D && op->kind != MODELS_DEPTHWISE_CONV_2D &&
        op->kind != MODELS_FULLY_CONNECTED) {
        return;
    }
    struct models_tensor *weights = &net->tensors[op->inputs[1]];
    int left = one_in(seed, 5), dead = one_in(seed, 3);
    for (int32_t i = 0; i < weights->n_scales; i++) {
        if (left && one_in(seed, 2)) {
            weights->scale[i] *= 4096.0f;
        } else if (dead && one_in(seed, 2)) {
            weights->scale[i] *= one_in(seed, 2) ? 0x1p-20f : 0x1p-60f;
        }
    }
}

static void copy_tensor(struct models_tensor *to, const struct models_tensor *from, int32_t bytes)
{
    *to = *from;
    to->scale = malloc(sizeof *to->scale);
    to->zero_point = malloc(sizeof *to->zero_point);
    assert_true(to->scale && to->zero_point);
    to->scale[0] = from->scale[0];
    to->zero_point[0] = from->zero_point[0];
    to->n_scales = 1;
    to->rank = 1;
    to->dims[0] = to->elements = to->bytes = bytes;
    to->data = NULL;
}

static void *grown(void *old, size_t n, size_t size)
{
    void *memory = realloc(old, n * size);
    assert_non_null(memory);
    return memory;
}

/* A second operator with large activations: gives the first one room for scratch. */
static void add_room(struct models_network *net, int32_t bytes)
{
    size_t tensors = (size_t)net->n_tensors, ops = (size_t)net->n_ops;
    net->tensors = grown(net->tensors, tensors + 2, sizeof *net->tensors);
    net->ops = grown(net->ops, ops + 1, sizeof *net->ops);
    net->inputs = grown(net->inputs, (size_t)net->n_inputs + 1, sizeof *net->inputs);
    copy_tensor(&net->tensors[tensors], &net->tensors[0], bytes);
    copy_tensor(&net->tensors[tensors + 1], &net->tensors[0], bytes);
    net->ops[ops] = (struct models_op){.kind = MODELS_ADD,
                                       .n_inputs = 2,
                                       .n_outputs = 1,
                                       .inputs = {(int32_t)tensors, (int32_t)tensors},
                                       .outputs = {(int32_t)tensors + 1}};
    net->inputs[net->n_inputs++] = (int32_t)tensors;
    net->n_tensors += 2;
    net->n_ops++;
}

static void count_paths(const struct native_run *run, struct paths *paths)
{
    const struct image_header *header = (const void *)run->image.data;
    const struct image_op *op = (const void *)(run->image.data + header->ops_data);
    if (op->kind != MODELS_CONV_2D && op->kind != MODELS_DEPTHWISE_CONV_2D &&
        op->kind != MODELS_FULLY_CONNECTED) {
        return;
    }
    paths->plain += op->flags == 0;
    paths->pairs += (op->flags & DSP_PAIRS) != 0;
    paths->planes += (op->flags & DSP_PLANES) != 0;
    paths->pointwise += (op->flags & DSP_POINTWISE) != 0;
    paths->narrow += (op->flags & DSP_NARROW) != 0;
    paths->general += op->flags && !(op->flags & DSP_NARROW);
    paths->full_range += (op->flags & DSP_FULL_RANGE) != 0;
    paths->limited += (op->flags & DSP_NARROW) && !(op->flags & DSP_FULL_RANGE);
    if ((op->flags & DSP_PAIRS) && op->kind != MODELS_FULLY_CONNECTED) {
        paths->positions[op->reserved[DSP_POSITIONS]]++;
        paths->several_tiles += op->reserved[DSP_TILES] > 1;
        paths->staged += op->reserved[DSP_STAGE];
    }
    if (op->flags & DSP_PLANES) {
        paths->several_strips += op->reserved[DSP_STRIP_ROWS] < op->out_h;
    }
}

/* Runs operator 0 on bytes from seed and returns a copy of its output. */
static int8_t *run_variant(const struct models_network *net, enum image_variant variant,
                           uint32_t seed, struct paths *paths)
{
    struct native_run run;
    size_t v = 0;
    while (v < native_variant_count && native_variants[v].variant != variant) {
        v++;
    }
    assert_true(v < native_variant_count);
    native_start(&run, net, &native_variants[v]);
    for (int32_t i = 0; i < 2; i++) {
        int32_t tensor = net->ops[0].inputs[i];
        if (i < net->ops[0].n_inputs && !net->tensors[tensor].data) {
            int8_t *to = native_tensor(&run, tensor);
            for (int32_t k = 0; k < net->tensors[tensor].bytes; k++) {
                to[k] = (int8_t)oracle_random(&seed);
            }
        }
    }
    native_op(&run, 0);
    size_t bytes = (size_t)net->tensors[net->ops[0].outputs[0]].bytes;
    int8_t *output = malloc(bytes);
    assert_non_null(output);
    memcpy(output, native_tensor(&run, net->ops[0].outputs[0]), bytes);
    if (paths) {
        count_paths(&run, paths);
    }
    native_stop(&run);
    return output;
}

static void check_case(uint32_t number, struct paths *paths)
{
    uint32_t seed = number * 2654435761u + 1;
    struct oracle_case c = random_case(&seed);
    struct models_network net;
    oracle_network(&c, seed, &net);
    disturb_scales(&net, &seed);
    if (!one_in(&seed, 4)) {
        add_room(&net, one_in(&seed, 3) ? between(&seed, 200, 3000) : 60000);
    }
    int8_t *expected = run_variant(&net, IMAGE_REFERENCE, seed, NULL);
    int8_t *got = run_variant(&net, IMAGE_DSP, seed, paths);
    for (int32_t i = 0; i < net.tensors[net.ops[0].outputs[0]].bytes; i++) {
        if (got[i] != expected[i]) {
            fail_msg("case %u (%s %dx%dx%d filter %dx%d stride %d,%d dilation %d,%d out %d groups "
                     "%d multiplier %d): element %d is %d, expected %d",
                     (unsigned)number, models_op_name(c.kind), (int)c.in_h, (int)c.in_w,
                     (int)c.in_c, (int)c.filter_h, (int)c.filter_w, (int)c.stride_h,
                     (int)c.stride_w, (int)c.dilation_h, (int)c.dilation_w, (int)c.out_c,
                     (int)c.groups, (int)c.depth_multiplier, (int)i, got[i], expected[i]);
        }
    }
    free(expected);
    free(got);
    models_network_free(&net);
}

static void random_layers(void **state)
{
    (void)state;
    struct paths paths = {0};
    for (uint32_t number = 0; number < CASES; number++) {
        check_case(number, &paths);
    }
    print_message("pairs %d (%d, %d, %d of 1, 2, 4 positions, %d of several tiles, %d pointwise), "
                  "planes %d (%d in strips), reference %d; narrow %d, general %d, limited %d\n",
                  paths.pairs, paths.positions[1], paths.positions[2], paths.positions[4],
                  paths.several_tiles, paths.pointwise, paths.planes, paths.several_strips,
                  paths.plain, paths.narrow, paths.general, paths.limited);
    assert_true(paths.positions[1] > 10 && paths.positions[2] > 3 && paths.positions[4] > 50);
    assert_true(paths.several_tiles > 30 && paths.staged > 30 && paths.pointwise > 5);
    assert_true(paths.planes > 50 && paths.several_strips > 5 && paths.plain > 10);
    assert_true(paths.narrow > 100 && paths.general > 20 && paths.limited > 50);
    assert_true(paths.full_range > 50);
}

/* Arena bytes of a golden model with a variant's scratch, or -1 if the model is not there. */
static int32_t arena_bytes(const char *model, enum image_variant variant)
{
    char path[512];
    struct cc_error err = {0};
    uint8_t *data;
    size_t bytes;
    struct models_network net;
    struct models_plan plan;
    snprintf(path, sizeof path, GOLDEN "/%s/%s.tflite", model, model);
    if (cc_file_read(path, (size_t)64 << 20, &data, &bytes, &err)) {
        return -1;
    }
    assert_int_equal(models_tflite_read(path, data, bytes, &net, &err), CC_OK);
    int32_t *scratch = calloc((size_t)net.n_ops, sizeof *scratch);
    assert_non_null(scratch);
    assert_int_equal(models_image_scratch(&net, variant, scratch, &err), CC_OK);
    assert_int_equal(models_plan_make(&net, scratch, &plan, &err), CC_OK);
    int32_t result = plan.arena_bytes;
    models_plan_free(&plan);
    models_network_free(&net);
    free(scratch);
    free(data);
    return result;
}

/* Scratch fits beside the activations: at most 5 % more memory. */
static void small_scratch(void **state)
{
    (void)state;
    static const char *const models[] = {
        "kws_ref_model",     "vww_96_int8",      "ic_resnet_int8",
        "ad01_int8",         "str_ww_ref_model", "person_detect_int8",
        "micro_speech_int8", "hello_world_int8", "simple_add_int8"};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        int32_t plain = arena_bytes(models[i], IMAGE_REFERENCE);
        if (plain < 0) {
            print_message("skipped: no golden models in " GOLDEN "\n");
            skip();
        }
        int32_t dsp = arena_bytes(models[i], IMAGE_DSP);
        print_message("%s: %d bytes, %d with scratch\n", models[i], (int)plain, (int)dsp);
        assert_true((int64_t)dsp * 100 <= (int64_t)plain * 105);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_layers),
        cmocka_unit_test(small_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
