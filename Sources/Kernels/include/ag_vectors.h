#ifndef AG_VECTORS_H
#define AG_VECTORS_H
#include "ag_types.h"

// Loops over rows, the building blocks of factorizations, all on the calling thread.

/// Σ x · y
float ag_dot_f32(size_t n, const float *x, const float *y);
double ag_dot_f64(size_t n, const double *x, const double *y);

/// y += factor · x
void ag_add_scaled_f32(size_t n, float factor, const float *x, float *y);
void ag_add_scaled_f64(size_t n, double factor, const double *x, double *y);

/// x, y = c·x − s·y, s·x + c·y
void ag_rotate_f32(size_t n, float c, float s, float *x, float *y);
void ag_rotate_f64(size_t n, double c, double s, double *x, double *y);

/// Two sweeps of rotations over adjacent rows of n elements, each from the last pair to the first: for i = count − 1
/// ... 0, rows i and i + 1 become c[i]·row(i) − s[i]·row(i + 1) and s[i]·row(i) + c[i]·row(i + 1). The c and s of the
/// second sweep follow n places after those of the first.
void ag_rotate_rows_f32(size_t count, size_t n, const float *c, const float *s, float *rows);
void ag_rotate_rows_f64(size_t count, size_t n, const double *c, const double *s, double *rows);

/// A −= v·wᵀ + w·vᵀ, then products = A·x, for the part of a symmetric A [n, n] and of the vectors from index `first`
/// on. One pass over the upper triangle; what is below the diagonal may be overwritten, and elements of vectors before
/// `first` may be anything finite.
void ag_update_and_multiply_f32(size_t first, size_t n, const float *v, const float *w, const float *x, float *a,
                                float *products);
void ag_update_and_multiply_f64(size_t first, size_t n, const double *v, const double *w, const double *x, double *a,
                                double *products);

#endif
