/* energy_fit_prices: solution, posterior, what is left out, what the rows decide. */
#include "fit_internal.h"
#include "fit_matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A price that no row pays still counts this much when directions are chosen. */
#define SMALLEST_SHARE 0.01

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, uint32_t count)
{
    if (count == 0)
        return NAN;
    qsort(values, count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static enum cc_status predict_rows(const struct fit_model *model,
                                   const struct energy_measurements *from,
                                   const struct fit_solution *solution, struct energy_fit *fit)
{
    double log_prices[FIT_MAX_PRICES];
    fit_model_prices(model, solution->parameters, log_prices, NULL);
    for (uint32_t i = 0; i < model->row_count; i++) {
        struct energy_fit_row *row = &fit->rows[i];
        row->predicted_ma = exp(fit_model_row(model, i, log_prices, NULL));
        row->residual = row->predicted_ma / from->rows[i].measured_ma - 1;
        row->left_out = row->residual;
        row->stand_in = from->groups[from->row_group[i]].stand_in;
    }
    return CC_OK;
}

/* A row predicted by a fit that has never seen it: nor has the first guess. */
static enum cc_status leave_one_out(const struct fit_model *model, const double *start,
                                    uint32_t row, double *predicted_ma, struct cc_error *err)
{
    double log_prices[FIT_MAX_PRICES];
    struct fit_model others = *model; /* shares the rows */
    struct fit_solution without;
    enum cc_status status = fit_model_guess(&others, row, err);
    if (status == CC_OK)
        status = fit_solve(&others, start, row, &without, err);
    if (status != CC_OK)
        return status;
    fit_model_prices(&others, without.parameters, log_prices, NULL);
    *predicted_ma = exp(fit_model_row(&others, row, log_prices, NULL));
    free(without.parameters);
    return CC_OK;
}

/* Each fitted row predicted by the others; a single one cannot be. */
static enum cc_status leave_out(const struct fit_model *model,
                                const struct energy_measurements *from,
                                const struct fit_solution *solution, struct energy_fit *fit,
                                struct cc_error *err)
{
    for (uint32_t i = 0; i < model->row_count; i++) {
        double predicted_ma = NAN;
        if (model->rows[i].weight == 0)
            continue;
        enum cc_status status = CC_OK;
        if (fit->fitted_count > 1)
            status = leave_one_out(model, solution->parameters, i, &predicted_ma, err);
        if (status != CC_OK)
            return status;
        fit->rows[i].left_out = predicted_ma / from->rows[i].measured_ma - 1;
    }
    return CC_OK;
}

static void summarise(const struct fit_model *model, struct energy_fit *fit)
{
    double residuals[FIT_MAX_ROWS], left_out[FIT_MAX_ROWS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < model->row_count; i++) {
        if (model->rows[i].weight == 0 || fit->rows[i].stand_in)
            continue;
        residuals[n] = fabs(fit->rows[i].residual);
        left_out[n] = fabs(fit->rows[i].left_out);
        fit->worst_residual = fmax(fit->worst_residual, residuals[n]);
        n++;
    }
    fit->median_residual = median(residuals, n);
    fit->median_left_out = fit->fitted_count > 1 ? median(left_out, n) : NAN;
    if (n == 0)
        fit->worst_residual = NAN;
}

/* Covariance of the log prices: A C A^T. */
static void price_covariance(const struct fit_model *model, const double *jacobian,
                             const double *parameters, double *prices)
{
    size_t n = model->parameter_count, p = model->price_count;
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++) {
                double left = jacobian[i * n + k], inner = 0;
                if (left == 0)
                    continue;
                for (size_t l = 0; l < n; l++)
                    inner += parameters[k * n + l] * jacobian[j * n + l];
                sum += left * inner;
            }
            prices[i * p + j] = sum;
            prices[j * p + i] = sum;
        }
    }
}

/* Mean share of each price in what the rows pay: what its error does to an energy. */
static void mean_shares(const struct fit_model *model, const double *log_prices, double *shares)
{
    double gradient[FIT_MAX_PRICES];
    for (uint32_t j = 0; j < model->price_count; j++)
        shares[j] = SMALLEST_SHARE;
    for (uint32_t i = 0; i < model->row_count; i++) {
        fit_model_row(model, i, log_prices, gradient);
        for (uint32_t j = 0; j < model->price_count; j++)
            shares[j] += fabs(gradient[j]) / model->row_count;
    }
}

struct posterior {
    double *parameters; /* covariance [n x n] */
    double *jacobian;   /* [p x n] */
    double *prices;     /* covariance of the log prices [p x p] */
    double *weighted, *vectors, *values;
};

static enum cc_status posterior_new(const struct fit_model *model, struct posterior *post,
                                    struct cc_error *err)
{
    size_t n = model->parameter_count, p = model->price_count;
    double *all = calloc(n * n + p * n + 3 * p * p + p, sizeof *all);
    if (!all)
        return cc_no_memory(err);
    post->parameters = all;
    post->jacobian = post->parameters + n * n;
    post->prices = post->jacobian + p * n;
    post->weighted = post->prices + p * p;
    post->vectors = post->weighted + p * p;
    post->values = post->vectors + p * p;
    return CC_OK;
}

static void describe_prices(const struct fit_model *model, const double *log_prices,
                            const struct posterior *post, struct energy_fit *fit)
{
    size_t p = model->price_count;
    double log_cycle = model->first_log_cycle;
    for (size_t j = 0; j < p; j++) {
        const struct fit_price *from = &model->prices[j];
        struct energy_fit_price *to = &fit->prices[j];
        int relative = from->kind != FIT_SCALE && from->kind != FIT_EXPONENT;
        memcpy(to->key, from->key, sizeof to->key);
        to->value = exp(log_prices[j]);
        to->rsd = sqrt(fmax(post->prices[j * p + j], 0));
        to->prior = exp(from->prior_log + (relative ? log_cycle : 0));
        to->prior_rsd =
            from->kind == FIT_EVENT ? hypot(from->spread, model->event_spread) : from->spread;
        to->determined = to->rsd < to->prior_rsd / 2;
    }
}

/* The directions that move energies most: eigenvectors of the covariance, each price weighted by
 * its share. */
static void find_directions(const struct fit_model *model, const double *log_prices,
                            struct posterior *post, struct energy_fit *fit)
{
    size_t p = model->price_count;
    double shares[FIT_MAX_PRICES];
    mean_shares(model, log_prices, shares);
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < p; j++)
            post->weighted[i * p + j] = shares[i] * post->prices[i * p + j] * shares[j];
    }
    fit_eigen(post->weighted, p, post->values, post->vectors);
    for (size_t k = 0; k < ENERGY_FIT_KEPT && k < p; k++) {
        double length = sqrt(fmax(post->values[k], 0));
        for (size_t j = 0; j < p; j++)
            fit->prices[j].fit_fraction[k] = length * post->vectors[j * p + k] / shares[j];
    }
}

/* Would the rows that were read in their documents decide without the others? */
static enum cc_status find_verified(const struct fit_model *model,
                                    const struct energy_measurements *from,
                                    const double *parameters, struct posterior *post,
                                    struct energy_fit *fit, struct cc_error *err)
{
    unsigned char use[FIT_MAX_ROWS];
    size_t p = model->price_count;
    for (uint32_t i = 0; i < from->row_count; i++)
        use[i] = (unsigned char)from->groups[from->row_group[i]].verified;
    enum cc_status status = fit_covariance(model, parameters, use, post->parameters, err);
    if (status != CC_OK)
        return status;
    price_covariance(model, post->jacobian, post->parameters, post->prices);
    for (size_t j = 0; j < p; j++)
        fit->prices[j].verified =
            model->prices[j].spread == 0 ||
            sqrt(fmax(post->prices[j * p + j], 0)) < fit->prices[j].prior_rsd / 2;
    return CC_OK;
}

static enum cc_status find_posterior(const struct fit_model *model,
                                     const struct energy_measurements *from,
                                     const struct fit_solution *solution, struct energy_fit *fit,
                                     struct cc_error *err)
{
    double log_prices[FIT_MAX_PRICES];
    struct posterior post = {0};
    enum cc_status status = posterior_new(model, &post, err);
    if (status != CC_OK)
        return status;
    fit_model_prices(model, solution->parameters, log_prices, post.jacobian);
    status = fit_covariance(model, solution->parameters, NULL, post.parameters, err);
    if (status == CC_OK) {
        price_covariance(model, post.jacobian, post.parameters, post.prices);
        describe_prices(model, log_prices, &post, fit);
        find_directions(model, log_prices, &post, fit);
        status = find_verified(model, from, solution->parameters, &post, fit, err);
    }
    free(post.parameters);
    return status;
}

/* Groups that measured the chip itself on different boards, firmware or samples differ by this. */
static double spread_of_groups(const struct fit_model *model,
                               const struct energy_measurements *from, const double *parameters,
                               double floor_rsd)
{
    double sum = 0;
    uint32_t n = 0;
    for (uint32_t g = 0; g < model->group_count; g++) {
        if (from->groups[g].stand_in || model->group_parameter[g] == FIT_NO_PARAMETER)
            continue;
        double error = model->group_spread[g] * parameters[model->group_parameter[g]];
        sum += error * error;
        n++;
    }
    return n ? fmax(sqrt(sum / n), floor_rsd) : floor_rsd;
}

static enum cc_status fit_all(const struct fit_model *model, const struct energy_measurements *from,
                              const struct fit_priors *priors, struct energy_fit *fit,
                              struct cc_error *err)
{
    struct fit_solution solution;
    fit->row_count = model->row_count;
    fit->price_count = model->price_count;
    fit->group_count = model->group_count;
    fit->rows = calloc(model->row_count, sizeof *fit->rows);
    fit->prices = calloc(model->price_count, sizeof *fit->prices);
    if (!fit->rows || !fit->prices)
        return cc_no_memory(err);
    enum cc_status status = fit_solve(model, NULL, UINT32_MAX, &solution, err);
    if (status != CC_OK)
        return status;
    fit->iterations = solution.iterations;
    for (uint32_t i = 0; i < model->row_count; i++)
        fit->fitted_count += model->rows[i].weight > 0;
    fit->chip_rsd = spread_of_groups(model, from, solution.parameters, priors->chip_rsd.value);
    status = predict_rows(model, from, &solution, fit);
    if (status == CC_OK)
        status = leave_out(model, from, &solution, fit, err);
    if (status == CC_OK)
        status = find_posterior(model, from, &solution, fit, err);
    summarise(model, fit);
    free(solution.parameters);
    return status;
}

enum cc_status energy_fit_prices(const struct energy_chip *chip,
                                 const struct energy_measurements *measurements,
                                 const struct sim_profile *const *profiles, struct energy_fit *fit,
                                 struct cc_error *err)
{
    struct fit_priors *priors = NULL;
    struct fit_model model;
    memset(fit, 0, sizeof *fit);
    enum cc_status status = fit_priors_load(&priors, err);
    if (status != CC_OK)
        return status;
    status = fit_model_new(chip, measurements, profiles, priors, &model, err);
    if (status == CC_OK) {
        status = fit_all(&model, measurements, priors, fit, err);
        fit_model_free(&model);
    }
    fit_priors_free(priors);
    if (status != CC_OK)
        energy_fit_free(fit);
    return status;
}

void energy_fit_free(struct energy_fit *fit)
{
    free(fit->rows);
    free(fit->prices);
    memset(fit, 0, sizeof *fit);
}
