// The interface between gemm.c and the kernels of each instruction set.
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

/// The two algorithms. Each gives an element of C the same bits whichever rows and columns are computed with it, so
/// once one is chosen, a problem can be cut along m and n at will.
typedef enum {
  GEMM_BLOCKS,  // tiles of C from panels of B: the general algorithm
  GEMM_DOTS,    // dot products of rows of A with columns of B, both contiguous along k
} gemm_way;

typedef void (*gemm_kernel)(const gemm_problem *);

/// The kernels of one type at one level.
typedef struct {
  gemm_kernel blocks, dots;
  size_t tile_rows, panel_cols, lanes;
} gemm_kernels;

/// One table per level: float, then double. The higher levels exist on x86-64 only.
extern const gemm_kernels gemm_baseline[2];
extern const gemm_kernels gemm_avx2[2];
extern const gemm_kernels gemm_avx512[2];

#endif
