/* Levenberg-Marquardt on the parameters of fit_model: every parameter is standard normal a priori,
 * so the prior adds the unit matrix to the normal equations. */
#include "fit_internal.h"
#include "fit_matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ITERATIONS  200
#define FARTHEST        3.5 /* bound of every parameter, in standard deviations of its prior */
#define SMALLEST_GAIN   1e-12
#define LARGEST_DAMPING 1e12

struct work {
    double *log_prices, *jacobian; /* of the prices by the parameters */
    double *by_price;              /* of one row by the prices */
    double *row;                   /* of one row by the parameters */
    double *normal, *gradient;     /* of the whole */
    double *damped, *step, *trial;
};

static enum cc_status work_new(const struct fit_model *m, struct work *w, struct cc_error *err)
{
    size_t n = m->parameter_count, p = m->price_count;
    size_t doubles = p + p * n + p + n + n * n + n + n * n + n + n;
    double *all = calloc(doubles, sizeof *all);
    if (!all)
        return cc_no_memory(err);
    w->log_prices = all;
    w->jacobian = w->log_prices + p;
    w->by_price = w->jacobian + p * n;
    w->row = w->by_price + p;
    w->normal = w->row + n;
    w->gradient = w->normal + n * n;
    w->damped = w->gradient + n;
    w->step = w->damped + n * n;
    w->trial = w->step + n;
    return CC_OK;
}

static void work_free(struct work *w)
{
    free(w->log_prices);
}

static double group_error(const struct fit_model *m, uint32_t group, const double *x)
{
    uint32_t parameter = m->group_parameter[group];
    return parameter == FIT_NO_PARAMETER ? 0 : m->group_spread[group] * x[parameter];
}

static double cost_of(const struct fit_model *m, struct work *w, const double *x, uint32_t left_out)
{
    double cost = 0;
    fit_model_prices(m, x, w->log_prices, NULL);
    for (uint32_t i = 0; i < m->row_count; i++) {
        const struct fit_row *row = &m->rows[i];
        if (row->weight == 0 || i == left_out)
            continue;
        double residual = fit_model_row(m, i, w->log_prices, NULL) + group_error(m, row->group, x) -
                          row->log_measured;
        cost += row->weight * residual * residual;
    }
    for (uint32_t k = 0; k < m->parameter_count; k++)
        cost += x[k] * x[k];
    return cost;
}

/* The row of the design matrix: d (ln current + group error) / d parameters. */
static void differentiate(const struct fit_model *m, struct work *w, uint32_t group)
{
    size_t n = m->parameter_count;
    memset(w->row, 0, n * sizeof *w->row);
    for (uint32_t j = 0; j < m->price_count; j++) {
        if (w->by_price[j] == 0)
            continue;
        for (size_t k = 0; k < n; k++)
            w->row[k] += w->by_price[j] * w->jacobian[j * n + k];
    }
    if (m->group_parameter[group] != FIT_NO_PARAMETER)
        w->row[m->group_parameter[group]] = m->group_spread[group];
}

static void add_row(const struct fit_model *m, struct work *w, double weight, double residual)
{
    size_t n = m->parameter_count;
    for (size_t i = 0; i < n; i++) {
        if (w->row[i] == 0)
            continue;
        w->gradient[i] += weight * residual * w->row[i];
        for (size_t k = 0; k <= i; k++)
            w->normal[i * n + k] += weight * w->row[i] * w->row[k];
    }
}

/* Normal matrix (lower triangle) and gradient at x; only rows with use[i] where use is given. */
static void build(const struct fit_model *m, struct work *w, const double *x, uint32_t left_out,
                  const unsigned char *use)
{
    size_t n = m->parameter_count;
    memset(w->normal, 0, n * n * sizeof *w->normal);
    for (size_t k = 0; k < n; k++) {
        w->normal[k * n + k] = 1;
        w->gradient[k] = x[k];
    }
    fit_model_prices(m, x, w->log_prices, w->jacobian);
    for (uint32_t i = 0; i < m->row_count; i++) {
        const struct fit_row *row = &m->rows[i];
        if (row->weight == 0 || i == left_out || (use && !use[i]))
            continue;
        double predicted = fit_model_row(m, i, w->log_prices, w->by_price);
        differentiate(m, w, row->group);
        add_row(m, w, row->weight, predicted + group_error(m, row->group, x) - row->log_measured);
    }
}

static double clamp(double x)
{
    return x < -FARTHEST ? -FARTHEST : x > FARTHEST ? FARTHEST : x;
}

/* One damped step into w->trial; 0 when the matrix cannot be factored. */
static int try_step(const struct fit_model *m, struct work *w, const double *x, double damping)
{
    size_t n = m->parameter_count;
    memcpy(w->damped, w->normal, n * n * sizeof *w->damped);
    for (size_t k = 0; k < n; k++) {
        w->damped[k * n + k] *= 1 + damping;
        w->step[k] = -w->gradient[k];
        /* A parameter on its bound that is pushed outwards stays there. */
        if ((x[k] >= FARTHEST && w->step[k] > 0) || (x[k] <= -FARTHEST && w->step[k] < 0)) {
            for (size_t i = 0; i < n; i++) {
                w->damped[k * n + i] = 0;
                w->damped[i * n + k] = 0;
            }
            w->damped[k * n + k] = 1;
            w->step[k] = 0;
        }
    }
    if (!fit_cholesky(w->damped, n))
        return 0;
    fit_cholesky_solve(w->damped, n, w->step);
    for (size_t k = 0; k < n; k++)
        w->trial[k] = clamp(x[k] + w->step[k]);
    return 1;
}

/* Lowers the cost once or says that it cannot. */
static int improve(const struct fit_model *m, struct work *w, struct fit_solution *s,
                   uint32_t left_out, double *damping)
{
    build(m, w, s->parameters, left_out, NULL);
    while (*damping < LARGEST_DAMPING) {
        double cost =
            try_step(m, w, s->parameters, *damping) ? cost_of(m, w, w->trial, left_out) : INFINITY;
        if (cost < s->cost) {
            int worth = s->cost - cost > SMALLEST_GAIN * (1 + s->cost);
            memcpy(s->parameters, w->trial, m->parameter_count * sizeof *s->parameters);
            s->cost = cost;
            *damping = fmax(*damping * 0.2, 1e-9);
            return worth;
        }
        *damping *= 5;
    }
    return 0;
}

enum cc_status fit_solve(const struct fit_model *model, const double *start, uint32_t left_out,
                         struct fit_solution *solution, struct cc_error *err)
{
    struct work w;
    double damping = 1e-3;
    memset(solution, 0, sizeof *solution);
    solution->parameters = calloc(model->parameter_count, sizeof *solution->parameters);
    if (!solution->parameters)
        return cc_no_memory(err);
    enum cc_status status = work_new(model, &w, err);
    if (status != CC_OK) {
        free(solution->parameters);
        solution->parameters = NULL;
        return status;
    }
    if (start)
        memcpy(solution->parameters, start, model->parameter_count * sizeof *start);
    solution->cost = cost_of(model, &w, solution->parameters, left_out);
    while (solution->iterations < MAX_ITERATIONS &&
           improve(model, &w, solution, left_out, &damping))
        solution->iterations++;
    work_free(&w);
    return CC_OK;
}

enum cc_status fit_covariance(const struct fit_model *model, const double *parameters,
                              const unsigned char *use, double *covariance, struct cc_error *err)
{
    struct work w;
    enum cc_status status = work_new(model, &w, err);
    if (status != CC_OK)
        return status;
    build(model, &w, parameters, UINT32_MAX, use);
    if (fit_cholesky(w.normal, model->parameter_count))
        fit_cholesky_inverse(w.normal, model->parameter_count, covariance);
    else
        status = cc_fail(err, CC_ERR_INTERNAL, "fit: the normal matrix is not positive definite");
    work_free(&w);
    return status;
}
