/* The .tflite reader on a small hand-made network: what it must understand, and, bent in one place
 * at a time, what it must refuse and say. */
#include "models_check.h"
#include "models_network.h"
#include "tflite_builder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum cc_status read_model(const struct tflb_model *m, struct models_network *net,
                                 struct cc_error *err)
{
    size_t bytes;
    uint8_t *data = tflb_write(m, &bytes);
    /* An exact copy, so that the address sanitizer sees any overread; freed before the network is
     * used, since the reader promises to copy. */
    uint8_t *copy = malloc(bytes);
    memcpy(copy, data, bytes);
    enum cc_status status = models_tflite_read("folder/small.model.tflite", copy, bytes, net, err);
    free(copy);
    free(data);
    return status;
}

static void read_ok(const struct tflb_model *m, struct models_network *net)
{
    struct cc_error err = {CC_OK, ""};
    if (read_model(m, net, &err) != CC_OK)
        fail_msg("refused: %s", err.message);
}

static void reads_the_small_network(void **state)
{
    (void)state;
    struct tflb_model m;
    struct models_network net;
    tflb_small(&m);
    read_ok(&m, &net);
    assert_string_equal(net.name, "small.model");
    assert_int_equal(strlen(net.sha256), 64);
    assert_int_equal(net.n_tensors, T_COUNT);
    assert_int_equal(net.n_ops, O_COUNT);
    assert_int_equal(net.n_inputs, 1);
    assert_int_equal(net.inputs[0], T_INPUT);
    assert_int_equal(net.outputs[0], T_OUT);

    const struct models_tensor *t = &net.tensors[T_CONV_W];
    assert_string_equal(t->name, "conv/weights");
    assert_int_equal(t->elements, 72);
    assert_int_equal(t->bytes, 72);
    assert_int_equal(t->n_scales, 4);
    assert_true(t->scale[3] == 0.04f);
    assert_memory_equal(t->data, "\x01\xfe\x03\xfc", 4);
    t = &net.tensors[T_CONV_B];
    assert_int_equal(t->type, MODELS_INT32);
    assert_int_equal(t->bytes, 16);
    assert_memory_equal(t->data, "\x0a\0\0\0\xec\xff\xff\xff", 8);
    assert_null(net.tensors[T_CONV].data);
    assert_int_equal(net.tensors[T_CONV].zero_point[0], -7);
    models_network_free(&net);
    assert_null(net.tensors);
}

static void reads_options_and_geometry(void **state)
{
    (void)state;
    struct tflb_model m;
    struct models_network net;
    tflb_small(&m);
    read_ok(&m, &net);
    const struct models_op *op = &net.ops[O_CONV];
    assert_int_equal(op->kind, MODELS_CONV_2D);
    assert_int_equal(op->activation, MODELS_ACT_RELU);
    assert_int_equal(op->filter_h, 3);
    assert_int_equal(op->pad_top, 1);
    assert_int_equal(op->pad_left, 1);
    assert_int_equal(op->groups, 1);
    assert_int_equal(op->macs, 36 * 4 * 18);
    assert_int_equal(net.ops[O_ADD].activation, MODELS_ACT_RELU6);
    op = &net.ops[O_DW];
    assert_int_equal(op->depth_multiplier, 2);
    assert_int_equal(op->activation, MODELS_ACT_RELU_N1_TO_1);
    assert_int_equal(op->stride_h, 2);
    assert_int_equal(op->dilation_h, 1); /* the default */
    assert_int_equal(op->pad_top, 0);    /* 3 x 3, stride 2 on 6: the odd row goes behind */
    assert_int_equal(op->macs, 9 * 8 * 9);
    op = &net.ops[O_POOL];
    assert_int_equal(op->filter_w, 3);
    assert_int_equal(op->macs, 0);
    assert_int_equal(net.ops[O_FC].macs, 24);
    assert_true(net.ops[O_SOFTMAX].beta == 1.0f);
    models_network_free(&net);
}

/// Accepted variations ///

#define BEND(name, code)                                                                           \
    static void name(struct tflb_model *m)                                                         \
    {                                                                                              \
        code                                                                                       \
    }

BEND(no_conv_bias, m->ops[O_CONV].n_inputs = 2;)
BEND(absent_fc_bias, m->ops[O_FC].inputs[2] = -1;)
BEND(absent_dw_bias, m->ops[O_DW].inputs[2] = -1;)
BEND(per_tensor_conv, m->tensors[T_CONV_W].n_scales = m->tensors[T_CONV_W].n_zero_points = 1;)
BEND(per_channel_fc, struct tflb_tensor *w = &m->tensors[T_FC_W];
     w->n_scales = w->n_zero_points = 3; w->scale[1] = w->scale[2] = 0.5f;)
BEND(reshape_without_shape, m->ops[O_RESHAPE].n_inputs = 1;)
BEND(reshape_by_option, m->ops[O_RESHAPE].n_inputs = 1; m->ops[O_RESHAPE].options_type = 17;
     m->ops[O_RESHAPE].n_new_shape = 2; m->ops[O_RESHAPE].new_shape[0] = -1;
     m->ops[O_RESHAPE].new_shape[1] = 8;)
static const int32_t wild_shape[] = {1, -1};
BEND(reshape_wild, m->tensors[T_SHAPE].data = wild_shape;)
BEND(keeps_num_dims, m->ops[O_FC].n_options = 3; m->ops[O_FC].options[2].bytes = 1;
     m->ops[O_FC].options[2].value = 1;)
BEND(dilated, m->ops[O_CONV].options[4].bytes = 4; m->ops[O_CONV].options[4].value = 2;
     m->ops[O_CONV].options[5].value = 3;)
static const int8_t grouped_weights[4 * 3 * 3];
BEND(grouped, m->tensors[T_CONV_W].dims[3] = 1; m->tensors[T_CONV_W].data = grouped_weights;
     m->tensors[T_CONV_W].data_bytes = 36;)
static const int8_t operand[6 * 6 * 4];
BEND(add_constant, m->tensors[15] = m->tensors[T_CONV]; m->tensors[15].data = operand;
     m->tensors[15].data_bytes = sizeof operand; m->n_tensors = 16; m->ops[O_ADD].inputs[1] = 15;)
BEND(bias_type_int32, m->ops[O_CONV].n_options = 7; m->ops[O_CONV].options[6].bytes = 1;
     m->ops[O_CONV].options[6].value = 2;)
BEND(harmless_metadata, m->metadata = "min_runtime_version";)

static void accepts_variations(void **state)
{
    (void)state;
    void (*const bends[])(struct tflb_model *) = {
        no_conv_bias,      absent_fc_bias,    absent_dw_bias,
        per_tensor_conv,   per_channel_fc,    reshape_without_shape,
        reshape_by_option, reshape_wild,      keeps_num_dims,
        dilated,           grouped,           add_constant,
        bias_type_int32,   harmless_metadata,
    };
    for (size_t i = 0; i < sizeof bends / sizeof bends[0]; i++) {
        struct tflb_model m;
        struct models_network net;
        tflb_small(&m);
        bends[i](&m);
        read_ok(&m, &net);
        if (bends[i] == grouped) {
            assert_int_equal(net.ops[O_CONV].groups, 2);
            assert_int_equal(net.ops[O_CONV].macs, 36 * 4 * 9);
        }
        if (bends[i] == dilated) {
            assert_int_equal(net.ops[O_CONV].pad_left, 2);
            assert_int_equal(net.ops[O_CONV].pad_top, 3);
        }
        models_network_free(&net);
    }
}

/// Refused variations ///

BEND(version_2, m->version = 2;)
BEND(two_subgraphs, m->n_subgraphs = 2;)
BEND(no_subgraph, m->n_subgraphs = 0;)
BEND(compressed, m->metadata = "COMPRESSION_METADATA";)
BEND(no_ops, m->n_ops = 0;)
BEND(no_inputs, m->n_inputs = 0;)
BEND(no_outputs, m->n_outputs = 0;)
BEND(input_range, m->inputs[0] = 99;)
BEND(input_twice, m->n_inputs = 2; m->inputs[1] = T_INPUT;)
BEND(input_constant, m->n_inputs = 2; m->inputs[1] = T_CONV_W;)
BEND(output_unwritten, m->tensors[15] = m->tensors[T_OUT]; m->n_tensors = 16; m->outputs[0] = 15;)
BEND(output_negative, m->outputs[0] = -1;)
BEND(custom_op, m->ops[O_FC].code = 32; m->ops[O_FC].custom_name = "My\nOp";)
BEND(max_pool, m->ops[O_POOL].code = 17;)
BEND(unknown_op, m->ops[O_POOL].code = 300;)
BEND(op_order, struct tflb_op first = m->ops[O_CONV]; m->ops[O_CONV] = m->ops[O_ADD];
     m->ops[O_ADD] = first;)
BEND(written_twice, m->ops[O_ADD].outputs[0] = T_CONV;)
BEND(writes_input, m->ops[O_ADD].outputs[0] = T_INPUT;)
BEND(op_input_range, m->ops[O_CONV].inputs[0] = T_COUNT;)
BEND(op_input_absent, m->ops[O_CONV].inputs[1] = -1;)
BEND(op_input_negative, m->ops[O_CONV].inputs[2] = -2;)
BEND(too_many_inputs, m->ops[O_SOFTMAX].n_inputs = 2;)
BEND(too_few_inputs, m->ops[O_ADD].n_inputs = 1;)
BEND(two_outputs, m->ops[O_CONV].n_outputs = 2;)
BEND(wrong_options, m->ops[O_CONV].options_type = 2;)
BEND(no_options, m->ops[O_POOL].options_type = 0;)
BEND(options_2, m->ops[O_CONV].options_2_type = 3;)
BEND(float_tensor, m->tensors[T_CONV].type = 0;)
BEND(int16_tensor, m->tensors[T_CONV].type = 7;)
BEND(int4_weights, m->tensors[T_FC_W].type = 17;)
BEND(unknown_type, m->tensors[T_FC_W].type = 99;)
BEND(sparse, m->tensors[T_FC_W].has_sparsity = 1;)
BEND(external, m->tensors[T_FC_W].external_buffer = 1;)
BEND(variable, m->tensors[T_CONV].is_variable = 1;)
BEND(rank_7, m->tensors[T_CONV].rank = 7; m->tensors[T_CONV].dims[4] = 1;
     m->tensors[T_CONV].dims[5] = 1; m->tensors[T_CONV].dims[6] = 1;)
BEND(zero_dim, m->tensors[T_INPUT].dims[1] = 0;)
BEND(negative_dim, m->tensors[T_INPUT].dims[0] = -1;)
BEND(huge_shape, m->tensors[T_INPUT].dims[0] = 1 << 30; m->tensors[T_INPUT].dims[1] = 1 << 30;)
BEND(short_buffer, m->tensors[T_FC_W].data_bytes = 23;)
BEND(buffer_range, m->tensors[T_FC_W].buffer = 99;)
BEND(outside_buffer, m->tensors[T_FC_W].data = NULL; m->tensors[T_FC_W].offset = 1 << 20;
     m->tensors[T_FC_W].size = 24;)
BEND(unaligned_buffer, m->tensors[T_FC_W].data = NULL; m->tensors[T_FC_W].offset = 9;
     m->tensors[T_FC_W].size = 24;)
BEND(inside_and_outside, m->tensors[T_FC_W].offset = 16; m->tensors[T_FC_W].size = 24;)
BEND(wrapping_buffer, m->tensors[T_FC_W].data = NULL; m->tensors[T_FC_W].offset = 16;
     m->tensors[T_FC_W].size = UINT64_MAX - 8;)
BEND(custom_quantisation, m->tensors[T_CONV].details_type = 1;)
BEND(zero_point_count, m->tensors[T_CONV_W].n_zero_points = 3;)
BEND(scale_zero, m->tensors[T_CONV].scale[0] = 0;)
BEND(scale_nan, m->tensors[T_CONV].scale[0] = NAN;)
BEND(scale_infinite, m->tensors[T_CONV].scale[0] = INFINITY;)
BEND(scale_negative, m->tensors[T_CONV_W].scale[2] = -1;)
BEND(zero_point_128, m->tensors[T_CONV].zero_point[0] = 128;)
BEND(zero_point_wide, m->tensors[T_CONV].zero_point[0] = INT64_C(1) << 33;)
BEND(not_quantised, m->tensors[T_CONV].n_scales = m->tensors[T_CONV].n_zero_points = 0;)
BEND(activation_per_channel, m->tensors[T_CONV].n_scales = m->tensors[T_CONV].n_zero_points = 4;
     m->tensors[T_CONV].quantized_dim = 3;
     for (int i = 0; i < 4; i++) m->tensors[T_CONV].scale[i] = 1;)
BEND(weights_zero_point, m->tensors[T_CONV_W].zero_point[1] = 3;)
BEND(scales_wrong_axis, m->tensors[T_DW_W].n_scales = m->tensors[T_DW_W].n_zero_points = 3;
     m->tensors[T_DW_W].quantized_dim = 1;)
BEND(scales_wrong_count, m->tensors[T_DW_W].n_scales = m->tensors[T_DW_W].n_zero_points = 5;)
BEND(axis_range, m->tensors[T_DW_W].quantized_dim = 4;)
BEND(weights_computed, m->tensors[T_FC_W].data = NULL;)
BEND(factor_too_large, m->tensors[T_CONV_W].scale[0] = 1e20f;)
BEND(product_infinite, m->tensors[T_FC_W].scale[0] = 1e30f; m->tensors[T_FLAT].scale[0] = 1e10f;
     m->tensors[T_FC].scale[0] = 3e38f;)
BEND(stride_0, m->ops[O_CONV].options[1].value = 0;)
BEND(dilation_0, m->ops[O_CONV].options[5].value = 0;)
BEND(dilation_huge, m->ops[O_CONV].options[5].value = 0x7fffffff;)
BEND(padding_2, m->ops[O_CONV].options[0].value = 2;)
BEND(padding_valid, m->ops[O_CONV].options[0].value = 1;)
BEND(tanh_activation, m->ops[O_CONV].options[3].value = 4;)
BEND(conv_rank_3, m->tensors[T_INPUT].rank = 3;)
BEND(conv_channels, m->tensors[T_INPUT].dims[3] = 3;)
BEND(conv_output_channels, m->tensors[T_CONV].dims[3] = 5;)
BEND(conv_batch, m->tensors[T_INPUT].dims[0] = 2;)
BEND(bias_int8, m->tensors[T_CONV_B].type = 9; m->tensors[T_CONV_B].data_bytes = 4;)
BEND(bias_count, m->tensors[T_FC_B].dims[0] = 2; m->tensors[T_FC_B].data_bytes = 8;)
BEND(bias_type_int64, m->ops[O_CONV].n_options = 7; m->ops[O_CONV].options[6].bytes = 1;
     m->ops[O_CONV].options[6].value = 4;)
BEND(multiplier_3, m->ops[O_DW].options[3].value = 3;)
BEND(multiplier_0, m->ops[O_DW].options[3].value = 0;)
BEND(pool_scale, m->tensors[T_POOL].scale[0] = 0.06f;)
BEND(pool_zero_point, m->tensors[T_POOL].zero_point[0] = 1;)
BEND(pool_filter_0, m->ops[O_POOL].options[3].value = 0;)
BEND(shuffled, m->ops[O_FC].n_options = 2; m->ops[O_FC].options[1].bytes = 1;
     m->ops[O_FC].options[1].value = 1;)
BEND(fc_features, m->tensors[T_FC_W].dims[1] = 6; m->tensors[T_FC_W].data_bytes = 18;)
BEND(fc_output, m->tensors[T_FC].dims[1] = 4;)
BEND(add_shapes, m->tensors[15] = m->tensors[T_CONV]; m->tensors[15].rank = 1;
     m->tensors[15].dims[0] = 4; m->tensors[15].data = operand; m->tensors[15].data_bytes = 4;
     m->n_tensors = 16; m->ops[O_ADD].inputs[1] = 15;)
BEND(add_both_constant, add_constant(m); m->ops[O_ADD].inputs[0] = 15;)
BEND(add_scale, m->tensors[T_ADD].scale[0] = 1e-9f;)
BEND(relu6_scale, m->tensors[T_ADD].scale[0] = 1e-30f;)
static const int32_t other_shape[] = {2, 4}, wilder_shape[] = {-1, -1};
BEND(reshape_other, m->tensors[T_SHAPE].data = other_shape;)
BEND(reshape_wilder, m->tensors[T_SHAPE].data = wilder_shape;)
BEND(reshape_count, m->tensors[T_FLAT].dims[1] = 9;)
BEND(reshape_computed, m->tensors[T_SHAPE].data = NULL;)
BEND(reshape_option, reshape_by_option(m); m->ops[O_RESHAPE].new_shape[1] = 7;)
BEND(softmax_scale, m->tensors[T_OUT].scale[0] = 1.0f / 255;)
BEND(softmax_zero_point, m->tensors[T_OUT].zero_point[0] = 0;)
BEND(softmax_shape, m->tensors[T_OUT].dims[0] = 3; m->tensors[T_OUT].dims[1] = 1;)
BEND(softmax_beta, m->ops[O_SOFTMAX].options[0].value = 0;)
BEND(softmax_beta_nan, m->ops[O_SOFTMAX].options[0].value = 0x7fc00000;)

static const struct {
    void (*bend)(struct tflb_model *);
    const char *key, *what; /* both must appear in the message */
} refusals[] = {
    {version_2, "small.model.tflite", "schema version 2"},
    {two_subgraphs, "small.model.tflite", "2 subgraphs"},
    {no_subgraph, "small.model.tflite", "0 subgraphs"},
    {compressed, "metadata", "compressed tensors"},
    {no_ops, "small.model.tflite", "0 operators"},
    {no_inputs, ":inputs", "0 listed"},
    {no_outputs, ":outputs", "0 listed"},
    {input_range, "input 0", "tensor 99"},
    {input_twice, "tensor 0 'input'", "listed twice"},
    {input_constant, "tensor 1 'conv/weights'", "constant"},
    {output_unwritten, "tensor 15 'output'", "not computed"},
    {output_negative, "output 0", "tensor -1"},
    {custom_op, "operator 5 (CUSTOM My?Op)", "supported are ADD, AVERAGE_POOL_2D, CONV_2D"},
    {max_pool, "operator 3 (MAX_POOL_2D)", "supported are ADD"},
    {unknown_op, "operator 3 (builtin code 300)", "SOFTMAX"},
    {op_order, "operator 0 (ADD)", "read before"},
    {written_twice, "operator 1 (ADD)", "written twice"},
    {writes_input, "operator 1 (ADD)", "network input"},
    {op_input_range, "operator 0 (CONV_2D)", "does not exist"},
    {op_input_absent, "operator 0 (CONV_2D)", "does not exist"},
    {op_input_negative, "operator 0 (CONV_2D)", "does not exist"},
    {too_many_inputs, "operator 6 (SOFTMAX)", "number of inputs"},
    {too_few_inputs, "operator 1 (ADD)", "number of inputs"},
    {two_outputs, "operator 0 (CONV_2D)", "number of inputs or outputs"},
    {wrong_options, "operator 0 (CONV_2D)", "another operator"},
    {no_options, "operator 3 (AVERAGE_POOL_2D)", "options are missing"},
    {options_2, "operator 0 (CONV_2D)", "second generation"},
    {float_tensor, "operator 0 (CONV_2D): tensor 3 'conv'", "FLOAT32"},
    {int16_tensor, "operator 0 (CONV_2D): tensor 3 'conv'", "INT16"},
    {int4_weights, "operator 5 (FULLY_CONNECTED): tensor 11 'fc/weights'", "INT4"},
    {unknown_type, "operator 5 (FULLY_CONNECTED)", "type 99"},
    {sparse, "tensor 11 'fc/weights'", "sparse"},
    {external, "tensor 11 'fc/weights'", "external"},
    {variable, "tensor 3 'conv'", "variable"},
    {rank_7, "tensor 3 'conv'", "more than 6 dimensions"},
    {zero_dim, "tensor 0 'input'", "not positive"},
    {negative_dim, "tensor 0 'input'", "not positive"},
    {huge_shape, "tensor 0 'input'", "2^28"},
    {short_buffer, "tensor 11 'fc/weights'", "as many bytes"},
    {buffer_range, "tensor 11 'fc/weights'", "out of range"},
    {outside_buffer, "tensor 11 'fc/weights'", "beyond the end"},
    {unaligned_buffer, "tensor 11 'fc/weights'", "aligned"},
    {inside_and_outside, "tensor 11 'fc/weights'", "both inside and outside"},
    {wrapping_buffer, "tensor 11 'fc/weights'", "beyond the end"},
    {custom_quantisation, "tensor 3 'conv'", "block-wise"},
    {zero_point_count, "tensor 1 'conv/weights'", "scales and zero points differ"},
    {scale_zero, "tensor 3 'conv'", "not finite and positive"},
    {scale_nan, "tensor 3 'conv'", "not finite and positive"},
    {scale_infinite, "tensor 3 'conv'", "not finite and positive"},
    {scale_negative, "tensor 1 'conv/weights'", "not finite and positive"},
    {zero_point_128, "tensor 3 'conv'", "-128..127"},
    {zero_point_wide, "tensor 3 'conv'", "32 bits"},
    {not_quantised, "operator 0 (CONV_2D)", "0 scales"},
    {activation_per_channel, "operator 0 (CONV_2D)", "4 scales"},
    {weights_zero_point, "operator 0 (CONV_2D)", "zero point other than 0"},
    {scales_wrong_axis, "operator 2 (DEPTHWISE_CONV_2D)", "8 along dimension 3"},
    {scales_wrong_count, "tensor 5 'dw/weights'", "quantised dimension"},
    {axis_range, "tensor 5 'dw/weights'", "quantised dimension"},
    {weights_computed, "operator 5 (FULLY_CONNECTED)", "before any operator writes it"},
    {factor_too_large, "operator 0 (CONV_2D)", "2^29"},
    {product_infinite, "operator 5 (FULLY_CONNECTED)", "2^29"},
    {stride_0, "operator 0 (CONV_2D)", "not positive"},
    {dilation_0, "operator 0 (CONV_2D)", "not positive"},
    {dilation_huge, "operator 0 (CONV_2D)", "2^30"},
    {padding_2, "operator 0 (CONV_2D)", "neither SAME nor VALID"},
    {padding_valid, "operator 0 (CONV_2D)", "do not follow"},
    {tanh_activation, "operator 0 (CONV_2D)", "fused activation 4"},
    {conv_rank_3, "operator 0 (CONV_2D)", "rank 4"},
    {conv_channels, "operator 0 (CONV_2D)", "groups"},
    {conv_output_channels, "operator 0 (CONV_2D)", "5 channels"},
    {conv_batch, "operator 0 (CONV_2D)", "expected batch 2"},
    {bias_int8, "operator 0 (CONV_2D)", "must be constant INT32"},
    {bias_count, "operator 5 (FULLY_CONNECTED)", "2 elements, expected 3"},
    {bias_type_int64, "operator 0 (CONV_2D)", "quantized_bias_type"},
    {multiplier_3, "operator 2 (DEPTHWISE_CONV_2D)", "multiplier 3"},
    {multiplier_0, "operator 2 (DEPTHWISE_CONV_2D)", "multiplier 0"},
    {pool_scale, "operator 3 (AVERAGE_POOL_2D)", "does not rescale"},
    {pool_zero_point, "operator 3 (AVERAGE_POOL_2D)", "does not rescale"},
    {pool_filter_0, "operator 3 (AVERAGE_POOL_2D)", "not positive"},
    {shuffled, "operator 5 (FULLY_CONNECTED)", "shuffled"},
    {fc_features, "operator 5 (FULLY_CONNECTED)", "rows of 6"},
    {fc_output, "operator 5 (FULLY_CONNECTED)", "output has 4 elements"},
    {add_shapes, "operator 1 (ADD)", "broadcasting"},
    {add_both_constant, "operator 1 (ADD)", "both inputs are constants"},
    {add_scale, "operator 1 (ADD)", "too small"},
    {relu6_scale, "operator 1 (ADD)", "fused activation"},
    {reshape_other, "operator 4 (RESHAPE)", "new shape"},
    {reshape_wilder, "operator 4 (RESHAPE)", "new shape"},
    {reshape_count, "operator 4 (RESHAPE)", "8 elements and output 9"},
    {reshape_computed, "operator 4 (RESHAPE)", "before any operator writes it"},
    {reshape_option, "operator 4 (RESHAPE)", "new_shape option"},
    {softmax_scale, "operator 6 (SOFTMAX)", "1/256"},
    {softmax_zero_point, "operator 6 (SOFTMAX)", "-128"},
    {softmax_shape, "operator 6 (SOFTMAX)", "differ in shape"},
    {softmax_beta, "operator 6 (SOFTMAX)", "beta 0"},
    {softmax_beta_nan, "operator 6 (SOFTMAX)", "beta"},
};

static void refuses_with_a_clear_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct tflb_model m;
        struct models_network net;
        struct cc_error err = {CC_OK, ""};
        tflb_small(&m);
        refusals[i].bend(&m);
        enum cc_status status = read_model(&m, &net, &err);
        if (status != CC_ERR_INPUT)
            fail_msg("case %zu (%s): status %d", i, refusals[i].what, (int)status);
        if (!strstr(err.message, refusals[i].key) || !strstr(err.message, refusals[i].what))
            fail_msg("case %zu: \"%s\" lacks \"%s\" or \"%s\"", i, err.message, refusals[i].key,
                     refusals[i].what);
        assert_int_equal(err.status, CC_ERR_INPUT);
        assert_null(net.tensors); /* zeroed, nothing to free */
    }
}

static void refuses_what_is_no_model(void **state)
{
    (void)state;
    struct models_network net;
    struct cc_error err;
    const uint8_t text[] = "this is a text file";
    assert_int_equal(models_tflite_read("x.tflite", text, sizeof text, &net, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "x.tflite: not a TensorFlow Lite file"));
    assert_int_equal(models_tflite_read("x.tflite", text, 0, &net, &err), CC_ERR_INPUT);
    const uint8_t bare[] = {8, 0, 0, 0, 'T', 'F', 'L', '3'};
    assert_int_equal(models_tflite_read("x.tflite", bare, sizeof bare, &net, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "damaged flatbuffer"));
    /* Too large is refused before the data is touched. */
    assert_int_equal(models_tflite_read("x.tflite", text, MODELS_MAX_FILE + 1, &net, &err),
                     CC_ERR_INPUT);
}

/* A buffer that lies behind the flatbuffer, by file offset. */
static void reads_buffers_behind_the_flatbuffer(void **state)
{
    (void)state;
    struct tflb_model m;
    struct models_network net;
    struct cc_error err = {CC_OK, ""};
    size_t bytes;
    tflb_small(&m);
    m.tensors[T_FC_W].data = NULL;
    m.tensors[T_FC_W].offset = 65536;
    m.tensors[T_FC_W].size = 24;
    uint8_t *data = tflb_write(&m, &bytes);
    uint8_t *file = calloc(1, 65536 + 24);
    memcpy(file, data, bytes);
    memset(file + 65536, 0x5a, 24);
    if (models_tflite_read("x.tflite", file, 65536 + 24, &net, &err) != CC_OK)
        fail_msg("%s", err.message);
    assert_int_equal(net.tensors[T_FC_W].data[23], 0x5a);
    models_network_free(&net);
    free(file);
    free(data);
}

static void names_are_safe(void **state)
{
    (void)state;
    char name[MODELS_NAME_BYTES];
    models_name_copy(name, "a\tb\xc3\xa9", 5);
    assert_string_equal(name, "a?b??");
    char many[200];
    memset(many, 'x', sizeof many);
    models_name_copy(name, many, sizeof many);
    assert_int_equal(strlen(name), MODELS_NAME_BYTES - 1);
    models_name_from_path(name, "/a.b/model");
    assert_string_equal(name, "model");
    models_name_from_path(name, ".hidden");
    assert_string_equal(name, ".hidden");
    assert_string_equal(models_type_name(9), "INT8");
    assert_string_equal(models_type_name(22), "FLOAT8_E5M2");
    assert_string_equal(models_type_name(-4), "type -4");
}

static void window_geometry(void **state)
{
    (void)state;
    static const struct {
        int32_t in, filter, stride, dilation;
        enum models_padding padding;
        int32_t out, pad;
    } cases[] = {
        {49, 10, 2, 1, MODELS_PAD_SAME, 25, 4}, {10, 4, 2, 1, MODELS_PAD_SAME, 5, 1},
        {96, 3, 2, 1, MODELS_PAD_SAME, 48, 0},  {13, 3, 1, 2, MODELS_PAD_SAME, 13, 2},
        {13, 2, 1, 3, MODELS_PAD_VALID, 10, 0}, {13, 5, 2, 1, MODELS_PAD_VALID, 5, 0},
        {5, 1, 3, 1, MODELS_PAD_SAME, 2, 0},    {3, 4, 1, 1, MODELS_PAD_VALID, 0, 0},
        {3, 4, 1, 1, MODELS_PAD_SAME, 3, 1},    {1, 1, 1, 1, MODELS_PAD_SAME, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t pad;
        assert_int_equal(models_window_output(cases[i].in, cases[i].filter, cases[i].stride,
                                              cases[i].dilation, cases[i].padding, &pad),
                         cases[i].out);
        assert_int_equal(pad, cases[i].pad);
    }
    int32_t pad;
    assert_int_equal(
        models_window_output(INT32_MAX, INT32_MAX, 1, INT32_MAX, MODELS_PAD_SAME, &pad), 0);
}

/* The check behind the readers: a network changed after reading is caught. */
static void check_catches_broken_promises(void **state)
{
    (void)state;
    struct tflb_model m;
    struct models_network net;
    struct cc_error err;
    tflb_small(&m);
    read_ok(&m, &net);
    assert_int_equal(models_network_check(&net, "x", &err), CC_OK);
    net.tensors[T_CONV].bytes++;
    assert_int_equal(models_network_check(&net, "x", &err), CC_ERR_INPUT);
    net.tensors[T_CONV].bytes--;
    net.ops[O_CONV].pad_top = 2;
    assert_int_equal(models_network_check(&net, "x", &err), CC_ERR_INPUT);
    net.ops[O_CONV].pad_top = 1;
    net.ops[O_CONV].macs++;
    assert_int_equal(models_network_check(&net, "x", &err), CC_ERR_INTERNAL);
    net.ops[O_CONV].macs--;
    net.ops[O_CONV].kind = (enum models_op_kind)77;
    assert_int_equal(models_network_check(&net, "x", &err), CC_ERR_INPUT);
    net.ops[O_CONV].kind = MODELS_CONV_2D;
    assert_int_equal(models_network_check(&net, "x", &err), CC_OK);
    models_network_free(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_small_network),
        cmocka_unit_test(reads_options_and_geometry),
        cmocka_unit_test(accepts_variations),
        cmocka_unit_test(refuses_with_a_clear_message),
        cmocka_unit_test(refuses_what_is_no_model),
        cmocka_unit_test(reads_buffers_behind_the_flatbuffer),
        cmocka_unit_test(names_are_safe),
        cmocka_unit_test(window_geometry),
        cmocka_unit_test(check_catches_broken_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
