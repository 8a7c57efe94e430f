// Matrix products: the choice of a kernel, and the division of C among threads. The loops are in gemm_blocks.h,
// gemm_tile.h and gemm_dot.h.
#include "gemm.h"

#include "ag_gemm.h"
#include "ag_level.h"
#include "ag_pool.h"

// Choice of kernel

static const gemm_kernels *kernels_for(ag_dtype type) {
  const gemm_kernels *kernels = gemm_baseline;
#if defined(__x86_64__)
  ag_level level = ag_current_level();
  if (level == AG_LEVEL_AVX512) kernels = gemm_avx512;
  if (level == AG_LEVEL_AVX2) kernels = gemm_avx2;
#endif
  return &kernels[type == AG_F64];
}

/// Depends only on the sizes and strides of the whole product, so the result's bits do not depend on how it is cut.
static gemm_way way_for(const gemm_problem *p, const gemm_kernels *kernels) {
  bool both_along_k = p->a_col == 1 && p->b_row == 1;
  if (both_along_k && p->k >= 2 * kernels->lanes && (p->n <= 16 || p->m <= 16)) return GEMM_DOTS;
  return GEMM_BLOCKS;
}

/// A product with a column, C = A · b, as one with a row, Cᵀ = bᵀ · Aᵀ. If the columns of A are dense, the rows of Aᵀ
/// are, and a row of C is computed from whole vectors of them.
static gemm_problem as_row(const gemm_problem *p) {
  gemm_problem row = *p;
  row.m = 1, row.n = p->m;
  row.a = p->b, row.a_row = p->b_col, row.a_col = p->b_row;
  row.b = p->a, row.b_row = p->a_col, row.b_col = p->a_row;
  row.c_row = (ptrdiff_t)p->m;
  return row;
}

static bool better_as_row(const gemm_problem *p) {
  return p->n == 1 && p->m > 1 && p->a_row == 1 && p->a_col != 1 && p->c_row == 1 && !p->bias && !p->row_bias;
}

// Division among threads

typedef struct {
  gemm_problem whole;
  gemm_kernel kernel;
  size_t value_bytes, rows, cols, across;
} gemm_grid;

static const void *offset(const void *p, ptrdiff_t values, size_t value_bytes) {
  return (const char *)p + values * (ptrdiff_t)value_bytes;
}

static void run_part(const gemm_grid *grid, size_t index) {
  gemm_problem part = grid->whole;
  size_t row = index / grid->across * grid->rows, col = index % grid->across * grid->cols;
  part.m = part.m - row < grid->rows ? part.m - row : grid->rows;
  part.n = part.n - col < grid->cols ? part.n - col : grid->cols;
  part.a = offset(part.a, (ptrdiff_t)row * part.a_row, grid->value_bytes);
  part.b = offset(part.b, (ptrdiff_t)col * part.b_col, grid->value_bytes);
  part.c = (char *)part.c + ((ptrdiff_t)row * part.c_row + (ptrdiff_t)col) * (ptrdiff_t)grid->value_bytes;
  if (part.bias) part.bias = offset(part.bias, (ptrdiff_t)col, grid->value_bytes);
  if (part.row_bias) part.row_bias = offset(part.row_bias, (ptrdiff_t)row, grid->value_bytes);
  grid->kernel(&part);
}

static void run_parts(void *grid, size_t begin, size_t end) {
  for (size_t index = begin; index < end; index++) run_part(grid, index);
}

static size_t parts_of(size_t n, size_t size) { return (n + size - 1) / size; }

/// The size of `parts` equal parts of n, rounded up to whole blocks.
static size_t part_size(size_t n, size_t parts, size_t block) {
  return parts_of(parts_of(n, parts), block) * block;
}

/// Cuts C into at most `most` parts of equal size, so that all threads have about the same amount of work.
static void cut(gemm_grid *grid, const gemm_kernels *kernels, size_t most, size_t threads) {
  enum { COPY_COST = 16 };  // each part packs its columns of B, which takes as long as that many rows of products
  const size_t m = grid->whole.m, n = grid->whole.n, step = most < threads ? most : threads;
  size_t least = SIZE_MAX;
  // Prefers several parts per thread, if they cost no more: the other threads can then help one that is held up.
  for (size_t parts = step; parts <= most && parts <= 4 * threads; parts += step)
    for (size_t down = 1; down <= parts; down *= 2) {
      const size_t rows = part_size(m, down, kernels->tile_rows), cols = part_size(n, parts / down, kernels->panel_cols);
      const size_t across = parts_of(n, cols), turns = parts_of(across * parts_of(m, rows), threads);
      const size_t cost = turns * (rows + COPY_COST) * cols;
      if (cost > least) continue;
      least = cost;
      grid->rows = rows, grid->cols = cols, grid->across = across;
    }
}

static void multiply(ag_dtype type, const gemm_problem *p) {
  const gemm_kernels *kernels = kernels_for(type);
  gemm_kernel kernel = way_for(p, kernels) == GEMM_DOTS ? kernels->dots : kernels->blocks;
  size_t parts = p->m * p->n * p->k / ag_worth_a_thread(type), threads = parts < 2 ? 1 : (size_t)ag_thread_count();
  if (threads < 2) {
    kernel(p);
    return;
  }
  gemm_grid grid = {.whole = *p, .kernel = kernel, .value_bytes = type == AG_F64 ? sizeof(double) : sizeof(float)};
  cut(&grid, kernels, parts, threads);
  ag_parallel_for(grid.across * parts_of(p->m, grid.rows), 1, run_parts, &grid);
}

// The interface, once for each type.

#define GEMM(VALUE, TYPE, NAME)                                                                                       \
  /* For small or empty products, which are not worth dispatching. */                                                 \
  static void plain_##NAME(const gemm_problem *p) {                                                                   \
    for (size_t i = 0; i < p->m; i++)                                                                                 \
      for (size_t j = 0; j < p->n; j++) {                                                                             \
        const VALUE *a = (const VALUE *)p->a + (ptrdiff_t)i * p->a_row;                                               \
        const VALUE *b = (const VALUE *)p->b + (ptrdiff_t)j * p->b_col;                                               \
        VALUE *c = (VALUE *)p->c + (ptrdiff_t)i * p->c_row + (ptrdiff_t)j, sum = 0;                                   \
        for (ptrdiff_t at = 0; at < (ptrdiff_t)p->k; at++) sum += a[at * p->a_col] * b[at * p->b_row];                \
        if (p->accumulate) sum += *c;                                                                                 \
        if (p->bias) sum += ((const VALUE *)p->bias)[j];                                                              \
        if (p->row_bias) sum += ((const VALUE *)p->row_bias)[i];                                                      \
        *c = p->relu && sum < 0 ? 0 : sum;                                                                            \
      }                                                                                                               \
  }                                                                                                                   \
                                                                                                                      \
  void ag_gemm_##NAME(size_t m, size_t n, size_t k, const VALUE *a, ptrdiff_t a_row, ptrdiff_t a_col, const VALUE *b, \
                      ptrdiff_t b_row, ptrdiff_t b_col, VALUE *c, ptrdiff_t c_row, bool accumulate,                   \
                      const ag_epilogue *epilogue) {                                                                  \
    gemm_problem p = {                                                                                                \
        .m = m, .n = n, .k = k, .a = a, .b = b, .c = c, .accumulate = accumulate,                                     \
        .a_row = a_row, .a_col = a_col, .b_row = b_row, .b_col = b_col, .c_row = c_row,                               \
        .bias = epilogue ? epilogue->bias : NULL, .row_bias = epilogue ? epilogue->row_bias : NULL,                   \
        .relu = epilogue && epilogue->activation == AG_ACTIVATION_RELU,                                               \
    };                                                                                                                \
    if (better_as_row(&p)) p = as_row(&p);                                                                            \
    if (m * n * k <= 64)                                                                                              \
      plain_##NAME(&p);                                                                                               \
    else                                                                                                              \
      multiply(TYPE, &p);                                                                                             \
  }

GEMM(float, AG_F32, f32)
GEMM(double, AG_F64, f64)
