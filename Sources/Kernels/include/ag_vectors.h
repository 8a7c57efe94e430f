#ifndef AG_VECTORS_H
#define AG_VECTORS_H
#include "ag_types.h"

// Loops over rows that factorizations are made of, all on the calling thread.

/// Σ x · y
float ag_dot_f32(size_t n, const float *x, const float *y);
double ag_dot_f64(size_t n, const double *x, const double *y);

/// y += factor · x
void ag_add_scaled_f32(size_t n, float factor, const float *x, float *y);
void ag_add_scaled_f64(size_t n, double factor, const double *x, double *y);

/// x, y = c·x − s·y, s·x + c·y
void ag_rotate_f32(size_t n, float c, float s, float *x, float *y);
void ag_rotate_f64(size_t n, double c, double s, double *x, double *y);

/// Rotations of neighbouring rows of n elements, from the last pair to the first: for i = count − 1 ... 0 the rows i and
/// i + 1 become c[i]·row(i) − s[i]·row(i + 1) and s[i]·row(i) + c[i]·row(i + 1).
void ag_rotate_rows_f32(size_t count, size_t n, const float *c, const float *s, float *rows);
void ag_rotate_rows_f64(size_t count, size_t n, const double *c, const double *s, double *rows);

/// For each of `count` rows of n elements that lie `stride` apart: row(j) −= v[j]·w + w[j]·v, then products[j] = row(j) ·
/// next: an update of rank two, and a product with the updated matrix in the same pass. `v` and `w` may be NULL together.
void ag_update_and_multiply_f32(size_t count, size_t n, size_t stride, const float *v, const float *w,
                                const float *next, float *rows, float *products);
void ag_update_and_multiply_f64(size_t count, size_t n, size_t stride, const double *v, const double *w,
                                const double *next, double *rows, double *products);

#endif
