// Winograd's transforms of kernels (see winograd_kernels.h), for float at the level being compiled.

enum { AHEAD = 4 };  // prefetch distance in rows of weights

/// Transforms `count` kernels, LANES at a time, one per lane. The next row's kernels lie `row_step` further.
INLINE void weight_to_points(size_t count, const float *w, size_t kernel_step, size_t row_step,
                             winograd_points points, const int taps, const int side) {
  for (size_t at = 0; at < count; at += LANES, w += LANES * kernel_step) {
    VECTOR g[32], across[MOST_POINTS][MOST_POINTS];  // up to 25 taps, in whole squares of LANES × LANES
    UNROLL for (int first = 0; first < taps * taps; first += LANES) {
      const NAME(lane_set) some = NAME(lanes)(0, taps * taps - first);
      UNROLL for (int l = 0; l < LANES; l++) {
        const float *from = w + (size_t)l * kernel_step + first;
        g[first + l] = at + (size_t)l < count ? NAME(load_lanes)(from, some) : 0;
        __builtin_prefetch(from + AHEAD * row_step);
      }
      NAME(transpose)(g + first);
    }
    UNROLL for (int i = 0; i < taps; i++) {
      VECTOR out[MOST_POINTS];
      kernel(g + i * taps, out, taps, side);
      UNROLL for (int j = 0; j < side; j++) across[j][i] = out[j];
    }
    UNROLL for (int j = 0; j < side; j++) {
      VECTOR out[MOST_POINTS];
      kernel(across[j], out, taps, side);
      UNROLL for (int i = 0; i < side; i++)
          NAME(store)(points.start + (size_t)(i * side + j) * points.point + at, out[i]);
    }
  }
}

INLINE void weight_from_points(size_t count, winograd_points points, bool add, float *dw, size_t row_step, const int taps,
                               const int side) {
  for (size_t at = 0; at < count; at += LANES, dw += LANES * taps * taps) {
    VECTOR g[32], across[MOST_POINTS][MOST_POINTS];
    UNROLL for (int i = 0; i < side; i++) {
      VECTOR in[MOST_POINTS];
      UNROLL for (int j = 0; j < side; j++) {
        const float *from = points.start + (size_t)(i * side + j) * points.point + at;
        in[j] = NAME(load)(from);
      }
      kernel_adjoint(in, across[i], taps, side);
    }
    UNROLL for (int j = 0; j < taps; j++) {
      VECTOR in[MOST_POINTS], out[MOST_POINTS];
      UNROLL for (int i = 0; i < side; i++) in[i] = across[i][j];
      kernel_adjoint(in, out, taps, side);
      UNROLL for (int i = 0; i < taps; i++) g[i * taps + j] = out[i];
    }
    UNROLL for (int first = 0; first < taps * taps; first += LANES) {
      const NAME(lane_set) some = NAME(lanes)(0, taps * taps - first);
      UNROLL for (int t = 0; t < LANES; t++) if (t >= taps * taps - first) g[first + t] = 0;
      NAME(transpose)(g + first);
      UNROLL for (int l = 0; l < LANES; l++) if (at + (size_t)l < count) {
        float *to = dw + l * taps * taps + first;
        __builtin_prefetch(to + AHEAD * row_step, 1);
        NAME(store_lanes)(to, some, add ? NAME(load_lanes)(to, some) + g[first + l] : g[first + l]);
      }
    }
  }
}
