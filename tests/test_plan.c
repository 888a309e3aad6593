/* The arena planner: no two tensors that live at once overlap, whatever the network; peaks of real
 * models; RESHAPE shares bytes. Lifetimes are worked out here a second time, by simulating the
 * network's execution step by step. */
#include "models_files.h"
#include "models_place.h"
#include "models_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_T = 400, MAX_O = 200 };

/* A network without files: the planner looks only at sizes, indices and kinds. */
struct fake {
    struct models_network net;
    struct models_tensor tensors[MAX_T];
    struct models_op ops[MAX_O];
    int32_t inputs[8], outputs[8];
};

static const uint8_t constant[1];
static uint32_t random_state;

static uint32_t random_below(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % below;
}

static void fake_start(struct fake *f)
{
    memset(f, 0, sizeof *f);
    f->net.tensors = f->tensors;
    f->net.ops = f->ops;
    f->net.inputs = f->inputs;
    f->net.outputs = f->outputs;
}

static int32_t fake_tensor(struct fake *f, int32_t bytes)
{
    struct models_tensor *t = &f->tensors[f->net.n_tensors];
    *t = (struct models_tensor){.type = MODELS_INT8, .rank = 1, .elements = bytes, .bytes = bytes};
    t->dims[0] = bytes;
    return f->net.n_tensors++;
}

static int32_t fake_input(struct fake *f, int32_t bytes)
{
    return f->inputs[f->net.n_inputs++] = fake_tensor(f, bytes);
}

static int32_t fake_op(struct fake *f, enum models_op_kind kind, int32_t a, int32_t b,
                       int32_t bytes)
{
    struct models_op *op = &f->ops[f->net.n_ops++];
    int32_t out = fake_tensor(f, bytes);
    *op = (struct models_op){.kind = kind, .n_inputs = b == -2 ? 1 : 2, .n_outputs = 1};
    op->inputs[0] = a;
    op->inputs[1] = b;
    op->outputs[0] = out;
    return out;
}

static void fake_output(struct fake *f, int32_t tensor)
{
    f->outputs[f->net.n_outputs++] = tensor;
}

/// Verification ///

/* Executes on an arena that remembers, per byte, which value (tensor) was written last; RESHAPE
 * copies the value. Reading anything but what was written is the error that overlap would cause. */
struct machine {
    int32_t *owner; /* [arena] value in each byte */
    int32_t value[MAX_T];
    const struct models_network *net;
    const struct models_plan *plan;
};

static void write_tensor(struct machine *m, int32_t tensor, int32_t value)
{
    int32_t at = m->plan->tensor_offset[tensor];
    assert_true(at >= 0 && at % MODELS_ARENA_SMALL_ALIGN == 0);
    assert_true(m->net->tensors[tensor].bytes < MODELS_ARENA_SMALL_BYTES ||
                at % MODELS_ARENA_ALIGN == 0);
    assert_true((int64_t)at + m->net->tensors[tensor].bytes <= m->plan->arena_bytes);
    for (int32_t i = 0; i < m->net->tensors[tensor].bytes; i++)
        m->owner[at + i] = value;
    m->value[tensor] = value;
}

static void read_tensor(const struct machine *m, int32_t tensor)
{
    int32_t at = m->plan->tensor_offset[tensor];
    for (int32_t i = 0; i < m->net->tensors[tensor].bytes; i++) {
        if (m->owner[at + i] != m->value[tensor])
            fail_msg("byte %d of tensor %d was overwritten", i, tensor);
    }
}

/* An operator writes its output while it still reads its inputs and scratch: nothing may meet. */
static void run_op(struct machine *m, int32_t index, int32_t scratch)
{
    const struct models_op *op = &m->net->ops[index];
    int32_t at = m->plan->scratch_offset[index];
    if (scratch > 0) {
        assert_true(at >= 0 && at % MODELS_ARENA_ALIGN == 0);
        assert_true((int64_t)at + scratch <= m->plan->arena_bytes);
        for (int32_t i = 0; i < scratch; i++)
            m->owner[at + i] = -2;
    } else {
        assert_int_equal(at, -1);
    }
    int32_t value = index + 1000;
    if (op->kind == MODELS_RESHAPE)
        value = m->value[op->inputs[0]];
    write_tensor(m, op->outputs[0], value);
    for (int32_t k = 0; k < op->n_inputs; k++) {
        if (op->inputs[k] >= 0 && !m->net->tensors[op->inputs[k]].data)
            read_tensor(m, op->inputs[k]);
    }
    for (int32_t i = 0; i < scratch; i++)
        assert_int_equal(m->owner[at + i], -2);
}

static void verify(const struct models_network *net, const int32_t *scratch,
                   const struct models_plan *plan)
{
    struct machine m = {.net = net, .plan = plan};
    assert_true(net->n_tensors <= MAX_T);
    m.owner = malloc(((size_t)plan->arena_bytes + 1) * sizeof *m.owner);
    for (int32_t i = 0; i < plan->arena_bytes; i++)
        m.owner[i] = -1;
    for (int32_t i = 0; i < net->n_inputs; i++)
        write_tensor(&m, net->inputs[i], i);
    /* All inputs are there together, also those that nobody reads. */
    for (int32_t i = 0; i < net->n_inputs; i++)
        read_tensor(&m, net->inputs[i]);
    for (int32_t i = 0; i < net->n_ops; i++)
        run_op(&m, i, scratch ? scratch[i] : 0);
    for (int32_t i = 0; i < net->n_outputs; i++)
        read_tensor(&m, net->outputs[i]);
    free(m.owner);
}

static int32_t plan_and_verify(const struct models_network *net, const int32_t *scratch)
{
    struct models_plan plan;
    struct cc_error err;
    assert_int_equal(models_plan_make(net, scratch, &plan, &err), CC_OK);
    verify(net, scratch, &plan);
    int32_t bytes = plan.arena_bytes;
    models_plan_free(&plan);
    assert_null(plan.tensor_offset);
    return bytes;
}

/// Tests ///

static void chain_needs_two_neighbours(void **state)
{
    (void)state;
    struct fake f;
    fake_start(&f);
    int32_t t = fake_input(&f, 1600);
    static const int32_t sizes[] = {3200, 1600, 800, 6400, 160};
    for (int i = 0; i < 5; i++)
        t = fake_op(&f, MODELS_CONV_2D, t, -2, sizes[i]);
    fake_output(&f, t);
    assert_int_equal(plan_and_verify(&f.net, NULL), 800 + 6400);
}

static void inputs_and_outputs_live_long(void **state)
{
    (void)state;
    struct fake f;
    fake_start(&f);
    int32_t a = fake_input(&f, 64), b = fake_input(&f, 128);
    int32_t early = fake_op(&f, MODELS_ADD, a, a, 64); /* an output computed first */
    int32_t t = fake_op(&f, MODELS_ADD, a, a, 64);
    t = fake_op(&f, MODELS_ADD, t, b, 128);
    fake_output(&f, early);
    fake_output(&f, t);
    /* Largest moment: b, early, t and its successor. */
    assert_int_equal(plan_and_verify(&f.net, NULL), 128 + 64 + 64 + 128);
}

static void constants_take_no_room(void **state)
{
    (void)state;
    struct fake f;
    struct models_plan plan;
    fake_start(&f);
    int32_t a = fake_input(&f, 64), weights = fake_tensor(&f, 4096), unused = fake_tensor(&f, 4096);
    f.tensors[weights].data = constant;
    fake_output(&f, fake_op(&f, MODELS_FULLY_CONNECTED, a, weights, 64));
    assert_int_equal(models_plan_make(&f.net, NULL, &plan, NULL), CC_OK);
    assert_int_equal(plan.tensor_offset[weights], -1);
    assert_int_equal(plan.tensor_offset[unused], -1);
    assert_int_equal(plan.arena_bytes, 128);
    models_plan_free(&plan);
}

static void reshapes_share_bytes(void **state)
{
    (void)state;
    struct fake f;
    struct models_plan plan;
    fake_start(&f);
    int32_t in = fake_input(&f, 1024); /* reshaped right away, and read again at the end */
    int32_t r1 = fake_op(&f, MODELS_RESHAPE, in, -2, 1024);
    int32_t r2 = fake_op(&f, MODELS_RESHAPE, r1, -2, 1024);
    int32_t t = fake_op(&f, MODELS_CONV_2D, r2, -2, 512);
    int32_t u = fake_op(&f, MODELS_ADD, t, t, 512);
    int32_t sum = fake_op(&f, MODELS_ADD, u, in, 512);
    fake_output(&f, sum);
    fake_output(&f, r1);
    assert_int_equal(models_plan_make(&f.net, NULL, &plan, NULL), CC_OK);
    verify(&f.net, NULL, &plan);
    assert_int_equal(plan.tensor_offset[in], plan.tensor_offset[r1]);
    assert_int_equal(plan.tensor_offset[in], plan.tensor_offset[r2]);
    assert_int_equal(plan.arena_bytes, 1024 + 2 * 512);
    models_plan_free(&plan);
}

static void scratch_lives_with_its_operator(void **state)
{
    (void)state;
    struct fake f;
    fake_start(&f);
    int32_t t = fake_input(&f, 640);
    t = fake_op(&f, MODELS_CONV_2D, t, -2, 640);
    t = fake_op(&f, MODELS_CONV_2D, t, -2, 64);
    fake_output(&f, t);
    const int32_t scratch[] = {0, 500};
    assert_int_equal(plan_and_verify(&f.net, scratch), 640 + 640);
    const int32_t more[] = {96, 1000};
    assert_int_equal(plan_and_verify(&f.net, more), 640 + 64 + 1008);
}

/* Random networks: branches, fans, dead ends, chains of RESHAPE, scratch, odd sizes. */
static void random_network(struct fake *f, int32_t *scratch)
{
    fake_start(f);
    uint32_t n_inputs = 1 + random_below(3), n_ops = 1 + random_below(40);
    for (uint32_t i = 0; i < n_inputs; i++)
        fake_input(f, (int32_t)(1 + random_below(3000)));
    for (uint32_t i = 0; i < n_ops; i++) {
        /* Mostly recent tensors, sometimes old ones. */
        uint32_t n = (uint32_t)f->net.n_tensors, span = random_below(4) ? 3 : n;
        int32_t a = (int32_t)(n - 1 - random_below(span < n ? span : n));
        int32_t b = (int32_t)random_below(n);
        uint32_t kind = random_below(4);
        if (kind == 0)
            fake_op(f, MODELS_RESHAPE, a, -2, f->tensors[a].bytes);
        else if (kind == 1)
            fake_op(f, MODELS_ADD, a, b, (int32_t)(1 + random_below(3000)));
        else
            fake_op(f, MODELS_CONV_2D, a, -1, (int32_t)(1 + random_below(kind == 2 ? 80 : 3000)));
        scratch[i] = random_below(3) ? 0 : (int32_t)random_below(2000);
    }
    uint32_t n_outputs = 1 + random_below(3);
    for (uint32_t i = 0; i < n_outputs; i++)
        fake_output(f, (int32_t)(n_inputs + random_below(n_ops)));
}

static void random_networks_never_overlap(void **state)
{
    (void)state;
    random_state = 7;
    for (int round = 0; round < 300; round++) {
        struct fake f;
        int32_t scratch[MAX_O];
        random_network(&f, scratch);
        int32_t without = plan_and_verify(&f.net, NULL);
        int32_t with = plan_and_verify(&f.net, scratch);
        assert_true(without > 0 && with > 0);
    }
}

static int collide(const struct models_block *a, const struct models_block *b)
{
    int together = a->first <= b->last && b->first <= a->last;
    int apart = a->offset >= b->offset + b->bytes || b->offset >= a->offset + a->bytes;
    return together && !apart;
}

/* Beyond some thousands of blocks one pass must do; for a chain it still meets the bound. */
static void many_blocks_take_one_pass(void **state)
{
    (void)state;
    enum { N = 9000 };
    random_state = 5;
    for (int32_t longest = 1; longest <= 6; longest++) {
        struct models_block *blocks = malloc(N * sizeof *blocks);
        for (int32_t i = 0; i < N; i++)
            blocks[i] = (struct models_block){
                .bytes = 4 * (1 + random_below(900)),
                .align = random_below(2) ? 16 : 4,
                .first = i,
                .last = i + (longest == 1 ? 1 : (int32_t)random_below((uint32_t)longest))};
        if (longest == 1) {
            for (int32_t i = 0; i < N; i++)
                blocks[i].align = 4;
        }
        int64_t bytes = models_place(blocks, N), least = models_place_bound(blocks, N);
        assert_true(longest == 1 ? bytes == least : bytes >= least && bytes < 2 * least);
        for (int32_t i = 0; i < N; i++) {
            assert_int_equal(blocks[i].offset % blocks[i].align, 0);
            assert_true(blocks[i].offset >= 0 && blocks[i].offset + blocks[i].bytes <= bytes);
            for (int32_t j = i + 1; j < N && j <= i + longest; j++)
                assert_false(collide(&blocks[i], &blocks[j]));
        }
        free(blocks);
    }
}

/* The packing alone: near the bound for random blocks, never below it. */
static void packing_is_tight(void **state)
{
    (void)state;
    random_state = 99;
    int64_t used = 0, bound = 0;
    for (int round = 0; round < 100; round++) {
        struct models_block blocks[60];
        int32_t n = (int32_t)(5 + random_below(55));
        for (int32_t i = 0; i < n; i++) {
            int32_t first = (int32_t)random_below(50);
            blocks[i] = (struct models_block){.bytes = 16 * (1 + random_below(400)),
                                              .align = 16,
                                              .first = first,
                                              .last = first + (int32_t)random_below(8)};
        }
        int64_t bytes = models_place(blocks, n), least = models_place_bound(blocks, n);
        assert_true(bytes >= least);
        used += bytes;
        bound += least;
        for (int32_t i = 0; i < n; i++) {
            assert_true(blocks[i].offset >= 0 && blocks[i].offset + blocks[i].bytes <= bytes);
            for (int32_t j = 0; j < i; j++)
                assert_false(collide(&blocks[i], &blocks[j]));
        }
    }
    if ((double)used > 1.03 * (double)bound)
        fail_msg("%lld bytes used where %lld are needed", (long long)used, (long long)bound);
}

static void plans_are_repeatable(void **state)
{
    (void)state;
    struct fake f;
    int32_t scratch[MAX_O];
    struct models_plan a, b;
    random_state = 12345;
    random_network(&f, scratch);
    assert_int_equal(models_plan_make(&f.net, scratch, &a, NULL), CC_OK);
    assert_int_equal(models_plan_make(&f.net, scratch, &b, NULL), CC_OK);
    assert_int_equal(a.arena_bytes, b.arena_bytes);
    assert_memory_equal(a.tensor_offset, b.tensor_offset,
                        (size_t)f.net.n_tensors * sizeof(int32_t));
    models_plan_free(&a);
    models_plan_free(&b);
}

static void refuses_more_than_2_gib(void **state)
{
    (void)state;
    struct fake f;
    struct models_plan plan;
    struct cc_error err;
    fake_start(&f);
    int32_t sum = fake_input(&f, 1 << 28);
    for (int i = 0; i < 8; i++)
        fake_output(&f, fake_op(&f, MODELS_ADD, sum, sum, 1 << 28));
    assert_int_equal(models_plan_make(&f.net, NULL, &plan, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "2 GiB"));
    assert_null(plan.tensor_offset);
}

/// Real models ///

struct expected {
    int64_t live, reference;
};

/* Columns 10 and 13 of the listing: bytes that must exist at once, and the reference's plan. */
static int expected_peaks(const char *name, struct expected *e)
{
    static char line[65536];
    char path[4096], *columns[16];
    int found = 0;
    if (!golden_path("manifest.csv", path, sizeof path))
        return 0;
    FILE *file = fopen(path, "r");
    while (!found && csv_row(file, line, sizeof line, columns, 16) == 16) {
        if (strcmp(columns[0], name) != 0)
            continue;
        *e = (struct expected){strtoll(columns[10], NULL, 10), strtoll(columns[13], NULL, 10)};
        found = 1;
    }
    fclose(file);
    return found;
}

static void real_models_fit_tightly(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_supported_count; i++) {
        size_t bytes;
        struct models_network net;
        struct cc_error err;
        struct expected e = {0, 0};
        uint8_t *data = golden_model(golden_supported[i], &bytes);
        if (!data)
            return;
        assert_int_equal(models_tflite_read(golden_supported[i], data, bytes, &net, &err), CC_OK);
        int32_t peak = plan_and_verify(&net, NULL);
        assert_true(expected_peaks(golden_supported[i], &e));
        if ((double)peak > 1.05 * (double)e.live && peak >= e.reference)
            fail_msg("%s: %d bytes, %lld live at once, reference %lld", net.name, peak,
                     (long long)e.live, (long long)e.reference);
        models_network_free(&net);
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_needs_two_neighbours),
        cmocka_unit_test(inputs_and_outputs_live_long),
        cmocka_unit_test(constants_take_no_room),
        cmocka_unit_test(reshapes_share_bytes),
        cmocka_unit_test(scratch_lives_with_its_operator),
        cmocka_unit_test(random_networks_never_overlap),
        cmocka_unit_test(many_blocks_take_one_pass),
        cmocka_unit_test(packing_is_tight),
        cmocka_unit_test(plans_are_repeatable),
        cmocka_unit_test(refuses_more_than_2_gib),
        cmocka_unit_test(real_models_fit_tightly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
