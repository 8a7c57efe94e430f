// Included by norm_impl.h once for each float type: see both_floats.h.
//
// A row is read two or three times in succession, after the first time from the first-level cache. Registers are summed
// over short blocks and the blocks in double, so that long rows stay accurate.

enum { FN(BLOCK) = 32 * AG_LANES };

AG_INLINE double FN(row_sum)(size_t n, const REAL *x) {
  double total = 0;
  for (size_t begin = 0; begin < n; begin += FN(BLOCK)) {
    size_t end = n - begin < FN(BLOCK) ? n : begin + FN(BLOCK);
    VEC sum = (REAL)0;
    for (size_t i = begin; i < end; i += AG_LANES) sum += FN(load_upto)(x + i, end - i, 0);
    total += (double)FN(sum_lanes)(sum);
  }
  return total;
}

/// Σ (x − mean)²
AG_INLINE double FN(row_squares)(size_t n, const REAL *x, REAL mean) {
  double total = 0;
  for (size_t begin = 0; begin < n; begin += FN(BLOCK)) {
    size_t end = n - begin < FN(BLOCK) ? n : begin + FN(BLOCK);
    VEC sum = (REAL)0;
    for (size_t i = begin; i < end; i += AG_LANES) {
      VEC d = FN(load_upto)(x + i, end - i, mean) - mean;
      sum += d * d;
    }
    total += (double)FN(sum_lanes)(sum);
  }
  return total;
}

static void FN(norm_forward)(const ag_norm_work *work, size_t begin, size_t end) {
  const size_t n = work->n;
  const REAL *weight = work->weight, *bias = work->bias;
  for (size_t r = begin; r < end; r++) {
    const REAL *x = (const REAL *)work->x + r * n;
    REAL *y = (REAL *)work->y + r * n, *statistics = (REAL *)work->statistics + 2 * r;
    const REAL mean = work->centred ? (REAL)(FN(row_sum)(n, x) / (double)n) : 0;
    const REAL variance = (REAL)(FN(row_squares)(n, x, mean) / (double)n);
    const REAL factor = (REAL)(1 / sqrt((double)variance + work->epsilon));
    statistics[0] = mean;
    statistics[1] = variance;
    for (size_t i = 0; i < n; i += AG_LANES) {
      VEC v = (FN(load_upto)(x + i, n - i, 0) - mean) * factor;
      if (weight) v *= FN(load_upto)(weight + i, n - i, 0);
      if (bias) v += FN(load_upto)(bias + i, n - i, 0);
      FN(store_upto)(y + i, n - i, v);
    }
  }
}

/// With g = dy · weight and z = (x − mean) · factor: dx = factor · (g − mean(g) − z · mean(g · z)), without the term
/// mean(g) if rows are not centred.
static void FN(norm_backward)(const ag_norm_work *work, size_t begin, size_t end) {
  const size_t n = work->n;
  const REAL *weight = work->weight;
  REAL *dweight = work->sums, *dbias = dweight ? dweight + n : NULL;
  for (size_t r = begin; r < end; r++) {
    const REAL *x = (const REAL *)work->x + r * n, *dy = (const REAL *)work->dy + r * n;
    const REAL *statistics = (const REAL *)work->statistics + 2 * r;
    const REAL mean = statistics[0], factor = (REAL)(1 / sqrt((double)statistics[1] + work->epsilon));
    double sum_g = 0, sum_gz = 0;
    for (size_t first = 0; first < n; first += FN(BLOCK)) {
      size_t last = n - first < FN(BLOCK) ? n : first + FN(BLOCK);
      VEC block_g = (REAL)0, block_gz = (REAL)0;
      for (size_t i = first; i < last; i += AG_LANES) {
        size_t rest = last - i;
        VEC g = FN(load_upto)(dy + i, rest, 0), z = (FN(load_upto)(x + i, rest, mean) - mean) * factor;
        if (dweight) {
          FN(store_upto)(dweight + i, rest, FN(load_upto)(dweight + i, rest, 0) + g * z);
          FN(store_upto)(dbias + i, rest, FN(load_upto)(dbias + i, rest, 0) + g);
        }
        if (weight) g *= FN(load_upto)(weight + i, rest, 0);
        block_g += g;
        block_gz += g * z;
      }
      sum_g += (double)FN(sum_lanes)(block_g);
      sum_gz += (double)FN(sum_lanes)(block_gz);
    }
    if (!work->dx) continue;
    REAL *dx = (REAL *)work->dx + r * n;
    const REAL mean_g = work->centred ? (REAL)(sum_g / (double)n) : 0, mean_gz = (REAL)(sum_gz / (double)n);
    for (size_t i = 0; i < n; i += AG_LANES) {
      VEC g = FN(load_upto)(dy + i, n - i, 0), z = (FN(load_upto)(x + i, n - i, 0) - mean) * factor;
      if (weight) g *= FN(load_upto)(weight + i, n - i, 0);
      FN(store_upto)(dx + i, n - i, (g - mean_g - z * mean_gz) * factor);
    }
  }
}
