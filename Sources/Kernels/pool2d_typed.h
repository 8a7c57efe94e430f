// Pooling loops for VALUE (see gemm_simd.h) at the level being compiled: a vector of windows at once, of any size or
// non-overlapping 2×2, and adaptive windows one at a time.

typedef int32_t NAME(indices) __attribute__((ext_vector_type(LANES)));

/// The first `count` indices, at most a vector; the other lanes are 0.
INLINE NAME(indices) NAME(load_indices)(const int32_t *p, size_t count) {
#if VALUE_BYTES == 4
  // Loads them as lanes of floats: a load right after copying them to memory would stall until the copy is complete.
  return __builtin_bit_cast(NAME(indices), NAME(load_some)((const VALUE *)p, count));
#else
  NAME(indices) x = 0;
  memcpy(&x, p, count * sizeof(int32_t));
  return x;
#endif
}

INLINE void NAME(store_indices)(int32_t *p, size_t count, NAME(indices) x) {
#if VALUE_BYTES == 4
  NAME(store_some)((VALUE *)p, count, __builtin_bit_cast(VECTOR, x));
#else
  memcpy(p, &x, count * sizeof(int32_t));
#endif
}

/// The four elements of each of LANES 2×2 windows from `x` on, whose two rows are `row` elements
/// apart; `count` windows matter.
INLINE void NAME(load_corners)(const VALUE *x, size_t row, size_t count, VECTOR corners[4]) {
  for (int r = 0; r < 2; r++, x += row) {
    VECTOR a = NAME(load_some)(x, 2 * count), b = 0;
    if (count > LANES / 2) b = NAME(load_some)(x + LANES, 2 * count - LANES);
    corners[2 * r] = EVEN_VALUES(a, b), corners[2 * r + 1] = ODD_VALUES(a, b);
  }
}

INLINE void NAME(store_corners)(VALUE *dx, size_t row, size_t count, const VECTOR corners[4]) {
  for (int r = 0; r < 2; r++, dx += row) {
    const VECTOR left = corners[2 * r], right = corners[2 * r + 1];
    NAME(store_some)(dx, 2 * count, FIRST_IN_TURN(left, right));
    if (2 * count > LANES) NAME(store_some)(dx + LANES, 2 * count - LANES, SECOND_IN_TURN(left, right));
  }
}

/// Zeroes the elements that no 2×2 window covers.
INLINE void NAME(clear_edges)(const ag_pool2d *p, VALUE *dx) {
  if (2 * p->out_w < p->in_w)
    for (size_t r = 0; r < 2 * p->out_h; r++)
      for (size_t c = 2 * p->out_w; c < p->in_w; c++) dx[r * p->in_w + c] = 0;
  memset(dx + 2 * p->out_h * p->in_w, 0, (p->in_h - 2 * p->out_h) * p->in_w * VALUE_BYTES);
}

// Maximum

INLINE void NAME(max_of_halves)(const pool2d_work *w, const VALUE *x, VALUE *y, int32_t *indices) {
  const ag_pool2d *p = &w->pool;
  const MASK lane = NAME(lane_numbers)();
  for (size_t r = 0; r < p->out_h; r++)
    for (size_t c = 0; c < p->out_w; c += LANES) {
      const size_t start = 2 * (r * p->in_w + c), out = r * p->out_w + c;
      const size_t count = p->out_w - c < LANES ? p->out_w - c : LANES;
      VECTOR corners[4];
      NAME(load_corners)(x + start, p->in_w, count, corners);
      const size_t places[4] = {start, start + 1, start + p->in_w, start + p->in_w + 1};
      VECTOR best = corners[0];
      MASK place = 2 * lane + (MASK)(typeof(lane[0]))start;
      UNROLL for (int i = 1; i < 4; i++) {
        MASK larger = (corners[i] > best) | (corners[i] != corners[i]);
        best = larger ? corners[i] : best;
        place = larger ? 2 * lane + (MASK)(typeof(lane[0]))places[i] : place;
      }
      NAME(store_some)(y + out, count, best);
      if (indices) NAME(store_indices)(indices + out, count, __builtin_convertvector(place, NAME(indices)));
    }
}

/// How many windows of a row, from window c on, are processed at once: one, if consecutive windows
/// share no column of the plane.
INLINE size_t NAME(windows_from)(const ag_pool2d *p, size_t c) {
  const size_t most = p->stride_w < p->in_w ? LANES : 1;
  return p->out_w - c < most ? p->out_w - c : most;
}

/// The first element of a window that can lie on the plane, if the window (or the last of several) begins at `at`.
INLINE size_t NAME(first_inside)(ptrdiff_t at, size_t dilation) {
  return at < 0 ? ((size_t)-at + dilation - 1) / dilation : 0;
}

/// The windows from c up to c + count of row r.
INLINE void NAME(max_of_windows)(const ag_pool2d *p, size_t r, size_t c, size_t count, const VALUE *x, VALUE *y,
                                 int32_t *indices) {
  const ptrdiff_t top = (ptrdiff_t)(r * p->stride_h) - (ptrdiff_t)p->pad_top;
  const ptrdiff_t left = (ptrdiff_t)(c * p->stride_w) - (ptrdiff_t)p->pad_left;
  const MASK lane = NAME(lane_numbers)() * (typeof(NAME(lane_numbers)()[0]))p->stride_w;
  VECTOR best = -(VALUE)INFINITY;
  MASK place = -1;
  const ptrdiff_t last = left + (ptrdiff_t)((count - 1) * p->stride_w);
  for (size_t i = NAME(first_inside)(top, p->dilation_h); i < p->kernel_h; i++) {
    const ptrdiff_t row = top + (ptrdiff_t)(i * p->dilation_h);
    if (row >= (ptrdiff_t)p->in_h) break;
    for (size_t j = NAME(first_inside)(last, p->dilation_w); j < p->kernel_w; j++) {
      const ptrdiff_t col = left + (ptrdiff_t)(j * p->dilation_w), from = row * (ptrdiff_t)p->in_w;
      if (col >= (ptrdiff_t)p->in_w) break;
      const VECTOR value = NAME(load_row)(x + from, col, p->stride_w, p->in_w);
      const MASK better = NAME(inside_row)(col, p->stride_w, p->in_w) & ((value > best) | (value != value) | (place < 0));
      best = better ? value : best;
      place = better ? lane + (MASK)(typeof(place[0]))(from + col) : place;
    }
  }
  const size_t out = r * p->out_w + c;
  NAME(store_some)(y + out, count, best);
  if (indices) NAME(store_indices)(indices + out, count, __builtin_convertvector(place, NAME(indices)));
}

/// An adaptive window: first the maximum of each column, a vector of columns at once, then the maximum of these.
INLINE void NAME(max_of_adaptive)(const ag_pool2d *p, size_t r, size_t c, const VALUE *x, VALUE *y, int32_t *index) {
  const size_t top = r * p->in_h / p->out_h, bottom = ((r + 1) * p->in_h + p->out_h - 1) / p->out_h;
  const size_t left = c * p->in_w / p->out_w, right = ((c + 1) * p->in_w + p->out_w - 1) / p->out_w;
  VALUE best = -(VALUE)INFINITY;
  size_t place = top * p->in_w + left;
  for (size_t col = left; col < right; col += LANES) {
    const size_t count = right - col < LANES ? right - col : LANES;
    VECTOR largest = NAME(load_some)(x + top * p->in_w + col, count);
    MASK rows = (typeof(rows[0]))top;
    for (size_t row = top + 1; row < bottom; row++) {
      const VECTOR value = NAME(load_some)(x + row * p->in_w + col, count);
      const MASK better = (value > largest) | (value != value);
      largest = better ? value : largest;
      rows = better ? (MASK)(typeof(rows[0]))row : rows;
    }
    for (size_t l = 0; l < count; l++) {
      const VALUE value = largest[l];
      const size_t at = (size_t)rows[l] * p->in_w + col + l;
      // Among equal values the first counts, among NaNs the last.
      const bool earlier = value == best && at < place, last = value != value && (best == best || at > place);
      if (value > best || earlier || last) best = value, place = at;
    }
  }
  *y = best;
  if (index) *index = (int32_t)place;
}

static void NAME(max_pool)(const pool2d_work *w, size_t begin, size_t end) {
  const ag_pool2d *p = &w->pool;
  const size_t in = p->in_h * p->in_w, out = p->out_h * p->out_w;
  for (size_t plane = begin; plane < end; plane++) {
    const VALUE *x = (const VALUE *)w->x + plane * in;
    VALUE *y = (VALUE *)w->y + plane * out;
    int32_t *indices = w->indices ? w->indices + plane * out : NULL;
    if (w->halves) {
      NAME(max_of_halves)(w, x, y, indices);
      continue;
    }
    for (size_t r = 0; r < p->out_h; r++) {
      for (size_t c = 0, count; c < p->out_w && !p->adaptive; c += count)
        NAME(max_of_windows)(p, r, c, count = NAME(windows_from)(p, c), x, y, indices);
      for (size_t c = 0, i = r * p->out_w; c < p->out_w && p->adaptive; c++, i++)
        NAME(max_of_adaptive)(p, r, c, x, y + i, indices ? indices + i : NULL);
    }
  }
}

INLINE void NAME(spread_to_halves)(const pool2d_work *w, const int32_t *indices, const VALUE *dy, VALUE *dx) {
  const ag_pool2d *p = &w->pool;
  const MASK lane = NAME(lane_numbers)();
  NAME(clear_edges)(p, dx);
  for (size_t r = 0; r < p->out_h; r++)
    for (size_t c = 0; c < p->out_w; c += LANES) {
      const size_t start = 2 * (r * p->in_w + c), out = r * p->out_w + c;
      const size_t count = p->out_w - c < LANES ? p->out_w - c : LANES;
      const MASK place = __builtin_convertvector(NAME(load_indices)(indices + out, count), MASK) - 2 * lane;
      const VECTOR gradient = NAME(load_some)(dy + out, count);
      const size_t places[4] = {start, start + 1, start + p->in_w, start + p->in_w + 1};
      VECTOR corners[4];
      UNROLL for (int i = 0; i < 4; i++)
          corners[i] = NAME(keep)(place == (MASK)(typeof(lane[0]))places[i], gradient);
      NAME(store_corners)(dx + start, p->in_w, count, corners);
    }
}

static void NAME(max_pool_backward)(const pool2d_work *w, size_t begin, size_t end) {
  const ag_pool2d *p = &w->pool;
  const size_t in = p->in_h * p->in_w, out = p->out_h * p->out_w;
  for (size_t plane = begin; plane < end; plane++) {
    const VALUE *dy = (const VALUE *)w->dy + plane * out;
    const int32_t *indices = w->indices + plane * out;
    VALUE *dx = (VALUE *)w->dx + plane * in;
    if (w->halves) {
      NAME(spread_to_halves)(w, indices, dy, dx);
      continue;
    }
    memset(dx, 0, in * VALUE_BYTES);
    for (size_t i = 0; i < out; i++)
      if (indices[i] >= 0) dx[indices[i]] += dy[i];
  }
}

// Average

/// How many elements of a window along one axis count for the divisor: those on the plane or, with
/// `count_padding`, also those in the padding.
INLINE size_t NAME(extent)(const pool2d_work *w, size_t i, size_t kernel, size_t stride, size_t before, size_t size,
                           size_t after) {
  size_t begin = i * stride, end = begin + kernel;  // in the padded plane
  if (end > before + size + after) end = before + size + after;
  if (w->count_padding) return end - begin;
  if (begin < before) begin = before;
  if (end > before + size) end = before + size;
  return begin < end ? end - begin : 0;
}

/// The divisors of the windows from c up to c + count of row r.
INLINE VECTOR NAME(divisors)(const pool2d_work *w, size_t r, size_t c, size_t count) {
  const ag_pool2d *p = &w->pool;
  if (w->divisor != 0) return (VALUE)w->divisor;
  const size_t rows = NAME(extent)(w, r, p->kernel_h, p->stride_h, p->pad_top, p->in_h, p->pad_bottom);
  const size_t end = c + count;
  const size_t cols[2] = {
      NAME(extent)(w, c, p->kernel_w, p->stride_w, p->pad_left, p->in_w, p->pad_right),
      NAME(extent)(w, end - 1, p->kernel_w, p->stride_w, p->pad_left, p->in_w, p->pad_right),
  };
  if (rows > 0 && cols[0] == p->kernel_w && cols[1] == p->kernel_w) return (VALUE)((double)rows * (double)p->kernel_w);
  VECTOR counts = 1;  // even for windows without any pixel, whose sums are 0
  for (size_t i = c; i < end; i++) {
    const size_t cols_of = NAME(extent)(w, i, p->kernel_w, p->stride_w, p->pad_left, p->in_w, p->pad_right);
    if (rows > 0 && cols_of > 0) counts[i - c] = (VALUE)((double)rows * (double)cols_of);
  }
  return counts;
}

/// The number of elements, at most `kernel`, from `at` to the plane's end; `at` does not lie beyond the end.
INLINE size_t NAME(end_inside)(ptrdiff_t at, size_t kernel, size_t size) {
  const size_t rest = (size_t)((ptrdiff_t)size - at);
  return kernel < rest ? kernel : rest;
}

/// The windows from c up to c + count of row r of a plane.
INLINE void NAME(average_of_windows)(const pool2d_work *w, size_t r, size_t c, size_t count, const VALUE *x, VALUE *y) {
  const ag_pool2d *p = &w->pool;
  const ptrdiff_t top = (ptrdiff_t)(r * p->stride_h) - (ptrdiff_t)p->pad_top;
  const ptrdiff_t left = (ptrdiff_t)(c * p->stride_w) - (ptrdiff_t)p->pad_left;
  const size_t first = NAME(first_inside)(left + (ptrdiff_t)((count - 1) * p->stride_w), 1);
  const size_t rows = NAME(end_inside)(top, p->kernel_h, p->in_h), columns = NAME(end_inside)(left, p->kernel_w, p->in_w);
  VECTOR sum = 0;
  for (size_t i = NAME(first_inside)(top, 1); i < rows; i++)
    for (size_t j = first; j < columns; j++)
      sum += NAME(load_row)(x + (top + (ptrdiff_t)i) * (ptrdiff_t)p->in_w, left + (ptrdiff_t)j, p->stride_w, p->in_w);
  NAME(store_some)(y + r * p->out_w + c, count, sum / NAME(divisors)(w, r, c, count));
}

INLINE void NAME(spread_over_windows)(const pool2d_work *w, size_t r, size_t c, size_t count, const VALUE *dy, VALUE *dx) {
  const ag_pool2d *p = &w->pool;
  const ptrdiff_t top = (ptrdiff_t)(r * p->stride_h) - (ptrdiff_t)p->pad_top;
  const ptrdiff_t left = (ptrdiff_t)(c * p->stride_w) - (ptrdiff_t)p->pad_left;
  const size_t first = NAME(first_inside)(left + (ptrdiff_t)((count - 1) * p->stride_w), 1);
  const size_t rows = NAME(end_inside)(top, p->kernel_h, p->in_h), columns = NAME(end_inside)(left, p->kernel_w, p->in_w);
  const VECTOR part = NAME(load_some)(dy + r * p->out_w + c, count) / NAME(divisors)(w, r, c, count);
  for (size_t i = NAME(first_inside)(top, 1); i < rows; i++)
    for (size_t j = first; j < columns; j++)
      NAME(add_to_row)(dx + (top + (ptrdiff_t)i) * (ptrdiff_t)p->in_w, left + (ptrdiff_t)j, p->stride_w, p->in_w, part);
}

static void NAME(average_halves)(const pool2d_work *w, size_t begin, size_t end) {
  const ag_pool2d *p = &w->pool;
  const VALUE share = 1 / (VALUE)(w->divisor != 0 ? w->divisor : 4);
  for (size_t plane = begin; plane < end; plane++) {
    const VALUE *x = (const VALUE *)w->x + plane * p->in_h * p->in_w;
    VALUE *y = (VALUE *)w->y + plane * p->out_h * p->out_w;
    for (size_t r = 0; r < p->out_h; r++, y += p->out_w)
      for (size_t c = 0; c < p->out_w; c += LANES) {
        const size_t count = p->out_w - c < LANES ? p->out_w - c : LANES;
        VECTOR corners[4];
        NAME(load_corners)(x + 2 * (r * p->in_w + c), p->in_w, count, corners);
        NAME(store_some)(y + c, count, ((corners[0] + corners[1]) + (corners[2] + corners[3])) * share);
      }
  }
}

static void NAME(average_halves_backward)(const pool2d_work *w, size_t begin, size_t end) {
  const ag_pool2d *p = &w->pool;
  const VALUE share = 1 / (VALUE)(w->divisor != 0 ? w->divisor : 4);
  for (size_t plane = begin; plane < end; plane++) {
    const VALUE *dy = (const VALUE *)w->dy + plane * p->out_h * p->out_w;
    VALUE *dx = (VALUE *)w->dx + plane * p->in_h * p->in_w;
    NAME(clear_edges)(p, dx);
    for (size_t r = 0; r < p->out_h; r++, dy += p->out_w)
      for (size_t c = 0; c < p->out_w; c += LANES) {
        const size_t count = p->out_w - c < LANES ? p->out_w - c : LANES;
        const VECTOR part = NAME(load_some)(dy + c, count) * share;
        const VECTOR corners[4] = {part, part, part, part};
        NAME(store_corners)(dx + 2 * (r * p->in_w + c), p->in_w, count, corners);
      }
  }
}

static void NAME(average_pool)(const pool2d_work *w, size_t begin, size_t end) {
  const ag_pool2d *p = &w->pool;
  if (w->halves) {
    NAME(average_halves)(w, begin, end);
    return;
  }
  for (size_t plane = begin; plane < end; plane++)
    for (size_t r = 0; r < p->out_h; r++)
      for (size_t c = 0, count; c < p->out_w; c += count)
        NAME(average_of_windows)(w, r, c, count = NAME(windows_from)(p, c),
                                 (const VALUE *)w->x + plane * p->in_h * p->in_w,
                                 (VALUE *)w->y + plane * p->out_h * p->out_w);
}

static void NAME(average_pool_backward)(const pool2d_work *w, size_t begin, size_t end) {
  const ag_pool2d *p = &w->pool;
  if (w->halves) {
    NAME(average_halves_backward)(w, begin, end);
    return;
  }
  memset((VALUE *)w->dx + begin * p->in_h * p->in_w, 0, (end - begin) * p->in_h * p->in_w * VALUE_BYTES);
  for (size_t plane = begin; plane < end; plane++)
    for (size_t r = 0; r < p->out_h; r++)
      for (size_t c = 0, count; c < p->out_w; c += count)
        NAME(spread_over_windows)(w, r, c, count = NAME(windows_from)(p, c),
                                  (const VALUE *)w->dy + plane * p->out_h * p->out_w,
                                  (VALUE *)w->dx + plane * p->in_h * p->in_w);
}
