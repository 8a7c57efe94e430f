// Included by softmax_impl.h once for each float type: see both_floats.h.
//
// Where a row holds +∞ or only −∞, x − max is NaN, and so is the softmax of that row, as in PyTorch.

AG_INLINE VEC FN(larger)(VEC a, VEC b) { return b > a ? b : a; }

// MARK: rows of contiguous elements

/// The largest element; NaN is ignored here, and makes the sums below NaN.
AG_INLINE REAL FN(row_max)(size_t n, const REAL *x) {
  VEC largest = (REAL)-INFINITY;
  for (size_t i = 0; i < n; i += AG_LANES)
    largest = FN(larger)(largest, FN(load_upto)(x + i, n - i, (REAL)-INFINITY));
  return FN(max_lanes)(largest);
}

/// Σ exp(x − shift), and the terms themselves to `out` if there is one. Registers are summed in short blocks and the
/// blocks in double.
AG_INLINE REAL FN(row_exp)(size_t n, const REAL *x, REAL shift, REAL *out) {
  enum { BLOCK = 32 * AG_LANES };
  double total = 0;
  for (size_t begin = 0; begin < n; begin += BLOCK) {
    size_t end = n - begin < BLOCK ? n : begin + BLOCK;
    VEC sum = (REAL)0;
    for (size_t i = begin; i < end; i += AG_LANES) {
      VEC e = FN(exp)(FN(load_upto)(x + i, end - i, (REAL)-INFINITY) - shift);
      if (out) FN(store_upto)(out + i, end - i, e);
      sum += e;
    }
    total += (double)FN(sum_lanes)(sum);
  }
  return (REAL)total;
}

static void FN(softmax_rows)(size_t rows, size_t n, const void *from, const void *none, void *to) {
  (void)none;
  const REAL *x = from;
  REAL *out = to;
  for (size_t r = 0; r < rows; r++, x += n, out += n) {
    REAL sum = FN(row_exp)(n, x, FN(row_max)(n, x), out);
    for (size_t i = 0; i < n; i += AG_LANES)
      FN(store_upto)(out + i, n - i, FN(load_upto)(out + i, n - i, 0) * (1 / sum));
  }
}

static void FN(log_softmax_rows)(size_t rows, size_t n, const void *from, const void *none, void *to) {
  (void)none;
  const REAL *x = from;
  REAL *out = to;
  for (size_t r = 0; r < rows; r++, x += n, out += n) {
    REAL largest = FN(row_max)(n, x);
    REAL log_sum = MATH(log)(FN(row_exp)(n, x, largest, NULL));
    for (size_t i = 0; i < n; i += AG_LANES)
      FN(store_upto)(out + i, n - i, (FN(load_upto)(x + i, n - i, 0) - largest) - log_sum);
  }
}

/// What is subtracted from a row before exponentials are taken: its largest element, or 0 if that is not finite.
AG_INLINE REAL FN(row_shift)(size_t n, const REAL *x) {
  REAL largest = FN(row_max)(n, x);
  return largest > (REAL)-INFINITY && largest < (REAL)INFINITY ? largest : 0;
}

static void FN(logsumexp_rows)(size_t rows, size_t n, const void *from, const void *none, void *to) {
  (void)none;
  const REAL *x = from;
  REAL *out = to;
  for (size_t r = 0; r < rows; r++, x += n) {
    REAL shift = FN(row_shift)(n, x);
    out[r] = shift + MATH(log)(FN(row_exp)(n, x, shift, NULL));
  }
}

static void FN(softmax_backward_rows)(size_t rows, size_t n, const void *from, const void *upstream, void *to) {
  const REAL *y = from, *dy = upstream;
  REAL *dx = to;
  for (size_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    VEC products = (REAL)0;
    for (size_t i = 0; i < n; i += AG_LANES)
      products += FN(load_upto)(y + i, n - i, 0) * FN(load_upto)(dy + i, n - i, 0);
    REAL dot = FN(sum_lanes)(products);
    for (size_t i = 0; i < n; i += AG_LANES)
      FN(store_upto)(dx + i, n - i, FN(load_upto)(y + i, n - i, 0) * (FN(load_upto)(dy + i, n - i, 0) - dot));
  }
}

static void FN(log_softmax_backward_rows)(size_t rows, size_t n, const void *from, const void *upstream, void *to) {
  const REAL *y = from, *dy = upstream;
  REAL *dx = to;
  for (size_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    VEC sums = (REAL)0;
    for (size_t i = 0; i < n; i += AG_LANES) sums += FN(load_upto)(dy + i, n - i, 0);
    REAL sum = FN(sum_lanes)(sums);
    for (size_t i = 0; i < n; i += AG_LANES) {
      VEC p = FN(exp)(FN(load_upto)(y + i, n - i, 0));
      FN(store_upto)(dx + i, n - i, FN(load_upto)(dy + i, n - i, 0) - p * sum);
    }
  }
}

// MARK: columns: one lane each

/// Runs `body` for each register of columns, at `j`, where `w` columns are left.
#define EACH_REGISTER(body)                                   \
  for (size_t j = 0; j < width; j += AG_LANES) {              \
    size_t w = width - j;                                     \
    body                                                      \
  }
#define EACH_ROW for (size_t at = j; at < n * stride + j; at += stride)

AG_INLINE VEC FN(column_max)(size_t n, size_t stride, const REAL *x, size_t w) {
  VEC largest = (REAL)-INFINITY;
  for (size_t r = 0; r < n; r++) largest = FN(larger)(largest, FN(load_upto)(x + r * stride, w, 0));
  return largest;
}

static void FN(softmax_columns)(size_t n, size_t stride, size_t width, const void *from, const void *none, void *to) {
  (void)none;
  const REAL *x = from;
  REAL *out = to;
  EACH_REGISTER(
    VEC largest = FN(column_max)(n, stride, x + j, w);
    VEC sum = (REAL)0;
    EACH_ROW {
      VEC e = FN(exp)(FN(load_upto)(x + at, w, 0) - largest);
      FN(store_upto)(out + at, w, e);
      sum += e;
    }
    VEC scale = 1 / sum;
    EACH_ROW FN(store_upto)(out + at, w, FN(load_upto)(out + at, w, 0) * scale);
  )
}

static void FN(log_softmax_columns)(size_t n, size_t stride, size_t width, const void *from, const void *none,
                                    void *to) {
  (void)none;
  const REAL *x = from;
  REAL *out = to;
  EACH_REGISTER(
    VEC largest = FN(column_max)(n, stride, x + j, w);
    VEC sum = (REAL)0;
    EACH_ROW sum += FN(exp)(FN(load_upto)(x + at, w, 0) - largest);
    VEC log_sum = FN(log)(sum);
    EACH_ROW FN(store_upto)(out + at, w, (FN(load_upto)(x + at, w, 0) - largest) - log_sum);
  )
}

static void FN(logsumexp_columns)(size_t n, size_t stride, size_t width, const void *from, const void *none,
                                  void *to) {
  (void)none;
  const REAL *x = from;
  REAL *out = to;
  EACH_REGISTER(
    VEC largest = FN(column_max)(n, stride, x + j, w);
    VEC shift = ((largest > (REAL)-INFINITY) & (largest < (REAL)INFINITY)) ? largest : (VEC)(REAL)0;
    VEC sum = (REAL)0;
    EACH_ROW sum += FN(exp)(FN(load_upto)(x + at, w, 0) - shift);
    FN(store_upto)(out + j, w, shift + FN(log)(sum));
  )
}

static void FN(softmax_backward_columns)(size_t n, size_t stride, size_t width, const void *from,
                                         const void *upstream, void *to) {
  const REAL *y = from, *dy = upstream;
  REAL *dx = to;
  EACH_REGISTER(
    VEC dot = (REAL)0;
    EACH_ROW dot += FN(load_upto)(y + at, w, 0) * FN(load_upto)(dy + at, w, 0);
    EACH_ROW FN(store_upto)(dx + at, w, FN(load_upto)(y + at, w, 0) * (FN(load_upto)(dy + at, w, 0) - dot));
  )
}

static void FN(log_softmax_backward_columns)(size_t n, size_t stride, size_t width, const void *from,
                                             const void *upstream, void *to) {
  const REAL *y = from, *dy = upstream;
  REAL *dx = to;
  EACH_REGISTER(
    VEC sum = (REAL)0;
    EACH_ROW sum += FN(load_upto)(dy + at, w, 0);
    EACH_ROW {
      VEC p = FN(exp)(FN(load_upto)(y + at, w, 0));
      FN(store_upto)(dx + at, w, FN(load_upto)(dy + at, w, 0) - p * sum);
    }
  )
}
#undef EACH_REGISTER
#undef EACH_ROW

// MARK: cross entropy

/// For up to AG_LANES rows, one per lane: what is subtracted, and Σ exp(x − shift).
AG_INLINE void FN(wide_rows_exp)(size_t rows, size_t n, const REAL *x, REAL *shifts, REAL *sums) {
  for (size_t l = 0; l < rows; l++) {
    shifts[l] = FN(row_shift)(n, x + l * n);
    sums[l] = FN(row_exp)(n, x + l * n, shifts[l], NULL);
  }
}

enum { FN(NARROW) = 2 * AG_LANES };

/// The same for at most NARROW classes: the rows are transposed, so that nothing is summed across lanes, which would
/// take three times as long for ten classes.
AG_INLINE void FN(narrow_rows_exp)(size_t rows, size_t n, const REAL *x, REAL *shifts, REAL *sums) {
  REAL columns[FN(NARROW) * AG_LANES];
  for (size_t i = 0; i < n; i++) FN(store)(columns + i * AG_LANES, (VEC)(REAL)0);
  for (size_t l = 0; l < rows; l++)
    for (size_t i = 0; i < n; i++) columns[i * AG_LANES + l] = x[l * n + i];
  VEC largest = (REAL)-INFINITY, sum = (REAL)0;
  for (size_t i = 0; i < n; i++) largest = FN(larger)(largest, FN(load)(columns + i * AG_LANES));
  VEC shift = ((largest > (REAL)-INFINITY) & (largest < (REAL)INFINITY)) ? largest : (VEC)(REAL)0;
  for (size_t i = 0; i < n; i++) sum += FN(exp)(FN(load)(columns + i * AG_LANES) - shift);
  FN(store)(shifts, shift);
  FN(store)(sums, sum);
}

static void FN(cross_entropy)(const ag_cross_entropy_work *work, size_t begin, size_t end) {
  const size_t n = work->classes;
  REAL *losses = work->losses, *log_sums = work->log_sums;
  // AG_LANES rows at a time, so that one vector logarithm serves all of them.
  for (size_t first = begin; first < end; first += AG_LANES) {
    const size_t rows = end - first < AG_LANES ? end - first : AG_LANES;
    const REAL *x = (const REAL *)work->x + first * n;
    REAL shifts[AG_LANES], sums[AG_LANES] = {0};
    if (n <= FN(NARROW)) FN(narrow_rows_exp)(rows, n, x, shifts, sums);
    else FN(wide_rows_exp)(rows, n, x, shifts, sums);
    FN(store)(sums, FN(log)(FN(load)(sums)));
    for (size_t l = 0; l < rows; l++, x += n) {
      const size_t r = first + l;
      // Stored separately, because their sum would round the logarithm away when scores are large.
      log_sums[2 * r] = shifts[l];
      log_sums[2 * r + 1] = sums[l];
      losses[r] = (shifts[l] - x[work->labels[r]]) + sums[l];
    }
  }
}

static void FN(cross_entropy_backward)(const ag_cross_entropy_work *work, size_t begin, size_t end) {
  size_t n = work->classes;
  const REAL *log_sums = work->log_sums;
  for (size_t r = begin; r < end; r++) {
    const REAL *x = (const REAL *)work->x + r * n;
    REAL *dx = (REAL *)work->dx + r * n;
    const REAL dloss = ((const REAL *)work->dlosses)[(ptrdiff_t)r * work->dlosses_step];
    for (size_t i = 0; i < n; i += AG_LANES) {
      VEC p = FN(exp)((FN(load_upto)(x + i, n - i, 0) - log_sums[2 * r]) - log_sums[2 * r + 1]);
      FN(store_upto)(dx + i, n - i, p * dloss);
    }
    dx[work->labels[r]] -= dloss;
  }
}
