/* Runs a network's program image on the host with the firmware's own walk and kernels, operator by
 * operator. Test code: failures are cmocka assertions. */
#ifndef KERNELS_NATIVE_H
#define KERNELS_NATIVE_H

#include "models_image.h"
#include "runner_walk.h"

struct native_variant {
    enum image_variant variant;
    kernel_finder find;
};

/* The variants compiled into the test. */
extern const struct native_variant native_variants[];
extern const size_t native_variant_count;

struct native_run {
    const struct models_network *net; /* not owned */
    const struct native_variant *variant;
    struct models_plan plan;
    struct models_image image;
    uint8_t *storage; /* arena between two guard zones */
    int8_t *arena;
};

/* Plans, writes the image and checks it as the runner does at boot. */
void native_start(struct native_run *run, const struct models_network *net,
                  const struct native_variant *variant);
void native_stop(struct native_run *run);

/* Bytes of an activation tensor in the arena. */
int8_t *native_tensor(const struct native_run *run, int32_t tensor);

/* Runs operator op; its output is the op's output tensor. Asserts that the guard zones around the
 * arena are untouched. */
void native_op(const struct native_run *run, int32_t op);

#endif
