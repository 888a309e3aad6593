#include "fit_matrix.h"

#include <math.h>
#include <string.h>

#define MAX_SWEEPS 60

int fit_cholesky(double *a, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double diagonal = a[j * n + j];
        for (size_t k = 0; k < j; k++)
            diagonal -= a[j * n + k] * a[j * n + k];
        if (!(diagonal > 0))
            return 0;
        double root = sqrt(diagonal);
        a[j * n + j] = root;
        for (size_t i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = sum / root;
        }
    }
    return 1;
}

void fit_cholesky_solve(const double *l, size_t n, double *b)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            b[i] -= l[i * n + k] * b[k];
        b[i] /= l[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            b[i] -= l[k * n + i] * b[k];
        b[i] /= l[i * n + i];
    }
}

void fit_cholesky_inverse(const double *l, size_t n, double *inverse)
{
    memset(inverse, 0, n * n * sizeof *inverse);
    for (size_t i = 0; i < n; i++) {
        inverse[i * n + i] = 1;
        fit_cholesky_solve(l, n, inverse + i * n); /* symmetric: a row is a column */
    }
}

/* One rotation that zeroes a[p][q]; vectors follow. */
static void rotate(double *a, double *vectors, size_t n, size_t p, size_t q)
{
    double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (size_t k = 0; k < n; k++) {
        double kp = a[k * n + p], kq = a[k * n + q];
        a[k * n + p] = c * kp - s * kq;
        a[k * n + q] = s * kp + c * kq;
    }
    for (size_t k = 0; k < n; k++) {
        double pk = a[p * n + k], qk = a[q * n + k];
        a[p * n + k] = c * pk - s * qk;
        a[q * n + k] = s * pk + c * qk;
        double kp = vectors[k * n + p], kq = vectors[k * n + q];
        vectors[k * n + p] = c * kp - s * kq;
        vectors[k * n + q] = s * kp + c * kq;
    }
}

static double off_diagonal(const double *a, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            sum += a[i * n + j] * a[i * n + j];
    }
    return sum;
}

static void swap_vectors(double *values, double *vectors, size_t n, size_t i, size_t j)
{
    double value = values[i];
    values[i] = values[j];
    values[j] = value;
    for (size_t k = 0; k < n; k++) {
        double member = vectors[k * n + i];
        vectors[k * n + i] = vectors[k * n + j];
        vectors[k * n + j] = member;
    }
}

static void turn_up(double *vectors, size_t n, size_t k)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        if (fabs(vectors[i * n + k]) > fabs(largest) * (1 + 1e-9))
            largest = vectors[i * n + k];
    }
    for (size_t i = 0; largest < 0 && i < n; i++)
        vectors[i * n + k] = -vectors[i * n + k];
}

void fit_eigen(double *a, size_t n, double *values, double *vectors)
{
    double scale = 0;
    memset(vectors, 0, n * n * sizeof *vectors);
    for (size_t i = 0; i < n; i++) {
        vectors[i * n + i] = 1;
        scale += a[i * n + i] * a[i * n + i];
    }
    for (int sweep = 0; sweep < MAX_SWEEPS && off_diagonal(a, n) > 1e-28 * scale; sweep++) {
        for (size_t p = 0; p + 1 < n; p++) {
            for (size_t q = p + 1; q < n; q++) {
                if (a[p * n + q] != 0)
                    rotate(a, vectors, n, p, q);
            }
        }
    }
    for (size_t i = 0; i < n; i++)
        values[i] = a[i * n + i];
    for (size_t i = 0; i < n; i++) {
        size_t largest = i;
        for (size_t j = i + 1; j < n; j++) {
            if (values[j] > values[largest])
                largest = j;
        }
        swap_vectors(values, vectors, n, i, largest);
        turn_up(vectors, n, i);
    }
}
