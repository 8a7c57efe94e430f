// Included by taps_impl.h once for each float type: see both_floats.h.

static void FN(tap_sum)(void *context, size_t begin, size_t end) {
  const tapping *t = context;
  const ag_taps *a = t->taps;
  for (size_t point = begin; point < end; point++) {
    const REAL *image = (const REAL *)t->x + point / a->points * a->pixels * a->c;
    REAL *y = (REAL *)t->out + point * a->c;
    memset(y, 0, a->c * sizeof(REAL));
    for (size_t k = point * a->taps; k < (point + 1) * a->taps; k++) {
      if (a->positions[k] < 0) continue;
      const REAL *x = image + (size_t)a->positions[k] * a->c, w = ((const REAL *)t->weights)[k];
      AG_LOOP for (size_t i = 0; i < a->c; i++) y[i] += w * x[i];
    }
  }
}

static void FN(tap_dot)(void *context, size_t begin, size_t end) {
  const tapping *t = context;
  const ag_taps *a = t->taps;
  for (size_t point = begin; point < end; point++) {
    const REAL *image = (const REAL *)t->x + point / a->points * a->pixels * a->c;
    const REAL *y = (const REAL *)t->y + point * a->c;
    for (size_t k = point * a->taps; k < (point + 1) * a->taps; k++) {
      REAL sums[AG_TAPS_BAND] = {0}, sum = 0;
      if (a->positions[k] >= 0) {
        const REAL *x = image + (size_t)a->positions[k] * a->c;
        size_t whole = a->c / AG_TAPS_BAND * AG_TAPS_BAND;
        for (size_t i = 0; i < whole; i += AG_TAPS_BAND)
          AG_LOOP for (size_t j = 0; j < AG_TAPS_BAND; j++) sums[j] += y[i + j] * x[i + j];
        for (size_t i = whole; i < a->c; i++) sum += y[i] * x[i];
        for (size_t j = 0; j < AG_TAPS_BAND; j++) sum += sums[j];
      }
      ((REAL *)t->out)[k] = sum;
    }
  }
}

static void FN(tap_spread)(void *context, size_t begin, size_t end) {
  const tapping *t = context;
  const ag_taps *a = t->taps;
  size_t bands = (a->c + AG_TAPS_BAND - 1) / AG_TAPS_BAND;
  for (size_t task = begin; task < end; task++) {
    size_t n = task / bands, channel = task % bands * AG_TAPS_BAND, width = ag_min(AG_TAPS_BAND, a->c - channel);
    REAL *image = (REAL *)t->out + n * a->pixels * a->c + channel;
    for (size_t pixel = 0; pixel < a->pixels; pixel++)
      for (size_t i = 0; i < width; i++) image[pixel * a->c + i] = 0;
    for (size_t point = n * a->points; point < (n + 1) * a->points; point++) {
      const REAL *y = (const REAL *)t->y + point * a->c + channel;
      for (size_t k = point * a->taps; k < (point + 1) * a->taps; k++) {
        if (a->positions[k] < 0) continue;
        REAL *x = image + (size_t)a->positions[k] * a->c, w = ((const REAL *)t->weights)[k];
        AG_LOOP for (size_t i = 0; i < width; i++) x[i] += w * y[i];
      }
    }
  }
}
