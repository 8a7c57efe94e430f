// Loops over one plane under one kernel, for VALUE (see gemm_simd.h) at the level being compiled: of any kind in a frame,
// and of square kernels without stride and dilation where the planes lie.

// In frames

/// `vectors` vectors of a correlation.
INLINE void NAME(correlate_some)(const VALUE *from, size_t taps, const VALUE *w, const ptrdiff_t *at, VALUE start,
                                 bool add, VALUE *to, const int vectors) {
  VECTOR sum[4];
  UNROLL for (int v = 0; v < vectors; v++) sum[v] = start;
  for (size_t t = 0; t < taps; t++) {
    const VALUE *x = from + at[t];
    const VECTOR weight = w[t];
    UNROLL for (int v = 0; v < vectors; v++)
        sum[v] = NAME(multiply_add)(weight, NAME(load)(x + v * LANES), sum[v]);
  }
  UNROLL for (int v = 0; v < vectors; v++)
      NAME(store)(to + v * LANES, add ? NAME(load)(to + v * LANES) + sum[v] : sum[v]);
}

static void NAME(correlate)(size_t n, const void *from, size_t taps, const void *w, const ptrdiff_t *at,
                            const void *start, bool add, void *to) {
  const VALUE first = start ? *(const VALUE *)start : 0;
  size_t i = 0;
  for (; i + 4 * LANES <= n; i += 4 * LANES)
    NAME(correlate_some)((const VALUE *)from + i, taps, w, at, first, add, (VALUE *)to + i, 4);
  for (; i < n; i += LANES)
    NAME(correlate_some)((const VALUE *)from + i, taps, w, at, first, add, (VALUE *)to + i, 1);
}

/// A 3×3 kernel has so many, and their sums have a register each at every level.
#define MOST_DOTS 9

INLINE void NAME(some_dots)(size_t n, const VALUE *a, const VALUE *b, const ptrdiff_t *at, VALUE *sums,
                            const int taps) {
  VECTOR sum[MOST_DOTS];
  UNROLL for (int t = 0; t < taps; t++) sum[t] = 0;
  for (size_t i = 0; i < n; i += LANES) {
    const VECTOR left = NAME(load)(a + i);
    UNROLL for (int t = 0; t < taps; t++) sum[t] = NAME(multiply_add)(left, NAME(load)(b + i + at[t]), sum[t]);
  }
  UNROLL for (int t = 0; t < taps; t++) {
    VALUE total = 0;
    for (int l = 0; l < LANES; l++) total += sum[t][l];
    sums[t] += total;
  }
}

static void NAME(dots)(size_t n, const void *a, const void *b, size_t taps, const ptrdiff_t *at, void *sums) {
  size_t t = 0;
  for (; t + MOST_DOTS <= taps; t += MOST_DOTS) NAME(some_dots)(n, a, b, at + t, (VALUE *)sums + t, MOST_DOTS);
  for (; t + 3 <= taps; t += 3) NAME(some_dots)(n, a, b, at + t, (VALUE *)sums + t, 3);
  for (; t < taps; t++) NAME(some_dots)(n, a, b, at + t, (VALUE *)sums + t, 1);
}

static void NAME(copy_plane)(size_t rows, size_t cols, const void *from, size_t from_row, void *to, size_t to_row) {
  for (size_t r = 0; r < rows; r++)
    NAME(copy_run)((VALUE *)to + r * to_row, (const VALUE *)from + r * from_row, cols);
}

// Where they lie

// A vector of columns of the output meets `kernel` vectors of each row of x, which lie `inside` it or not.

INLINE bool NAME(lies_inside)(conv_plane p, size_t col, const int kernel) {
  return (ptrdiff_t)col >= p.left && (ptrdiff_t)col - p.left + kernel - 1 + LANES <= (ptrdiff_t)p.in_w;
}

/// For each column of the kernel, the lanes that lie inside.
INLINE void NAME(lanes_inside)(conv_plane p, size_t col, NAME(lane_set) *sets, const int kernel) {
  for (int c = 0; c < kernel; c++) {
    const ptrdiff_t at = (ptrdiff_t)col + c - p.left;
    sets[c] = NAME(lanes)(-at, (ptrdiff_t)p.in_w - at);
  }
}

/// Rows that are summed up at once: each row of x then serves as many times.
#define ROWS_AT_ONCE 4

INLINE void NAME(convolve_columns)(conv_plane p, size_t col, const VALUE *x, const VALUE *w, VALUE start, bool add,
                                   VALUE *y, const int kernel, const bool inside) {
  NAME(lane_set) sets[7];
  if (!inside) NAME(lanes_inside)(p, col, sets, kernel);
  VECTOR weights[25];  // registers; those of 7×7 would be memory
  if (kernel <= 5) UNROLL for (int t = 0; t < kernel * kernel; t++) weights[t] = w[t];
  for (size_t row = 0; row < p.out_h; row += ROWS_AT_ONCE) {
    VECTOR sum[ROWS_AT_ONCE];
    UNROLL for (int j = 0; j < ROWS_AT_ONCE; j++) sum[j] = start;
    UNROLL for (int k = 0; k < kernel + ROWS_AT_ONCE - 1; k++) {
      const ptrdiff_t from = (ptrdiff_t)row + k - p.top;
      if (from < 0 || from >= (ptrdiff_t)p.in_h) continue;
      const VALUE *at = x + from * (ptrdiff_t)p.in_w + (ptrdiff_t)col - p.left;
      UNROLL for (int c = 0; c < kernel; c++) {
        const VECTOR some = inside ? NAME(load)(at + c) : NAME(load_lanes)(at + c, sets[c]);
        UNROLL for (int j = 0; j < ROWS_AT_ONCE; j++) if (k >= j && k < j + kernel)
            sum[j] = NAME(multiply_add)(kernel <= 5 ? weights[(k - j) * kernel + c] : (VECTOR)w[(k - j) * kernel + c],
                                        some, sum[j]);
      }
    }
    UNROLL for (int j = 0; j < ROWS_AT_ONCE; j++) if (row + (size_t)j < p.out_h) {
      VALUE *to = y + (row + (size_t)j) * p.out_w + col;
      if (add) sum[j] += NAME(load_some)(to, p.out_w - col);
      NAME(store_some)(to, p.out_w - col, sum[j]);
    }
  }
}

INLINE void NAME(convolve)(conv_plane p, const VALUE *x, const VALUE *w, VALUE start, bool add, VALUE *y,
                           const int kernel) {
  for (size_t col = 0; col < p.out_w; col += LANES) {
    if (NAME(lies_inside)(p, col, kernel)) NAME(convolve_columns)(p, col, x, w, start, add, y, kernel, true);
    else NAME(convolve_columns)(p, col, x, w, start, add, y, kernel, false);
  }
}

/// Sums of a plane's products with dy, for some rows of the kernel's taps.
INLINE void NAME(sum_columns)(conv_plane p, size_t col, const VALUE *x, const VALUE *dy, VECTOR *sum, const int kernel,
                              const int rows, const bool inside) {
  NAME(lane_set) sets[7], in_dy = NAME(lanes)(0, (ptrdiff_t)(p.out_w - col));
  if (!inside) NAME(lanes_inside)(p, col, sets, kernel);
  for (size_t row = 0; row < p.out_h; row++) {
    const VALUE *dy_at = dy + row * p.out_w + col;
    const VECTOR gradient = inside ? NAME(load)(dy_at) : NAME(load_lanes)(dy_at, in_dy);
    UNROLL for (int r = 0; r < rows; r++) {
      const ptrdiff_t from = (ptrdiff_t)row + r - p.top;
      if (from < 0 || from >= (ptrdiff_t)p.in_h) continue;
      const VALUE *at = x + from * (ptrdiff_t)p.in_w + (ptrdiff_t)col - p.left;
      UNROLL for (int c = 0; c < kernel; c++)
          sum[r * kernel + c] =
              NAME(multiply_add)(gradient, inside ? NAME(load)(at + c) : NAME(load_lanes)(at + c, sets[c]),
                                 sum[r * kernel + c]);
    }
  }
}

INLINE void NAME(kernel_gradient)(conv_plane p, const VALUE *x, const VALUE *dy, VALUE *dw, const int kernel,
                                  const int rows) {
  VECTOR sum[MOST_DOTS];
  UNROLL for (int t = 0; t < rows * kernel; t++) sum[t] = 0;
  for (size_t col = 0; col < p.out_w; col += LANES) {
    if (NAME(lies_inside)(p, col, kernel) && col + LANES <= p.out_w)
      NAME(sum_columns)(p, col, x, dy, sum, kernel, rows, true);
    else NAME(sum_columns)(p, col, x, dy, sum, kernel, rows, false);
  }
  UNROLL for (int t = 0; t < rows * kernel; t++) {
    VALUE total = 0;
    for (int l = 0; l < LANES; l++) total += sum[t][l];
    dw[t] += total;
  }
}

#define CONVOLVE(kernel, rows)                                                                                        \
  static void NAME(convolve_##kernel)(conv_plane p, const void *x, const void *w, const void *start, bool add,        \
                                      void *y) {                                                                      \
    NAME(convolve)(p, x, w, start ? *(const VALUE *)start : 0, add, y, kernel);                                       \
  }                                                                                                                   \
  static void NAME(kernel_gradient_##kernel)(conv_plane p, const void *x, const void *dy, void *dw) {                 \
    for (int r = 0; r < kernel; r += rows, p.top -= rows)                                                             \
      NAME(kernel_gradient)(p, x, dy, (VALUE *)dw + r * kernel, kernel, rows);                                               \
  }

CONVOLVE(3, 3)
CONVOLVE(5, 1)
CONVOLVE(7, 1)
