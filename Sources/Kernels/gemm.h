// What gemm.c and the kernels of each instruction set agree on.
#ifndef GEMM_H
#define GEMM_H
#include "ag_types.h"
#include "scratch.h"

/// One product C = A · B, of float or of double.
typedef struct {
  size_t m, n, k;
  const void *a, *b;
  ptrdiff_t a_row, a_col, b_row, b_col;
  void *c;
  ptrdiff_t c_row;
  const void *bias, *row_bias;  // n and m values, or NULL
  bool accumulate, relu;
} gemm_problem;

/// The two ways to a product. Each gives an element of C the same bits whatever rows and columns are asked for with it,
/// so a problem can be cut along m and n at will once the way is chosen.
typedef enum {
  GEMM_BLOCKS,  // tiles of C from panels of B: the general way
  GEMM_DOTS,    // dot products of rows of A with columns of B that lie in memory one after the other
} gemm_way;

typedef void (*gemm_kernel)(const gemm_problem *);

/// The kernels of one type at one level.
typedef struct {
  gemm_kernel blocks, dots;
  size_t tile_rows, panel_cols, lanes;
} gemm_kernels;

/// By level: those for float, then those for double. The higher levels exist on x86-64 only.
extern const gemm_kernels gemm_baseline[2];
extern const gemm_kernels gemm_avx2[2];
extern const gemm_kernels gemm_avx512[2];

#endif
