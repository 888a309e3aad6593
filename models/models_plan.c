/* From a network to blocks with lifetimes, and back to offsets. Steps are operator indices; -1 is
 * the moment the inputs are written, n_ops the moment the outputs are read. */
#include "models_plan.h"
#include "models_place.h"

#include <stdlib.h>
#include <string.h>

#define NEVER INT32_MAX /* first use of a tensor that no operator touches */

struct lifetimes {
    int32_t *root;  /* [n_tensors] the tensor whose bytes this one shares, itself mostly */
    int32_t *first; /* [n_tensors] of roots: step of the first write, NEVER when unused */
    int32_t *last;  /* [n_tensors] of roots: step of the last use */
    int32_t *block; /* [n_tensors] of roots: index of its block, -1 = none */
};

static void use(struct lifetimes *life, int32_t tensor, int32_t step)
{
    int32_t root = life->root[tensor];
    if (step < life->first[root])
        life->first[root] = step;
    if (step > life->last[root])
        life->last[root] = step;
}

/* RESHAPE keeps the bytes, and each tensor is written only once, so sharing them is always safe:
 * whoever reads either of the two reads the same. The common lifetime is the union, which has no
 * hole since both are needed at the RESHAPE itself. */
static void share_reshapes(const struct models_network *net, struct lifetimes *life)
{
    for (int32_t i = 0; i < net->n_ops; i++) {
        const struct models_op *op = &net->ops[i];
        if (op->kind == MODELS_RESHAPE && !net->tensors[op->inputs[0]].data)
            life->root[op->outputs[0]] = life->root[op->inputs[0]];
    }
}

static void find_lifetimes(const struct models_network *net, struct lifetimes *life)
{
    for (int32_t i = 0; i < net->n_tensors; i++) {
        life->root[i] = i;
        life->first[i] = NEVER;
        life->last[i] = -1;
        life->block[i] = -1;
    }
    share_reshapes(net, life);
    for (int32_t i = 0; i < net->n_inputs; i++)
        use(life, net->inputs[i], -1);
    for (int32_t i = 0; i < net->n_ops; i++) {
        const struct models_op *op = &net->ops[i];
        for (int32_t k = 0; k < op->n_inputs; k++) {
            if (op->inputs[k] >= 0)
                use(life, op->inputs[k], i);
        }
        for (int32_t k = 0; k < op->n_outputs; k++)
            use(life, op->outputs[k], i);
    }
    for (int32_t i = 0; i < net->n_outputs; i++)
        use(life, net->outputs[i], net->n_ops);
}

/* Sizes are rounded to the alignment too: what lies behind is seldom aligned to less. */
static struct models_block make_block(int32_t bytes, int32_t align, int32_t first, int32_t last)
{
    int64_t rounded = ((int64_t)bytes + align - 1) / align * align;
    return (struct models_block){.bytes = rounded, .align = align, .first = first, .last = last};
}

/* Blocks of the tensors, then of the scratch of each operator. Returns their number. */
static int32_t make_blocks(const struct models_network *net, const int32_t *scratch_bytes,
                           struct lifetimes *life, struct models_block *blocks)
{
    int32_t n = 0;
    for (int32_t i = 0; i < net->n_tensors; i++) {
        const struct models_tensor *t = &net->tensors[i];
        if (life->root[i] != i || life->first[i] == NEVER || t->data)
            continue;
        life->block[i] = n;
        int32_t align =
            t->bytes < MODELS_ARENA_SMALL_BYTES ? MODELS_ARENA_SMALL_ALIGN : MODELS_ARENA_ALIGN;
        blocks[n++] = make_block(t->bytes, align, life->first[i], life->last[i]);
    }
    for (int32_t i = 0; scratch_bytes && i < net->n_ops; i++) {
        if (scratch_bytes[i] > 0)
            blocks[n++] = make_block(scratch_bytes[i], MODELS_ARENA_ALIGN, i, i);
    }
    return n;
}

/* Offsets fit 32 bits: the caller has checked the whole. */
static void take_offsets(const struct models_network *net, const int32_t *scratch_bytes,
                         const struct lifetimes *life, const struct models_block *blocks,
                         struct models_plan *plan)
{
    int32_t n = 0;
    for (int32_t i = 0; i < net->n_tensors; i++) {
        int32_t block = life->block[life->root[i]];
        plan->tensor_offset[i] = block < 0 ? -1 : (int32_t)blocks[block].offset;
        n = block >= n ? block + 1 : n;
    }
    for (int32_t i = 0; i < net->n_ops; i++) {
        int used = scratch_bytes && scratch_bytes[i] > 0;
        plan->scratch_offset[i] = used ? (int32_t)blocks[n++].offset : -1;
    }
}

static enum cc_status place(const struct models_network *net, const int32_t *scratch_bytes,
                            struct lifetimes *life, struct models_block *blocks,
                            struct models_plan *plan, struct cc_error *err)
{
    find_lifetimes(net, life);
    int32_t n = make_blocks(net, scratch_bytes, life, blocks);
    int64_t bytes = models_place(blocks, n);
    if (bytes < 0)
        return cc_no_memory(err);
    if (bytes > INT32_MAX - MODELS_ARENA_ALIGN)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: activations need %lld bytes at once, no chip has more than 2 GiB; use "
                       "a smaller model",
                       net->name, (long long)bytes);
    plan->arena_bytes =
        (int32_t)((bytes + MODELS_ARENA_ALIGN - 1) / MODELS_ARENA_ALIGN * MODELS_ARENA_ALIGN);
    take_offsets(net, scratch_bytes, life, blocks, plan);
    return CC_OK;
}

static void sum_live(const struct models_network *net, const struct models_block *blocks, int32_t n,
                     int64_t *live)
{
    memset(live, 0, (size_t)net->n_ops * sizeof *live);
    for (int32_t i = 0; i < n; i++) { /* changes first, then their sums */
        int32_t first = blocks[i].first < 0 ? 0 : blocks[i].first;
        if (first < net->n_ops)
            live[first] += blocks[i].bytes;
        if (blocks[i].last + 1 < net->n_ops)
            live[blocks[i].last + 1] -= blocks[i].bytes;
    }
    for (int32_t i = 1; i < net->n_ops; i++)
        live[i] += live[i - 1];
}

enum cc_status models_plan_live(const struct models_network *net, int64_t *live,
                                struct cc_error *err)
{
    size_t tensors = (size_t)net->n_tensors;
    int32_t *columns = malloc((4 * tensors + 1) * sizeof(int32_t));
    struct models_block *blocks = malloc((tensors + 1) * sizeof *blocks);
    enum cc_status status = CC_OK;
    if (columns && blocks) {
        struct lifetimes life = {columns, columns + tensors, columns + 2 * tensors,
                                 columns + 3 * tensors};
        find_lifetimes(net, &life);
        sum_live(net, blocks, make_blocks(net, NULL, &life, blocks), live);
    } else {
        status = cc_no_memory(err);
    }
    free(columns);
    free(blocks);
    return status;
}

enum cc_status models_plan_make(const struct models_network *net, const int32_t *scratch_bytes,
                                struct models_plan *plan, struct cc_error *err)
{
    size_t tensors = (size_t)net->n_tensors, ops = (size_t)net->n_ops;
    memset(plan, 0, sizeof *plan);
    plan->tensor_offset = malloc((tensors + 1) * sizeof(int32_t));
    plan->scratch_offset = malloc((ops + 1) * sizeof(int32_t));
    int32_t *columns = malloc((4 * tensors + 1) * sizeof(int32_t));
    struct models_block *blocks = malloc((tensors + ops + 1) * sizeof *blocks);
    enum cc_status status;
    if (plan->tensor_offset && plan->scratch_offset && columns && blocks) {
        struct lifetimes life = {columns, columns + tensors, columns + 2 * tensors,
                                 columns + 3 * tensors};
        status = place(net, scratch_bytes, &life, blocks, plan, err);
    } else {
        status = cc_no_memory(err);
    }
    free(columns);
    free(blocks);
    if (status != CC_OK)
        models_plan_free(plan);
    return status;
}

void models_plan_free(struct models_plan *plan)
{
    free(plan->tensor_offset);
    free(plan->scratch_offset);
    memset(plan, 0, sizeof *plan);
}
