/* Real numbers of a model turned into the integers the kernels use. Each function keeps the
 * precision (float or double) that the reference kernels of TensorFlow Lite Micro have at that
 * place, because one differing low bit of a multiplier changes outputs. */
#include "firmware/kernels/requantize.h"
#include "models_image_layout.h"

#include <math.h>

void image_quantize_multiplier(double factor, int32_t *multiplier, int32_t *shift)
{
    *multiplier = 0;
    *shift = 0;
    if (factor == 0.0) {
        return;
    }
    int exponent = 0;
    int64_t mantissa = (int64_t)round(frexp(factor, &exponent) * 2147483648.0);
    if (mantissa == INT64_C(1) << 31) {
        mantissa /= 2;
        exponent++;
    }
    if (exponent < -31) {
        return;
    }
    *multiplier = (int32_t)mantissa;
    *shift = exponent;
}

double image_channel_factor(const struct models_network *net, int32_t op, int32_t channel)
{
    const struct models_op *o = &net->ops[op];
    const struct models_tensor *weights = &net->tensors[o->inputs[1]];
    float input_scale = net->tensors[o->inputs[0]].scale[0];
    float output_scale = net->tensors[o->outputs[0]].scale[0];
    float weight_scale = weights->scale[weights->n_scales > 1 ? channel : 0];

    if (o->kind == MODELS_FULLY_CONNECTED && weights->n_scales == 1) {
        float product = input_scale * weight_scale; /* rounded to float before the division */
        return (double)product / (double)output_scale;
    }
    return (double)input_scale * (double)weight_scale / (double)output_scale;
}

/* The code of a real value, limited to what int32 can hold. */
static double quantized(float value, const struct models_tensor *tensor)
{
    float ratio = value / tensor->scale[0];
    double code = tensor->zero_point[0] + round((double)ratio);
    return fmax(fmin(code, 1e9), -1e9);
}

void image_activation_limits(enum models_activation activation, const struct models_tensor *output,
                             int32_t *act_min, int32_t *act_max)
{
    double low = -128, high = 127;
    switch (activation) {
    case MODELS_ACT_NONE:
        break;
    case MODELS_ACT_RELU:
        low = fmax(low, quantized(0.0f, output));
        break;
    case MODELS_ACT_RELU_N1_TO_1:
        low = fmax(low, quantized(-1.0f, output));
        high = fmin(high, quantized(1.0f, output));
        break;
    case MODELS_ACT_RELU6:
        low = fmax(low, quantized(0.0f, output));
        high = fmin(high, quantized(6.0f, output));
        break;
    }
    *act_min = (int32_t)low;
    *act_max = (int32_t)high;
}

/* exp on [-1/4, 0), Q0.31: a fourth order polynomial around -1/8. */
static int32_t exp_near_zero(int32_t a)
{
    int32_t u = a + (1 << 28);
    int32_t u2 = requant_high_mul(u, u);
    int32_t u3 = requant_high_mul(u2, u);
    int32_t u4 = requant_high_mul(u2, u2);
    int32_t third = requant_high_mul(requant_round_shift(u4, 2) + u3, 715827883) + u2;
    int32_t v = requant_round_shift(third, 1);
    return 1895147668 + requant_high_mul(1895147668, u + v);
}

int32_t image_exp_negative(int32_t value_q5)
{
    /* exp(-2^e) as Q0.31, for e = -2..4: the bits of the value above 1/4 pick factors. */
    static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                      39332535,   720401,     242};
    const int32_t one_quarter = 1 << 24;
    if (value_q5 == 0) {
        return INT32_MAX;
    }
    int32_t fraction = (value_q5 & (one_quarter - 1)) - one_quarter;
    int32_t result = exp_near_zero(fraction * 32);
    int32_t rest = fraction - value_q5;
    for (int32_t i = 0; i < 7; i++) {
        if (rest & (one_quarter << i)) {
            result = requant_high_mul(result, factors[i]);
        }
    }
    return result;
}

void image_softmax_table(double beta, double input_scale, int32_t table[256], int32_t *multiplier,
                         int32_t *shift)
{
    double factor = fmin(beta * input_scale * (double)(1 << 26), 2147483647.0);
    image_quantize_multiplier(factor, multiplier, shift);
    /* Elements further below the maximum than this have an exponential that counts as 0. */
    double radius = floor(31.0 * (double)(1 << 26) / ldexp(1.0, *shift));
    for (int32_t below = 0; below < 256; below++) {
        table[below] = 0;
        if (below <= radius) {
            int64_t scaled = -(int64_t)below * (INT64_C(1) << *shift);
            table[below] = image_exp_negative(requant_high_mul((int32_t)scaled, *multiplier));
        }
    }
}
