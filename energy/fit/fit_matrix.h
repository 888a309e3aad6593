/* Small dense symmetric matrices, row by row in one array. Private to energy/fit. */
#ifndef FIT_MATRIX_H
#define FIT_MATRIX_H

#include <stddef.h>

/* a = L L^T; the lower triangle of a becomes L. 0 when a is not positive definite. */
int fit_cholesky(double *a, size_t n);
/* Solves L L^T x = b in place. */
void fit_cholesky_solve(const double *l, size_t n, double *b);
/* inverse = (L L^T)^-1. */
void fit_cholesky_inverse(const double *l, size_t n, double *inverse);

/* Eigenvalues (falling) and eigenvectors (vectors[i * n + k] is member i of vector k) of the
 * symmetric matrix a, which is destroyed: cyclic Jacobi rotations. The largest member of each
 * vector is positive, so that equal input gives equal output. */
void fit_eigen(double *a, size_t n, double *values, double *vectors);

#endif
