// Loops over one plane and one kernel, for VALUE (see gemm_simd.h) at the level being compiled: any kernel over frames,
// and square kernels with a stride of 1 or 2 and no dilation over the planes in place.

// In frames

/// `vectors` vectors of `rows` correlations of the same values, of which `left` are stored.
INLINE void NAME(correlate_some)(const VALUE *from, conv_taps taps, const VALUE *start, VALUE *to, size_t to_row,
                                 size_t left, const int rows, const int vectors) {
  VECTOR sum[4][4];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = start ? start[r] : 0;
  const VALUE *w = taps.weights;
  for (size_t t = 0; t < taps.count; t++) {
    VECTOR x[4];
    UNROLL for (int v = 0; v < vectors; v++) x[v] = NAME(load)(from + taps.at[t] + v * LANES);
    UNROLL for (int r = 0; r < rows; r++) {
      const VECTOR weight = w[(size_t)r * taps.row + t];
      UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = NAME(multiply_add)(weight, x[v], sum[r][v]);
    }
  }
  UNROLL for (int r = 0; r < rows; r++, to += to_row) {
    if (vectors == 1) NAME(store_some)(to, left, sum[r][0]);
    else UNROLL for (int v = 0; v < vectors; v++) NAME(store)(to + v * LANES, sum[r][v]);
  }
}

INLINE void NAME(correlate_rows)(size_t n, const VALUE *from, conv_taps taps, const VALUE *start, VALUE *to,
                                 size_t to_row, const int rows, const int vectors) {
  size_t i = 0;
  for (; i + (size_t)vectors * LANES <= n; i += (size_t)vectors * LANES)
    NAME(correlate_some)(from + i, taps, start, to + i, to_row, n - i, rows, vectors);
  for (; i < n; i += LANES) NAME(correlate_some)(from + i, taps, start, to + i, to_row, n - i, rows, 1);
}

static void NAME(correlate)(size_t n, const void *from, conv_taps taps, size_t rows, const void *start, void *to,
                            size_t to_row) {
  enum { VECTORS = VECTOR_BYTES == 64 ? 4 : 2 };  // as many sums as there are registers for
  const VALUE *first = start;
  VALUE *out = to;
  while (rows > 0) {
    const size_t some = rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
    if (some == 4) NAME(correlate_rows)(n, from, taps, first, out, to_row, 4, VECTORS);
    else if (some == 2) NAME(correlate_rows)(n, from, taps, first, out, to_row, 2, 4);
    else NAME(correlate_rows)(n, from, taps, first, out, to_row, 1, 4);
    taps.weights = (const VALUE *)taps.weights + some * taps.row;
    if (first) first += some;
    out += some * to_row, rows -= some;
  }
}

/// The taps of a 3×3 kernel: at every level there is a register for each of their sums.
#define MOST_DOTS 9

/// Adds the sum of each vector's lanes to one value.
INLINE void NAME(add_sums)(const VECTOR *sum, VALUE *to, const int count) {
  UNROLL for (int first = 0; first < count; first += LANES) {
    VECTOR some[LANES];
    UNROLL for (int l = 0; l < LANES; l++) some[l] = first + l < count ? sum[first + l] : 0;
    const size_t left = (size_t)(count - first);
    NAME(store_some)(to + first, left, NAME(load_some)(to + first, left) + NAME(sums)(some));
  }
}

INLINE void NAME(some_dots)(size_t n, const VALUE *a, const VALUE *b, const ptrdiff_t *at, VALUE *sums,
                            const int taps) {
  VECTOR sum[MOST_DOTS];
  UNROLL for (int t = 0; t < taps; t++) sum[t] = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    const VECTOR left = NAME(load)(a + i);
    UNROLL for (int t = 0; t < taps; t++) sum[t] = NAME(multiply_add)(left, NAME(load)(b + i + at[t]), sum[t]);
  }
  if (i < n) {
    const VECTOR left = NAME(load_some)(a + i, n - i);
    UNROLL for (int t = 0; t < taps; t++)
        sum[t] = NAME(multiply_add)(left, NAME(load_some)(b + i + at[t], n - i), sum[t]);
  }
  NAME(add_sums)(sum, sums, taps);
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

// In place

// A vector of output columns reads `kernel` vectors of each row of x, whose values are `stride`
// apart and may lie outside the row.

INLINE bool NAME(lies_inside)(conv_plane p, size_t col, const int kernel, const int stride) {
  const ptrdiff_t at = (ptrdiff_t)col * stride - p.left;
  return at >= 0 && at + kernel - 1 + stride * LANES <= (ptrdiff_t)p.in_w;
}

/// For each column of the kernel, the lanes inside the row of `stride` vectors; with a stride of 2, every other
/// value of two vectors is used.
typedef struct {
  NAME(lane_set) of[7][2];
} NAME(columns_inside);

INLINE NAME(columns_inside) NAME(lanes_inside)(conv_plane p, size_t col, const int kernel, const int stride) {
  NAME(columns_inside) sets;
  UNROLL for (int c = 0; c < kernel; c++) UNROLL for (int v = 0; v < stride; v++) {
    const ptrdiff_t at = (ptrdiff_t)col * stride + c + v * LANES - p.left;
    sets.of[c][v] = NAME(lanes)(-at, (ptrdiff_t)p.in_w - at);
  }
  return sets;
}

INLINE VECTOR NAME(load_column)(const VALUE *at, const NAME(lane_set) *sets, const int stride, const bool inside) {
  const VECTOR first = inside ? NAME(load)(at) : NAME(load_lanes)(at, sets[0]);
  if (stride == 1) return first;
  return EVEN_VALUES(first, inside ? NAME(load)(at + LANES) : NAME(load_lanes)(at + LANES, sets[1]));
}

/// Rows of outputs that are summed at once, so that a row of x is loaded once for several of them.
#define ROWS_AT_ONCE 4

INLINE void NAME(convolve_columns)(conv_plane p, size_t col, const VALUE *x, const VALUE *w, VALUE start, bool add,
                                   VALUE *y, const int kernel, const int stride, const bool inside) {
  const NAME(columns_inside) sets = NAME(lanes_inside)(p, col, kernel, stride);
  VECTOR weights[25];  // in registers; those of 7×7 would spill
  if (kernel <= 5) UNROLL for (int t = 0; t < kernel * kernel; t++) weights[t] = w[t];
  for (size_t row = 0; row < p.out_h; row += ROWS_AT_ONCE) {
    VECTOR sum[ROWS_AT_ONCE];
    UNROLL for (int j = 0; j < ROWS_AT_ONCE; j++) sum[j] = start;
    UNROLL for (int k = 0; k < kernel + (ROWS_AT_ONCE - 1) * stride; k++) {
      const ptrdiff_t from = (ptrdiff_t)row * stride + k - p.top;
      if (from < 0 || from >= (ptrdiff_t)p.in_h) continue;
      const VALUE *at = x + from * (ptrdiff_t)p.in_w + (ptrdiff_t)col * stride - p.left;
      UNROLL for (int c = 0; c < kernel; c++) {
        const VECTOR some = NAME(load_column)(at + c, sets.of[c], stride, inside);
        UNROLL for (int j = 0; j < ROWS_AT_ONCE; j++) if (k >= j * stride && k < j * stride + kernel) {
          const int t = (k - j * stride) * kernel + c;
          sum[j] = NAME(multiply_add)(kernel <= 5 ? weights[t] : (VECTOR)w[t], some, sum[j]);
        }
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
                           const int kernel, const int stride) {
  for (size_t col = 0; col < p.out_w; col += LANES) {
    if (NAME(lies_inside)(p, col, kernel, stride))
      NAME(convolve_columns)(p, col, x, w, start, add, y, kernel, stride, true);
    else NAME(convolve_columns)(p, col, x, w, start, add, y, kernel, stride, false);
  }
}

/// Sums the products of a plane with dy, for some rows of the kernel's taps.
INLINE void NAME(sum_columns)(conv_plane p, size_t col, const VALUE *x, const VALUE *dy, VECTOR *sum, const int kernel,
                              const int rows, const int stride, const bool inside) {
  const NAME(columns_inside) sets = NAME(lanes_inside)(p, col, kernel, stride);
  const NAME(lane_set) in_dy = NAME(lanes)(0, (ptrdiff_t)(p.out_w - col));
  for (size_t row = 0; row < p.out_h; row++) {
    const VALUE *dy_at = dy + row * p.out_w + col;
    const VECTOR gradient = inside ? NAME(load)(dy_at) : NAME(load_lanes)(dy_at, in_dy);
    UNROLL for (int r = 0; r < rows; r++) {
      const ptrdiff_t from = (ptrdiff_t)row * stride + r - p.top;
      if (from < 0 || from >= (ptrdiff_t)p.in_h) continue;
      const VALUE *at = x + from * (ptrdiff_t)p.in_w + (ptrdiff_t)col * stride - p.left;
      UNROLL for (int c = 0; c < kernel; c++)
          sum[r * kernel + c] = NAME(multiply_add)(gradient, NAME(load_column)(at + c, sets.of[c], stride, inside),
                                                   sum[r * kernel + c]);
    }
  }
}

INLINE void NAME(kernel_gradient)(conv_plane p, const VALUE *x, const VALUE *dy, VALUE *dw, const int kernel,
                                  const int rows, const int stride) {
  VECTOR sum[MOST_DOTS];
  UNROLL for (int t = 0; t < rows * kernel; t++) sum[t] = 0;
  for (size_t col = 0; col < p.out_w; col += LANES) {
    if (NAME(lies_inside)(p, col, kernel, stride) && col + LANES <= p.out_w)
      NAME(sum_columns)(p, col, x, dy, sum, kernel, rows, stride, true);
    else NAME(sum_columns)(p, col, x, dy, sum, kernel, rows, stride, false);
  }
  NAME(add_sums)(sum, dw, rows * kernel);
}

// The gradient of x for a stride of 2: a row or column of x gets contributions from every other row or column of the
// kernel, the even or the odd ones. So each row is computed as two vectors, of its even and of its odd columns; `odd`
// says whether it is the kernel's odd columns that contribute to the even ones.

/// How much further than the gradient's the columns of dy begin that the kernel's column v reads.
INLINE int NAME(shift_of)(const int v, const bool odd) { return (((v + odd) & 1) + odd) / 2 - v / 2; }

INLINE void NAME(spread_row)(conv_plane p, ptrdiff_t last, const VALUE *dy, const VALUE *w, const NAME(lane_set) *sets,
                             VECTOR *sum, const int kernel, const int first, const bool odd, const bool inside) {
  UNROLL for (int u = first; u < kernel; u += 2) {
    const ptrdiff_t from = last - u / 2;
    if (from < 0 || from >= (ptrdiff_t)p.out_h) continue;
    UNROLL for (int v = 0; v < kernel; v++) {
      const VALUE *at = dy + from * (ptrdiff_t)p.out_w + NAME(shift_of)(v, odd);
      const VECTOR gradient = inside ? NAME(load)(at) : NAME(load_lanes)(at, sets[v]);
      VECTOR *to = &sum[(v + odd) & 1];
      *to = NAME(multiply_add)(gradient, (VECTOR)w[u * kernel + v], *to);
    }
  }
}

INLINE void NAME(spread_columns)(conv_plane p, size_t col, const VALUE *dy, const VALUE *w, bool add, VALUE *dx,
                                 const int kernel, const bool odd, const bool inside) {
  const ptrdiff_t begin = (ptrdiff_t)col + p.left / 2;  // in dy
  NAME(lane_set) sets[7], in_dx[2];
  UNROLL for (int v = 0; v < kernel; v++) {
    const ptrdiff_t at = begin + NAME(shift_of)(v, odd);
    sets[v] = NAME(lanes)(-at, (ptrdiff_t)p.out_w - at);
  }
  UNROLL for (int i = 0; i < 2; i++) in_dx[i] = NAME(lanes)(0, (ptrdiff_t)(p.in_w - 2 * col) - i * LANES);
  for (size_t row = 0; row < p.in_h; row++) {
    VECTOR sum[2] = {0, 0};
    const ptrdiff_t padded = (ptrdiff_t)row + p.top;
    if (padded & 1) NAME(spread_row)(p, padded / 2, dy + begin, w, sets, sum, kernel, 1, odd, inside);
    else NAME(spread_row)(p, padded / 2, dy + begin, w, sets, sum, kernel, 0, odd, inside);
    const VECTOR pieces[2] = {FIRST_IN_TURN(sum[0], sum[1]), SECOND_IN_TURN(sum[0], sum[1])};
    UNROLL for (int i = 0; i < 2; i++) {
      VALUE *to = dx + row * p.in_w + 2 * col + (size_t)i * LANES;
      NAME(store_lanes)(to, in_dx[i], add ? NAME(load_lanes)(to, in_dx[i]) + pieces[i] : pieces[i]);
    }
  }
}

INLINE void NAME(spread)(conv_plane p, const VALUE *dy, const VALUE *w, bool add, VALUE *dx, const int kernel,
                         const bool odd) {
  for (size_t col = 0; 2 * col < p.in_w; col += LANES) {
    const ptrdiff_t begin = (ptrdiff_t)col + p.left / 2;
    if (begin >= kernel / 2 && begin + 1 + LANES <= (ptrdiff_t)p.out_w)
      NAME(spread_columns)(p, col, dy, w, add, dx, kernel, odd, true);
    else NAME(spread_columns)(p, col, dy, w, add, dx, kernel, odd, false);
  }
}

#define CONVOLVE(kernel, rows, stride)                                                                                \
  static void NAME(convolve_##kernel##_by_##stride)(conv_plane p, const void *x, const void *w, const void *start,    \
                                                    bool add, void *y) {                                              \
    NAME(convolve)(p, x, w, start ? *(const VALUE *)start : 0, add, y, kernel, stride);                               \
  }                                                                                                                   \
  static void NAME(kernel_gradient_##kernel##_by_##stride)(conv_plane p, const void *x, const void *dy, void *dw) {   \
    for (int r = 0; r < kernel; r += rows, p.top -= rows)                                                             \
      NAME(kernel_gradient)(p, x, dy, (VALUE *)dw + r * kernel, kernel, rows, stride);                                \
  }
#define SPREAD(kernel)                                                                                    \
  static void NAME(spread_##kernel)(conv_plane p, const void *dy, const void *w, bool add, void *dx) {    \
    if (p.left & 1) NAME(spread)(p, dy, w, add, dx, kernel, true);                                        \
    else NAME(spread)(p, dy, w, add, dx, kernel, false);                                                  \
  }

CONVOLVE(3, 3, 1)
CONVOLVE(5, 1, 1)
CONVOLVE(7, 1, 1)
CONVOLVE(3, 3, 2)
CONVOLVE(5, 1, 2)
CONVOLVE(7, 1, 2)
SPREAD(3)
SPREAD(5)
SPREAD(7)
