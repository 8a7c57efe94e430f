// Pooling loops for VALUE (see gemm_simd.h) at the level being compiled: any window, one value after the other, and
// windows of 2×2 side by side, a vector of them at once.

typedef int32_t NAME(indices) __attribute__((ext_vector_type(LANES)));

/// The four corners of LANES windows from `x` on, `row` being the distance of their two rows; `count` windows matter.
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

/// What 2×2 windows do not cover.
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
      if (indices) {
        NAME(indices) narrow = __builtin_convertvector(place, NAME(indices));
        memcpy(indices + out, &narrow, count * sizeof(int32_t));
      }
    }
}

INLINE void NAME(max_of_window)(const ag_pool2d *p, size_t r, size_t c, const VALUE *x, VALUE *y, int32_t *index) {
  const ptrdiff_t top = (ptrdiff_t)(r * p->stride_h) - (ptrdiff_t)p->pad_top;
  const ptrdiff_t left = (ptrdiff_t)(c * p->stride_w) - (ptrdiff_t)p->pad_left;
  VALUE best = -(VALUE)INFINITY;
  ptrdiff_t place = -1;
  for (size_t i = 0; i < p->kernel_h; i++) {
    ptrdiff_t row = top + (ptrdiff_t)(i * p->dilation_h);
    if (row < 0 || row >= (ptrdiff_t)p->in_h) continue;
    for (size_t j = 0; j < p->kernel_w; j++) {
      ptrdiff_t col = left + (ptrdiff_t)(j * p->dilation_w);
      if (col < 0 || col >= (ptrdiff_t)p->in_w) continue;
      VALUE value = x[row * (ptrdiff_t)p->in_w + col];
      if (value > best || value != value || place < 0) best = value, place = row * (ptrdiff_t)p->in_w + col;
    }
  }
  *y = best;
  *index = (int32_t)place;
}

static void NAME(max_pool)(const pool2d_work *w, size_t begin, size_t end) {
  const ag_pool2d *p = &w->pool;
  const size_t in = p->in_h * p->in_w, out = p->out_h * p->out_w;
  for (size_t plane = begin; plane < end; plane++) {
    const VALUE *x = (const VALUE *)w->x + plane * in;
    VALUE *y = (VALUE *)w->y + plane * out;
    int32_t *indices = w->indices ? w->indices + plane * out : NULL, unwanted;
    if (w->halves) {
      NAME(max_of_halves)(w, x, y, indices);
      continue;
    }
    for (size_t r = 0, i = 0; r < p->out_h; r++)
      for (size_t c = 0; c < p->out_w; c++, i++)
        NAME(max_of_window)(p, r, c, x, y + i, indices ? indices + i : &unwanted);
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
      NAME(indices) narrow = 0;
      memcpy(&narrow, indices + out, count * sizeof(int32_t));
      const MASK place = __builtin_convertvector(narrow, MASK) - 2 * lane;
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

/// The part of a window that lies on the plane, and what its sum is divided by.
typedef struct {
  size_t top, bottom, left, right;
  VALUE divisor;
} NAME(window);

/// The window of one output.
INLINE NAME(window) NAME(window_at)(const pool2d_work *w, size_t r, size_t c) {
  const ag_pool2d *p = &w->pool;
  size_t top = r * p->stride_h, left = c * p->stride_w;  // in the padded plane
  size_t bottom = top + p->kernel_h, right = left + p->kernel_w;
  const size_t rows = p->pad_top + p->in_h, cols = p->pad_left + p->in_w;
  if (bottom > rows + p->pad_bottom) bottom = rows + p->pad_bottom;
  if (right > cols + p->pad_right) right = cols + p->pad_right;
  double divisor = (double)(bottom - top) * (double)(right - left);
  if (top < p->pad_top) top = p->pad_top;
  if (left < p->pad_left) left = p->pad_left;
  if (bottom > rows) bottom = rows;
  if (right > cols) right = cols;
  if (top >= bottom || left >= right) return (NAME(window)){.divisor = 1};
  if (!w->count_padding) divisor = (double)(bottom - top) * (double)(right - left);
  if (w->divisor != 0) divisor = w->divisor;
  return (NAME(window)){top - p->pad_top, bottom - p->pad_top, left - p->pad_left, right - p->pad_left, (VALUE)divisor};
}

static void NAME(average_pool)(const pool2d_work *w, size_t begin, size_t end) {
  const ag_pool2d *p = &w->pool;
  for (size_t plane = begin; plane < end; plane++) {
    const VALUE *x = (const VALUE *)w->x + plane * p->in_h * p->in_w;
    VALUE *y = (VALUE *)w->y + plane * p->out_h * p->out_w;
    const VALUE share = 1 / (VALUE)(w->divisor != 0 ? w->divisor : 4);
    for (size_t r = 0; r < p->out_h; r++, y += p->out_w) {
      for (size_t c = 0; w->halves && c < p->out_w; c += LANES) {
        const size_t count = p->out_w - c < LANES ? p->out_w - c : LANES;
        VECTOR corners[4];
        NAME(load_corners)(x + 2 * (r * p->in_w + c), p->in_w, count, corners);
        NAME(store_some)(y + c, count, ((corners[0] + corners[1]) + (corners[2] + corners[3])) * share);
      }
      for (size_t c = 0; !w->halves && c < p->out_w; c++) {
        NAME(window) window = NAME(window_at)(w, r, c);
        VALUE sum = 0;
        for (size_t i = window.top; i < window.bottom; i++)
          for (size_t j = window.left; j < window.right; j++) sum += x[i * p->in_w + j];
        y[c] = sum / window.divisor;
      }
    }
  }
}

static void NAME(average_pool_backward)(const pool2d_work *w, size_t begin, size_t end) {
  const ag_pool2d *p = &w->pool;
  for (size_t plane = begin; plane < end; plane++) {
    const VALUE *dy = (const VALUE *)w->dy + plane * p->out_h * p->out_w;
    VALUE *dx = (VALUE *)w->dx + plane * p->in_h * p->in_w;
    const VALUE share = 1 / (VALUE)(w->divisor != 0 ? w->divisor : 4);
    if (w->halves) NAME(clear_edges)(p, dx);
    else memset(dx, 0, p->in_h * p->in_w * VALUE_BYTES);
    for (size_t r = 0; r < p->out_h; r++, dy += p->out_w) {
      for (size_t c = 0; w->halves && c < p->out_w; c += LANES) {
        const size_t count = p->out_w - c < LANES ? p->out_w - c : LANES;
        const VECTOR part = NAME(load_some)(dy + c, count) * share;
        const VECTOR corners[4] = {part, part, part, part};
        NAME(store_corners)(dx + 2 * (r * p->in_w + c), p->in_w, count, corners);
      }
      for (size_t c = 0; !w->halves && c < p->out_w; c++) {
        NAME(window) window = NAME(window_at)(w, r, c);
        VALUE part = dy[c] / window.divisor;
        for (size_t i = window.top; i < window.bottom; i++)
          for (size_t j = window.left; j < window.right; j++) dx[i * p->in_w + j] += part;
      }
    }
  }
}
