/* The program image: what the host writes into the emulated flash and the runner walks. Shared by
 * host (models/models_image.c) and firmware, so it holds only fixed-width members, little endian,
 * naturally aligned, and offsets instead of pointers.
 *
 * An image is: struct image_header, then n_ops operator records of struct image_op (fixed size),
 * then constant data (weights, biases, requantisation tables), each block 16-byte aligned.
 * Offsets named *_data count bytes from the image's start (0 = absent), offsets named *_arena count
 * bytes from the arena's start (-1 = absent). */
#ifndef MODELS_IMAGE_H
#define MODELS_IMAGE_H

#include <stdint.h>

#define IMAGE_MAGIC   0x4c434343u /* "CCCL" */
#define IMAGE_VERSION 1u

/* Kernel variants: a layout of weights goes with each, so image and runner must agree. */
enum image_variant {
    IMAGE_REFERENCE = 0,
    IMAGE_DSP = 1,
    IMAGE_SCALAR = 2,
};

/* Operator kinds, TensorFlow Lite's builtin codes: the same numbers as enum models_op_kind of the
 * host, which the firmware cannot include. */
enum image_op_kind {
    IMAGE_ADD = 0,
    IMAGE_AVERAGE_POOL_2D = 1,
    IMAGE_CONV_2D = 3,
    IMAGE_DEPTHWISE_CONV_2D = 4,
    IMAGE_FULLY_CONNECTED = 9,
    IMAGE_RESHAPE = 22,
    IMAGE_SOFTMAX = 25,
};

/* Markers, stored as one 32-bit word to the marker address (ITM stimulus port on v7-M and v8-M,
 * the RAM word models_marker on v6-M): kind << 24 | argument. */
enum image_marker {
    IMAGE_MARK_READY = 1,    /* boot done; inputs may be written */
    IMAGE_MARK_BEGIN = 2,    /* an invocation starts; argument: low 24 bits of its number */
    IMAGE_MARK_OP_BEGIN = 3, /* argument: operator index */
    IMAGE_MARK_OP_END = 4,   /* argument: operator index */
    IMAGE_MARK_END = 5,      /* the invocation is over; outputs may be read, inputs written */
    IMAGE_MARK_ERROR = 6,    /* argument: enum image_error */
};

enum image_error {
    IMAGE_ERROR_MAGIC = 1,
    IMAGE_ERROR_VERSION = 2,
    IMAGE_ERROR_VARIANT = 3,
    IMAGE_ERROR_OP = 4,
};

/* Limits under which the kernels' fixed-point steps are exact; the writer refuses larger ones. */
#define IMAGE_MAX_POOL_TAPS     130000
#define IMAGE_MAX_SOFTMAX_DEPTH 4095

#define IMAGE_ITM_PORT 0xE0000060u /* ITM stimulus port 24 */

struct image_header {
    uint32_t magic, version;
    uint32_t variant; /* enum image_variant */
    uint32_t bytes;   /* whole image */
    uint32_t n_ops;
    uint32_t ops_data; /* offset of the first struct image_op */
    uint32_t arena_bytes;
    uint32_t reserved;
};

/* One operator. Shapes are NHWC; a fully connected layer has in_c = input features, out_c = rows
 * and `batches` input rows; element-wise and copying operators use `elements`. Members that an
 * operator does not need are 0. Offsets of zero points are already negated where noted. */
struct image_op {
    uint32_t kind;  /* enum image_op_kind */
    uint32_t flags; /* variant specific: which specialised path the host chose */
    int32_t input_arena, input2_arena, output_arena, scratch_arena;
    uint32_t weights_data; /* int8, in the variant's order; ADD: the second input if constant */
    uint32_t bias_data;    /* int32 per output channel; the variant may fold input_offset into it */
    uint32_t multiplier_data; /* int32 per output channel (always expanded to out_c) */
    uint32_t shift_data;      /* int32 per output channel, TensorFlow Lite sign: > 0 is left */
    uint32_t table_data;      /* SOFTMAX: exponential table */
    uint32_t elements;
    int32_t batches;
    int32_t in_h, in_w, in_c, out_h, out_w, out_c;
    int32_t filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w;
    int32_t pad_top, pad_left;
    int32_t depth_multiplier, groups;
    int32_t input_offset;  /* minus the input's zero point */
    int32_t input2_offset; /* minus the second input's zero point */
    int32_t output_offset; /* plus the output's zero point */
    int32_t act_min, act_max;
    /* ADD: input 1, input 2, output; SOFTMAX: [0] the input's */
    int32_t multiplier[3], shift[3], left_shift;
    int32_t depth, rows; /* SOFTMAX: elements per row, rows */
    int32_t reserved[7];
};

/* Host and core must see the same layout; a change of it is a new IMAGE_VERSION. */
_Static_assert(sizeof(struct image_header) == 32, "struct image_header has changed");
_Static_assert(sizeof(struct image_op) == 200, "struct image_op has changed");

#endif
