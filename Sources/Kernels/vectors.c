// The loops of factorizations: the choice for the instruction set in use.
#include "ag_vectors.h"
#include "shared.h"
#include "vectors_kernels.h"

#define VECTORS(type, T)                                                                           \
  static const ag_vector_loops_##type *loops_##type(void) { return AG_IN_USE(ag_vector_loops_##type); } \
  T ag_dot_##type(size_t n, const T *x, const T *y) { return loops_##type()->dot(n, x, y); }       \
  void ag_add_scaled_##type(size_t n, T factor, const T *x, T *y) {                                \
    loops_##type()->add_scaled(n, factor, x, y);                                                   \
  }                                                                                                \
  void ag_rotate_##type(size_t n, T c, T s, T *x, T *y) { loops_##type()->rotate(n, c, s, x, y); } \
  void ag_rotate_rows_##type(size_t count, size_t n, const T *c, const T *s, T *rows) {            \
    loops_##type()->rotate_rows(count, n, c, s, rows);                                             \
  }                                                                                                \
  void ag_update_and_multiply_##type(size_t first, size_t n, const T *v, const T *w, const T *x, T *a, T *products) { \
    loops_##type()->update_and_multiply(first, n, v, w, x, a, products);                           \
  }
VECTORS(f32, float)
VECTORS(f64, double)
