// Winograd's transforms (see winograd_kernels.h) for VALUE float at the level being compiled.
//
// The points of evaluation are 0, ±P, ±Q and infinity: symmetric, so that even and odd powers are shared, and close to
// 1, so that powers stay small; these halve the error of the customary 0, ±1, ±2.
// Along one axis, with N the product of a point's distances to the others (Lagrange's denominators):
//   A c  = the values of the polynomial c at the points (at infinity: its highest coefficient); for tiles of outputs
//   G g  = the same for kernels, divided by N
//   Bᵀ d = for each point, d times the coefficients of the product of (x − other points)

#define POINT_P 0.625f
#define POINT_Q 1.5f
#define P2 (POINT_P * POINT_P)
#define Q2 (POINT_Q * POINT_Q)

/// Values of the polynomial with `count` coefficients.
INLINE void evaluate(const VECTOR *c, VECTOR *t, const int count) {
  const float points[2] = {POINT_P, POINT_Q};
  t[0] = c[0];
  UNROLL for (int i = 0; i < 2; i++) {
    const float p = points[i], p2 = p * p;
    VECTOR even = c[0], odd = c[1];
    if (count == 3) even += p2 * c[2];
    if (count == 4) even += p2 * c[2], odd += p2 * c[3];
    if (count == 5) even += p2 * (c[2] + p2 * c[4]), odd += p2 * c[3];
    t[1 + 2 * i] = even + p * odd;
    t[2 + 2 * i] = even - p * odd;
  }
  t[5] = c[count - 1];
}

/// The adjoint of `evaluate`.
INLINE void evaluate_adjoint(const VECTOR *t, VECTOR *c, const int count) {
  VECTOR even_p = t[1] + t[2], odd_p = POINT_P * (t[1] - t[2]);
  VECTOR even_q = t[3] + t[4], odd_q = POINT_Q * (t[3] - t[4]);
  c[0] = t[0] + even_p + even_q;
  c[1] = odd_p + odd_q;
  if (count > 2) c[2] = P2 * even_p + Q2 * even_q;
  if (count > 3) c[3] = P2 * odd_p + Q2 * odd_q;
  if (count > 4) c[4] = P2 * P2 * even_p + Q2 * Q2 * even_q;
  c[count - 1] += t[5];
}

/// 1 / N; at infinity it is 1.
INLINE void divide(VECTOR *t) {
  const float at_0 = 1 / (P2 * Q2), at_p = 1 / (2 * P2 * (P2 - Q2)), at_q = 1 / (2 * Q2 * (Q2 - P2));
  t[0] *= at_0, t[1] *= at_p, t[2] *= at_p, t[3] *= at_q, t[4] *= at_q;
}

INLINE void output_adjoint_4(const VECTOR *y, VECTOR *t) { evaluate(y, t, 4); }
INLINE void output_adjoint_2(const VECTOR *y, VECTOR *t) { evaluate(y, t, 2); }
INLINE void output_4(const VECTOR *t, VECTOR *y) { evaluate_adjoint(t, y, 4); }
INLINE void output_2(const VECTOR *t, VECTOR *y) { evaluate_adjoint(t, y, 2); }

INLINE void kernel(const VECTOR *g, VECTOR *t, const int taps) {
  evaluate(g, t, taps);
  divide(t);
}
INLINE void kernel_adjoint(const VECTOR *t, VECTOR *g, const int taps) {
  VECTOR divided[6];
  UNROLL for (int i = 0; i < 6; i++) divided[i] = t[i];
  divide(divided);
  evaluate_adjoint(divided, g, taps);
}

INLINE void input(const VECTOR *d, VECTOR *t) {
  VECTOR even_p = d[4] - Q2 * d[2], odd_p = POINT_P * (d[3] - Q2 * d[1]);
  VECTOR even_q = d[4] - P2 * d[2], odd_q = POINT_Q * (d[3] - P2 * d[1]);
  t[0] = d[4] - (P2 + Q2) * d[2] + P2 * Q2 * d[0];
  t[1] = even_p + odd_p;
  t[2] = even_p - odd_p;
  t[3] = even_q + odd_q;
  t[4] = even_q - odd_q;
  t[5] = d[5] - (P2 + Q2) * d[3] + P2 * Q2 * d[1];
}
INLINE void input_adjoint(const VECTOR *t, VECTOR *d) {
  VECTOR even_p = t[1] + t[2], odd_p = POINT_P * (t[1] - t[2]);
  VECTOR even_q = t[3] + t[4], odd_q = POINT_Q * (t[3] - t[4]);
  d[0] = P2 * Q2 * t[0];
  d[1] = P2 * Q2 * t[5] - Q2 * odd_p - P2 * odd_q;
  d[2] = -(P2 + Q2) * t[0] - Q2 * even_p - P2 * even_q;
  d[3] = odd_p + odd_q - (P2 + Q2) * t[5];
  d[4] = t[0] + even_p + even_q;
  d[5] = t[5];
}

// Rows of a plane, with as many channels as lanes: element (column, channel) at column * LANES + channel. Columns
// count from the left edge of the padding. A row has room for LANES columns more, so that whole vectors can be stored.
//
// Arrays of vectors are indexed by constants only (UNROLL): then they stay in registers.

/// Row `y` of the planes, which may lie in the padding, as `cols` columns. The row `ahead` rows further down is wanted
/// soon: so many short pieces of memory in turn are beyond what the processor foresees.
INLINE void take_row(winograd_planes planes, size_t channels, ptrdiff_t y, size_t cols, const float *from,
                     const float *end, float *row, const int ahead) {
  size_t inside = 0, left = planes.left < cols ? planes.left : cols;
  if (y >= 0 && y < (ptrdiff_t)planes.height) inside = planes.width < cols - left ? planes.width : cols - left;
  if (inside == 0) left = 0;
  for (size_t col = 0; col < left; col++) NAME(store)(row + col * LANES, 0);
  const float *line = inside > 0 ? from + (size_t)y * planes.width : from;
  const size_t plane = planes.height * planes.width;
  for (size_t begin = 0; begin < inside; begin += LANES) {
    // The last vectors reach back rather than beyond the row, if it is long enough.
    const size_t at = begin + LANES > inside && inside >= LANES ? inside - LANES : begin;
    VECTOR x[LANES];
    if (channels == LANES && end - (line + (LANES - 1) * plane + at) >= LANES) {
      UNROLL for (int l = 0; l < LANES; l++) {
        const float *p = line + (size_t)l * plane + at;
        x[l] = NAME(load)(p);
        __builtin_prefetch(p + (size_t)ahead * planes.width);
      }
    } else {
      UNROLL for (int l = 0; l < LANES; l++)
          x[l] = (size_t)l < channels ? NAME(load_some)(line + (size_t)l * plane + at, inside - at, end) : 0;
    }
    NAME(transpose)(x);
    UNROLL for (int t = 0; t < LANES; t++) NAME(store)(row + (left + at + (size_t)t) * LANES, x[t]);
  }
  for (size_t col = left + inside; col < cols; col++) NAME(store)(row + col * LANES, 0);
}

/// The adjoint of `take_row`: stores the row, or adds it.
INLINE void give_row(winograd_planes planes, size_t channels, ptrdiff_t y, const float *row, bool add, VECTOR bias,
                     float *to) {
  if (y < 0 || y >= (ptrdiff_t)planes.height) return;
  const size_t plane = planes.height * planes.width;
  float *line = to + (size_t)y * planes.width;
  for (size_t begin = 0; begin < planes.width; begin += LANES) {
    const bool reach_back = begin + LANES > planes.width && planes.width >= LANES && !add;
    const size_t at = reach_back ? planes.width - LANES : begin, count = planes.width - at;
    VECTOR x[LANES];
    UNROLL for (int t = 0; t < LANES; t++) x[t] = NAME(load)(row + (planes.left + at + (size_t)t) * LANES) + bias;
    NAME(transpose)(x);
    float *p = line + at;
    if (add) {
      UNROLL for (int l = 0; l < LANES; l++) if ((size_t)l < channels) {
        float *q = p + (size_t)l * plane;
        NAME(store_some)(q, count, x[l] + NAME(load_some)(q, count, q + count));
      }
    } else if (channels == LANES && count >= LANES) {
      UNROLL for (int l = 0; l < LANES; l++) NAME(store)(p + (size_t)l * plane, x[l]);
    } else {
      UNROLL for (int l = 0; l < LANES; l++) if ((size_t)l < channels)
          NAME(store_some)(p + (size_t)l * plane, count, x[l]);
    }
  }
}

typedef void (*axis_transform)(const VECTOR *from, VECTOR *to);

/// From planes to points: `window` rows and columns for each tile, tiles `step` apart.
INLINE void to_points(winograd_planes planes, winograd_strip strip, size_t channel, const float *from,
                      const float *end, winograd_points points, float *work, const int window, const int step,
                      axis_transform transform) {
  const size_t cols = (strip.cols - 1) * (size_t)step + (size_t)window, row_size = (cols + LANES) * LANES;
  const size_t channels = planes.channels - channel < LANES ? planes.channels - channel : LANES;
  float *rows[6], *halfway = work + 6 * row_size;
  UNROLL for (int i = 0; i < window; i++) rows[i] = work + (size_t)i * row_size;
  from += (strip.image * planes.channels + channel) * planes.height * planes.width;
  for (size_t r = 0; r < strip.rows; r++) {
    const ptrdiff_t y = (ptrdiff_t)((strip.first_row + r) * (size_t)step) - (ptrdiff_t)planes.top;
    for (int i = r == 0 ? 0 : window - step; i < window; i++)
      take_row(planes, channels, y + i, cols, from, end, rows[i], step);
    for (size_t at = 0; at < cols * LANES; at += LANES) {
      VECTOR in[6], out[6];
      UNROLL for (int i = 0; i < window; i++) in[i] = NAME(load)(rows[i] + at);
      transform(in, out);
      UNROLL for (int i = 0; i < 6; i++) NAME(store)(halfway + (size_t)i * row_size + at, out[i]);
    }
    float *to = points.start + (strip.tile + r * strip.cols) * points.row + channel;
    for (size_t tile = 0; tile < strip.cols; tile++, to += points.row)
      UNROLL for (int i = 0; i < 6; i++) {
        const float *line = halfway + (size_t)i * row_size + tile * (size_t)step * LANES;
        VECTOR in[6], out[6];
        UNROLL for (int j = 0; j < window; j++) in[j] = NAME(load)(line + j * LANES);
        transform(in, out);
        UNROLL for (int j = 0; j < 6; j++) NAME(store)(to + (size_t)(i * 6 + j) * points.point, out[j]);
      }
    float *passed[6];
    UNROLL for (int i = 0; i < window; i++) passed[i] = rows[i];
    UNROLL for (int i = 0; i < window; i++) rows[i] = passed[(i + step) % window];
  }
}

/// From points to planes: what tiles have in common is added up.
INLINE void from_points(winograd_planes planes, winograd_strip strip, size_t channel, winograd_points points,
                        VECTOR bias, float *to, float *work, const int window, const int step,
                        axis_transform transform) {
  const size_t cols = (strip.cols - 1) * (size_t)step + (size_t)window, row_size = (cols + LANES) * LANES;
  const size_t channels = planes.channels - channel < LANES ? planes.channels - channel : LANES;
  const int shared = window - step;
  float *rows[6], *halfway = work + 6 * row_size;
  UNROLL for (int i = 0; i < window; i++) rows[i] = work + (size_t)i * row_size;
  to += (strip.image * planes.channels + channel) * planes.height * planes.width;
  for (size_t r = 0; r < strip.rows; r++) {
    const float *from = points.start + (strip.tile + r * strip.cols) * points.row + channel;
    for (size_t tile = 0; tile < strip.cols; tile++, from += points.row)
      UNROLL for (int i = 0; i < 6; i++) {
        float *line = halfway + (size_t)i * row_size + tile * (size_t)step * LANES;
        VECTOR in[6], out[6];
        UNROLL for (int j = 0; j < 6; j++) in[j] = NAME(load)(from + (size_t)(i * 6 + j) * points.point);
        transform(in, out);
        if (tile > 0) UNROLL for (int j = 0; j < shared; j++) out[j] += NAME(load)(line + j * LANES);
        UNROLL for (int j = 0; j < window; j++) NAME(store)(line + j * LANES, out[j]);
      }
    for (size_t at = 0; at < cols * LANES; at += LANES) {
      VECTOR in[6], out[6];
      UNROLL for (int i = 0; i < 6; i++) in[i] = NAME(load)(halfway + (size_t)i * row_size + at);
      transform(in, out);
      if (r > 0) UNROLL for (int i = 0; i < shared; i++) out[i] += NAME(load)(rows[i] + at);
      UNROLL for (int i = 0; i < window; i++) NAME(store)(rows[i] + at, out[i]);
    }
    // The last row of tiles gives all its rows, others those that the next row of tiles does not share.
    const ptrdiff_t y = (ptrdiff_t)((strip.first_row + r) * (size_t)step) - (ptrdiff_t)planes.top;
    const int complete = r + 1 == strip.rows ? window : step;
    for (int i = 0; i < complete; i++) {
      bool add = r * (size_t)step + (size_t)i < (size_t)shared && strip.first_row > 0;
      give_row(planes, channels, y + i, rows[i], add, bias, to);
    }
    float *passed[6];
    UNROLL for (int i = 0; i < window; i++) passed[i] = rows[i];
    UNROLL for (int i = 0; i < window; i++) rows[i] = passed[(i + step) % window];
  }
}

/// The taps of LANES kernels, one in each lane.
INLINE void weight_to_points(size_t count, const float *w, size_t kernel_step, const float *end,
                             winograd_points points, const int taps) {
  for (size_t at = 0; at < count; at += LANES, w += LANES * kernel_step) {
    VECTOR g[32], across[6][6];  // 25 taps fill two or more squares of lanes
    UNROLL for (int first = 0; first < taps * taps; first += LANES) {
      const int some = taps * taps - first < LANES ? taps * taps - first : LANES;
      UNROLL for (int l = 0; l < LANES; l++)
          g[first + l] = at + (size_t)l < count
                             ? NAME(load_some)(w + (size_t)l * kernel_step + first, (size_t)some, end) : 0;
      NAME(transpose)(g + first);
    }
    UNROLL for (int i = 0; i < taps; i++) {
      VECTOR out[6];
      kernel(g + i * taps, out, taps);
      UNROLL for (int j = 0; j < 6; j++) across[j][i] = out[j];
    }
    UNROLL for (int j = 0; j < 6; j++) {
      VECTOR out[6];
      kernel(across[j], out, taps);
      UNROLL for (int i = 0; i < 6; i++) NAME(store)(points.start + (size_t)(i * 6 + j) * points.point + at, out[i]);
    }
  }
}

INLINE void weight_from_points(size_t count, winograd_points points, float *dw, const int taps) {
  for (size_t at = 0; at < count; at += LANES, dw += LANES * taps * taps) {
    VECTOR g[32], across[6][6];
    UNROLL for (int i = 0; i < 6; i++) {
      VECTOR in[6];
      UNROLL for (int j = 0; j < 6; j++) in[j] = NAME(load)(points.start + (size_t)(i * 6 + j) * points.point + at);
      kernel_adjoint(in, across[i], taps);
    }
    UNROLL for (int j = 0; j < taps; j++) {
      VECTOR in[6], out[6];
      UNROLL for (int i = 0; i < 6; i++) in[i] = across[i][j];
      kernel_adjoint(in, out, taps);
      UNROLL for (int i = 0; i < taps; i++) g[i * taps + j] = out[i];
    }
    UNROLL for (int first = 0; first < taps * taps; first += LANES) {
      const size_t some = (size_t)(taps * taps - first < LANES ? taps * taps - first : LANES);
      UNROLL for (int t = 0; t < LANES; t++) if ((size_t)t >= some) g[first + t] = 0;
      NAME(transpose)(g + first);
      UNROLL for (int l = 0; l < LANES; l++) if (at + (size_t)l < count)
          NAME(store_some)(dw + l * taps * taps + first, some, g[first + l]);
    }
  }
}

#define WINOGRAD(step, taps)                                                                                          \
  static void input_##taps(winograd_planes planes, winograd_strip strip, size_t channel, const float *x,              \
                           const float *end, winograd_points points, float *work) {                                   \
    to_points(planes, strip, channel, x, end, points, work, 6, step, input);                                          \
  }                                                                                                                   \
  static void input_gradient_##taps(winograd_planes planes, winograd_strip strip, size_t channel,                     \
                                    winograd_points points, float *dx, float *work) {                                 \
    from_points(planes, strip, channel, points, 0, dx, work, 6, step, input_adjoint);                                 \
  }                                                                                                                   \
  static void output_##taps(winograd_planes planes, winograd_strip strip, size_t channel, winograd_points points,     \
                            const float *bias, float *y, float *work) {                                               \
    VECTOR added = 0;                                                                                                 \
    for (size_t l = 0; bias && l < LANES && channel + l < planes.channels; l++) added[l] = bias[channel + l];         \
    from_points(planes, strip, channel, points, added, y, work, step, step, output_##step);                           \
  }                                                                                                                   \
  static void output_gradient_##taps(winograd_planes planes, winograd_strip strip, size_t channel, const float *dy,   \
                                     const float *end, winograd_points points, float *work) {                         \
    to_points(planes, strip, channel, dy, end, points, work, step, step, output_adjoint_##step);                      \
  }                                                                                                                   \
  static void weight_##taps(size_t count, const float *w, size_t kernel_step, const float *end,                       \
                            winograd_points points) {                                                                 \
    weight_to_points(count, w, kernel_step, end, points, taps);                                                       \
  }                                                                                                                   \
  static void weight_gradient_##taps(size_t count, winograd_points points, float *dw) {                               \
    weight_from_points(count, points, dw, taps);                                                                      \
  }

WINOGRAD(4, 3)
WINOGRAD(2, 5)

enum { WINOGRAD_LANES = LANES };  // while LANES means those of float

#define WINOGRAD_LOOPS(taps)                                                                        \
  {                                                                                                 \
    WINOGRAD_LANES, input_##taps, input_gradient_##taps, output_##taps, output_gradient_##taps,     \
        weight_##taps, weight_gradient_##taps                                                       \
  }
