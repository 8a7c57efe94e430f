// Products with few rows or few columns whose operands are both contiguous along k: every element of C is a dot product
// of two dense runs, and a group of them is computed at once. Nothing is packed.

/// The last `count` lanes of a load; the others are zero.
INLINE VECTOR NAME(load_last)(const VALUE *p, size_t count) {
  MASK lane;
  UNROLL for (int t = 0; t < LANES; t++) lane[t] = t;
  return NAME(keep)(lane >= (MASK)(int)(LANES - count), NAME(load)(p));
}

#define EACH_SUM UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < cols; j++)

INLINE void NAME(dot_tile)(const gemm_problem *p, size_t row, size_t col, const int rows, const int cols) {
  const VALUE *a = (const VALUE *)p->a + (ptrdiff_t)row * p->a_row, *b = (const VALUE *)p->b + (ptrdiff_t)col * p->b_col;
  const ptrdiff_t a_row = p->a_row, b_col = p->b_col;
  enum { GROUPS = (DOT_ROWS * DOT_COLS + LANES - 1) / LANES };
  VECTOR sum[GROUPS * LANES];
  UNROLL for (int i = 0; i < GROUPS * LANES; i++) sum[i] = 0;
  VECTOR right[DOT_COLS];
  size_t at = 0;
  for (; at + LANES <= p->k; at += LANES) {
    UNROLL for (int j = 0; j < cols; j++) right[j] = NAME(load)(b + j * b_col + at);
    UNROLL for (int i = 0; i < rows; i++) {
      VECTOR left = NAME(load)(a + i * a_row + at);
      UNROLL for (int j = 0; j < cols; j++)
          sum[i * cols + j] = NAME(multiply_add)(left, right[j], sum[i * cols + j]);
    }
  }
  if (at < p->k) {
    // The last vector overlaps what has been summed already; the overlapping lanes are cleared.
    size_t rest = p->k - at, start = p->k - LANES;
    UNROLL for (int j = 0; j < cols; j++) right[j] = NAME(load_last)(b + j * b_col + start, rest);
    UNROLL for (int i = 0; i < rows; i++) {
      VECTOR left = NAME(load_last)(a + i * a_row + start, rest);
      UNROLL for (int j = 0; j < cols; j++)
          sum[i * cols + j] = NAME(multiply_add)(left, right[j], sum[i * cols + j]);
    }
  }
  VALUE sums[GROUPS * LANES];
  UNROLL for (int g = 0; g < (rows * cols + LANES - 1) / LANES; g++)
      NAME(store)(sums + g * LANES, NAME(sums)(sum + g * LANES));
  VALUE *c = (VALUE *)p->c + (ptrdiff_t)row * p->c_row + (ptrdiff_t)col;
  const ptrdiff_t c_row = p->c_row;
  if (p->accumulate) EACH_SUM sums[i * cols + j] += c[i * c_row + j];
  if (p->bias) {
    const VALUE *bias = (const VALUE *)p->bias + col;
    EACH_SUM sums[i * cols + j] += bias[j];
  }
  if (p->row_bias) {
    const VALUE *bias = (const VALUE *)p->row_bias + row;
    EACH_SUM sums[i * cols + j] += bias[i];
  }
  if (p->relu) EACH_SUM sums[i * cols + j] = sums[i * cols + j] < 0 ? 0 : sums[i * cols + j];
  EACH_SUM c[i * c_row + j] = sums[i * cols + j];
}
#undef EACH_SUM

#define DOT_TILE(rows, cols)                                                                       \
  static void NAME(dots_##rows##x##cols)(const gemm_problem *p, size_t row, size_t col) {          \
    NAME(dot_tile)(p, row, col, rows, cols);                                                       \
  }
#define DOT_ENTRY(rows, cols) [rows][cols] = NAME(dots_##rows##x##cols),
#undef DOT_SIZES
#if DOT_COLS == 5
#define DOT_SIZES(f) \
  UP_TO(DOT_ROWS, f, 1) UP_TO(DOT_ROWS, f, 2) UP_TO(DOT_ROWS, f, 3) UP_TO(DOT_ROWS, f, 4) UP_TO(DOT_ROWS, f, 5)
#else
#define DOT_SIZES(f) \
  UP_TO(DOT_ROWS, f, 1) UP_TO(DOT_ROWS, f, 2) UP_TO(DOT_ROWS, f, 3) UP_TO(DOT_ROWS, f, 4)
#endif

DOT_SIZES(DOT_TILE)

static void (*const NAME(dot_tiles)[DOT_ROWS + 1][DOT_COLS + 1])(const gemm_problem *, size_t row, size_t col) = {
    DOT_SIZES(DOT_ENTRY)};

static void NAME(dots)(const gemm_problem *p) {
  // In groups of about equal size, because small ones do not fill the pipelines: ten columns are 5 + 5,
  // sixteen rows 4 + 4 + 4 + 4.
  const size_t down = (p->m + DOT_ROWS - 1) / DOT_ROWS, across = (p->n + DOT_COLS - 1) / DOT_COLS;
  for (size_t i = 0; i < down; i++) {
    size_t row = i * p->m / down, rows = (i + 1) * p->m / down - row;
    for (size_t j = 0; j < across; j++) {
      size_t col = j * p->n / across, cols = (j + 1) * p->n / across - col;
      NAME(dot_tiles)[rows][cols](p, row, col);
    }
  }
}
