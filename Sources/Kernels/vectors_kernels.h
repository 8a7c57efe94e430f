// The loops of ag_vectors.h for one float type at one instruction set.
#ifndef AG_VECTORS_KERNELS_H
#define AG_VECTORS_KERNELS_H
#include "ag_vectors.h"

#define AG_VECTOR_LOOPS(name, T)                                                                     \
  typedef struct {                                                                                   \
    T (*dot)(size_t n, const T *x, const T *y);                                                      \
    void (*add_scaled)(size_t n, T factor, const T *x, T *y);                                        \
    void (*rotate)(size_t n, T c, T s, T *x, T *y);                                                  \
    void (*rotate_rows)(size_t count, size_t n, const T *c, const T *s, T *rows);                    \
    void (*update_and_multiply)(size_t first, size_t n, const T *v, const T *w, const T *x, T *a,    \
                                T *products);                                                        \
  } name;
AG_VECTOR_LOOPS(ag_vector_loops_f32, float)
AG_VECTOR_LOOPS(ag_vector_loops_f64, double)

extern const ag_vector_loops_f32 ag_vector_loops_f32_baseline, ag_vector_loops_f32_avx2, ag_vector_loops_f32_avx512;
extern const ag_vector_loops_f64 ag_vector_loops_f64_baseline, ag_vector_loops_f64_avx2, ag_vector_loops_f64_avx512;

#endif
