/* The arena planner: gives every activation tensor and every operator's scratch an offset in one
 * arena, reusing memory as soon as its last reader has run. RESHAPE outputs share their input's
 * bytes when nobody else needs them apart. */
#ifndef MODELS_PLAN_H
#define MODELS_PLAN_H

#include "models_network.h"

#define MODELS_ARENA_ALIGN 16
/* Tensors below 64 bytes are aligned to a word only, so that networks of small tensors do not pay
 * for padding; scratch never is. */
#define MODELS_ARENA_SMALL_BYTES 64
#define MODELS_ARENA_SMALL_ALIGN 4

struct models_plan {
    int32_t *tensor_offset;  /* [n_tensors] bytes from the arena's start, -1 for constants */
    int32_t *scratch_offset; /* [n_ops], -1 when the operator needs none */
    int32_t arena_bytes;
};

/* scratch_bytes: [n_ops] bytes of scratch each operator needs while it runs (from the image
 * writer), or NULL for none. Network inputs live from the start to their last reader; outputs
 * until the end. Deterministic; cost at most O(n^2) in tensors. CC_ERR_INPUT when the arena would
 * exceed 2 GiB. */
enum cc_status models_plan_make(const struct models_network *net, const int32_t *scratch_bytes,
                                struct models_plan *plan, struct cc_error *err);

/* Bytes of the tensors that are needed during each operator, padding included, scratch not: live is
 * [n_ops]. CC_ERR_MEMORY. */
enum cc_status models_plan_live(const struct models_network *net, int64_t *live,
                                struct cc_error *err);
void models_plan_free(struct models_plan *plan);

#endif
