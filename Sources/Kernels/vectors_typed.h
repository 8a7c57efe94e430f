// Included by vectors_impl.h once for each float type: see both_floats.h.

static REAL FN(dot)(size_t n, const REAL *x, const REAL *y) {
  VEC a = (REAL)0, b = a, c = a, d = a;
  size_t i = 0;
  for (; i + 4 * AG_LANES <= n; i += 4 * AG_LANES) {
    a = FN(fma)(FN(load)(x + i), FN(load)(y + i), a);
    b = FN(fma)(FN(load)(x + i + AG_LANES), FN(load)(y + i + AG_LANES), b);
    c = FN(fma)(FN(load)(x + i + 2 * AG_LANES), FN(load)(y + i + 2 * AG_LANES), c);
    d = FN(fma)(FN(load)(x + i + 3 * AG_LANES), FN(load)(y + i + 3 * AG_LANES), d);
  }
  for (; i < n; i += AG_LANES) a = FN(fma)(FN(load_upto)(x + i, n - i, 0), FN(load_upto)(y + i, n - i, 0), a);
  return FN(sum_lanes)((a + b) + (c + d));
}

static void FN(add_scaled)(size_t n, REAL factor, const REAL *x, REAL *y) {
  AG_LOOP for (size_t i = 0; i < n; i++) y[i] += factor * x[i];
}

static void FN(rotate)(size_t n, REAL c, REAL s, REAL *x, REAL *y) {
  AG_LOOP for (size_t i = 0; i < n; i++) {
    REAL a = x[i], b = y[i];
    x[i] = c * a - s * b;
    y[i] = s * a + c * b;
  }
}

/// low, high = c·low − s·high, s·low + c·high
AG_INLINE void FN(turn)(VEC *low, VEC *high, REAL c, REAL s) {
  VEC a = *low;
  *low = FN(fma)(*high, (VEC)-s, a * c);
  *high = FN(fma)(a, (VEC)s, *high * c);
}

/// Both sweeps of rotations over `width` registers of columns, `left` columns in all. The second sweep follows one row
/// behind the first, so that each row is read and written once.
AG_INLINE void FN(rotate_strip)(size_t count, size_t n, const REAL *c, const REAL *s, REAL *rows, int width, size_t left) {
  const REAL *c2 = c + n, *s2 = s + n;
  REAL *row = rows + (count - 1) * n;
  VEC first[AHEAD], second[AHEAD];
  for (int k = 0; k < width; k++) {
    first[k] = FN(load_upto)(row + k * AG_LANES, left - k * AG_LANES, 0);
    second[k] = FN(load_upto)(row + n + k * AG_LANES, left - k * AG_LANES, 0);
    FN(turn)(&first[k], &second[k], c[count - 1], s[count - 1]);
  }
  for (size_t pair = count - 1; pair-- > 0; row -= n)
    for (int k = 0; k < width; k++) {
      VEC low = FN(load_upto)(row - n + k * AG_LANES, left - k * AG_LANES, 0);
      FN(turn)(&low, &first[k], c[pair], s[pair]);
      FN(turn)(&first[k], &second[k], c2[pair + 1], s2[pair + 1]);
      FN(store_upto)(row + n + k * AG_LANES, left - k * AG_LANES, second[k]);
      second[k] = first[k];
      first[k] = low;
    }
  for (int k = 0; k < width; k++) {
    FN(turn)(&first[k], &second[k], c2[0], s2[0]);
    FN(store_upto)(row + n + k * AG_LANES, left - k * AG_LANES, second[k]);
    FN(store_upto)(row + k * AG_LANES, left - k * AG_LANES, first[k]);
  }
}

static void FN(rotate_rows)(size_t count, size_t n, const REAL *c, const REAL *s, REAL *rows) {
  size_t i = 0;
  for (; i + AHEAD * AG_LANES <= n; i += AHEAD * AG_LANES)
    FN(rotate_strip)(count, n, c, s, rows + i, AHEAD, AHEAD * AG_LANES);
  for (; i < n; i += AG_LANES) FN(rotate_strip)(count, n, c, s, rows + i, 1, n - i);
}

/// Updates a register of columns in `height` consecutive rows from row j on, and adds it to the products of these rows,
/// in `sums`, and of these columns. On the diagonal, only elements right of it count for the columns.
AG_INLINE void FN(update_columns)(bool is_diagonal, int height, size_t j, size_t i, size_t left, size_t n, const REAL *v,
                                  const REAL *w, const REAL *x, REAL *a, REAL *products, VEC *sums) {
  VEC v_i = FN(load_upto)(v + i, left, 0), w_i = FN(load_upto)(w + i, left, 0), x_i = FN(load_upto)(x + i, left, 0);
  VEC product = FN(load_upto)(products + i, left, 0), column;
  if (is_diagonal)
    for (int lane = 0; lane < AG_LANES; lane++) column[lane] = (REAL)(ptrdiff_t)(i + lane - j);
  for (int k = 0; k < height; k++) {
    REAL *place = a + (j + k) * n + i;
    VEC y = FN(fma)((VEC)-v[j + k], w_i, FN(fma)((VEC)-w[j + k], v_i, FN(load_upto)(place, left, 0)));
    FN(store_upto)(place, left, y);
    if (is_diagonal) y = column >= (REAL)k ? y : (VEC)(REAL)0;
    sums[k] = FN(fma)(y, x_i, sums[k]);
    if (is_diagonal) y = column > (REAL)k ? y : (VEC)(REAL)0;
    product = FN(fma)(y, (VEC)x[j + k], product);
  }
  FN(store_upto)(products + i, left, product);
}

AG_INLINE void FN(update_rows)(int height, size_t j, size_t n, const REAL *v, const REAL *w, const REAL *x, REAL *a,
                               REAL *products) {
  VEC sums[TOGETHER];
  for (int k = 0; k < height; k++) sums[k] = (REAL)0;
  // Registers begin at the same columns in all rows and passes, so that store forwarding works from one to the next.
  size_t i = j / AG_LANES * AG_LANES;
  for (; i < j + height && i < n; i += AG_LANES)
    FN(update_columns)(true, height, j, i, n - i, n, v, w, x, a, products, sums);
  for (; i + AG_LANES <= n; i += AG_LANES)
    FN(update_columns)(false, height, j, i, AG_LANES, n, v, w, x, a, products, sums);
  if (i < n) FN(update_columns)(false, height, j, i, n - i, n, v, w, x, a, products, sums);
  for (int k = 0; k < height; k++) products[j + k] += FN(sum_lanes)(sums[k]);
}

static void FN(update_and_multiply)(size_t first, size_t n, const REAL *v, const REAL *w, const REAL *x, REAL *a,
                                    REAL *products) {
  size_t j = first;
  for (size_t i = first; i < n; i++) products[i] = 0;
  for (; j + TOGETHER <= n; j += TOGETHER) FN(update_rows)(TOGETHER, j, n, v, w, x, a, products);
  for (; j < n; j++) FN(update_rows)(1, j, n, v, w, x, a, products);
}
