// Winograd's transforms of tiles and kernels (see winograd_kernels.h) for VALUE float at the level being compiled.
//
// Planes are taken a row at a time: LANES columns of LANES channels are turned in registers, so that a vector has one
// column of each channel, and transformed there along the row, tile by tile. What that gives, 6 vectors a tile, waits in
// `work` until there are 6 rows to transform along columns. The way back is the same way back.
//
// Dozens of short pieces of memory in turn are beyond what the processor foresees, so each place is asked for some rows
// ahead: that halved the time of all transforms.

/// LANES columns from `at` on of a row of `channels` planes, one vector a column; what is outside the planes is 0. The
/// row `ahead` rows further down is wanted soon.
INLINE void load_columns(winograd_planes planes, size_t channels, const float *row, ptrdiff_t at, VECTOR *x,
                         const int ahead) {
  const ptrdiff_t width = (ptrdiff_t)planes.width;
  const size_t plane = planes.height * planes.width;
  if (at >= width) {
    UNROLL for (int l = 0; l < LANES; l++) x[l] = 0;
    return;
  }
  const float *from = row + at;
  if (channels == LANES)
    UNROLL for (int l = 0; l < LANES; l++)
        __builtin_prefetch(from + (size_t)l * plane + (size_t)ahead * planes.width);
  if (channels == LANES && at >= 0 && at + LANES <= width) {
    UNROLL for (int l = 0; l < LANES; l++) x[l] = NAME(load)(from + (size_t)l * plane);
  } else {
    const NAME(lane_set) inside = NAME(lanes)(-at, width - at);
    UNROLL for (int l = 0; l < LANES; l++)
        x[l] = (size_t)l < channels ? NAME(load_lanes)(from + (size_t)l * plane, inside) : 0;
  }
  NAME(transpose)(x);
}

/// The adjoint of `load_columns`: stores the columns, or adds them. `plane` is what the planes lie apart.
INLINE void store_columns(size_t width, size_t plane, size_t channels, float *row, ptrdiff_t at, VECTOR *x,
                          const bool add, const int ahead) {
  NAME(transpose)(x);
  float *to = row + at;
  if (channels == LANES)
    UNROLL for (int l = 0; l < LANES; l++)
        __builtin_prefetch(to + (size_t)l * plane + (size_t)ahead * width, 1);
  if (channels == LANES && at >= 0 && at + LANES <= (ptrdiff_t)width && !add) {
    UNROLL for (int l = 0; l < LANES; l++) NAME(store)(to + (size_t)l * plane, x[l]);
    return;
  }
  const NAME(lane_set) inside = NAME(lanes)(-at, (ptrdiff_t)width - at);
  UNROLL for (int l = 0; l < LANES; l++) if ((size_t)l < channels) {
    if (add) x[l] += NAME(load_lanes)(to + (size_t)l * plane, inside);
    NAME(store_lanes)(to + (size_t)l * plane, inside, x[l]);
  }
}

typedef void (*axis_transform)(const VECTOR *from, VECTOR *to, const bool small);

// A tile has `window` rows and columns, `step` from one tile to the next, `window − step` in common with the next. The
// tiles that begin in the last OVERLAP columns of a block of LANES end in the next block.
enum { OVERLAP = 4 };

/// Row `y` of the planes, transformed along the row.
INLINE void take_row(winograd_planes planes, const winograd_strip *strip, size_t channels, const float *from,
                     ptrdiff_t y, float *row, const int window, const int step, axis_transform transform) {
  const ptrdiff_t tiles = (ptrdiff_t)strip->cols[0], whole = (ptrdiff_t)strip->cols[1];
  if (y < 0 || y >= (ptrdiff_t)planes.height) {
    memset(row, 0, strip->cols[0] * 6 * sizeof(VECTOR));
    return;
  }
  const int overlap = window > step ? OVERLAP : 0;
  from += (size_t)y * planes.width;
  VECTOR x[LANES + OVERLAP];
  UNROLL for (int i = 0; i < overlap; i++) x[i] = 0;
  for (ptrdiff_t tile = -overlap / step; tile < tiles;) {
    load_columns(planes, channels, from, tile * step + overlap - (ptrdiff_t)planes.left, x + overlap, step);
    UNROLL for (int at = 0; at + window <= LANES + overlap; at += step, tile++) {
      if (tile < 0 || tile >= tiles) continue;
      VECTOR t[6];
      float *to = row + tile * 6 * LANES;
      if (tile < whole) {
        transform(x + at, t, false);
        UNROLL for (int j = 0; j < 6; j++) NAME(store)(to + j * LANES, t[j]);
      } else {
        transform(x + at, t, true);
        UNROLL for (int j = 0; j < 4; j++) NAME(store)(to + j * LANES, t[j]);
      }
    }
    UNROLL for (int i = 0; i < overlap; i++) x[i] = x[LANES + i];
  }
}

/// The adjoint of `take_row`: to a row of planes that lie `plane` apart.
INLINE void give_row(winograd_planes planes, const winograd_strip *strip, size_t channels, const float *row,
                     VECTOR bias, float *to, size_t plane, const bool add, const int window, const int step,
                     axis_transform transform) {
  const ptrdiff_t tiles = (ptrdiff_t)strip->cols[0], whole = (ptrdiff_t)strip->cols[1];
  const int shared = window - step;
  VECTOR x[LANES + OVERLAP];
  UNROLL for (int i = 0; i < shared; i++) x[i] = 0;
  ptrdiff_t tile = 0;
  for (ptrdiff_t at = -(ptrdiff_t)planes.left; at < (ptrdiff_t)planes.width; at += LANES) {
    UNROLL for (int begin = 0; begin < LANES; begin += step, tile++) {
      VECTOR t[6], columns[6];
      UNROLL for (int i = 0; i < window; i++) columns[i] = 0;
      const float *from = row + tile * 6 * LANES;
      if (tile < whole) {
        UNROLL for (int j = 0; j < 6; j++) t[j] = NAME(load)(from + j * LANES);
        transform(t, columns, false);
      } else if (tile < tiles) {
        UNROLL for (int j = 0; j < 4; j++) t[j] = NAME(load)(from + j * LANES);
        transform(t, columns, true);
      }
      UNROLL for (int i = 0; i < window; i++) x[begin + i] = i < shared ? x[begin + i] + columns[i] : columns[i];
    }
    VECTOR turned[LANES];
    UNROLL for (int i = 0; i < LANES; i++) turned[i] = x[i] + bias;
    store_columns(planes.width, plane, channels, to, at, turned, add, step);
    UNROLL for (int i = 0; i < shared; i++) x[i] = x[LANES + i];
  }
}

/// The first tile's place of a row of tiles, at points with i < 4 or i ≥ 4 and j < 4 or j ≥ 4. (The sum that is not
/// used may count a small row.)
typedef struct {
  float *at[2][2];
} tile_places;

INLINE tile_places places_of_row(const winograd_strip *strip, winograd_points points, size_t row) {
  tile_places places;
  UNROLL for (int i = 0; i < 2; i++) UNROLL for (int j = 0; j < 2; j++)
      places.at[i][j] = points.start + (strip->above[i] + row) * strip->cols[j] * points.row;
  return places;
}

INLINE void row_to_points(const winograd_strip *strip, winograd_points points, tile_places to, float *const *rows,
                          const bool small, const int window, axis_transform transform) {
  for (size_t tile = 0, at = 0; tile < strip->cols[0]; tile++, at += points.row)
    UNROLL for (int j = 0; j < 6; j++) {
      if (j >= 4 && tile >= strip->cols[1]) break;
      VECTOR in[6], out[6];
      UNROLL for (int i = 0; i < (small ? window - 2 : window); i++)
          in[i] = NAME(load)(rows[i] + (tile * 6 + (size_t)j) * LANES);
      transform(in, out, small);
      UNROLL for (int i = 0; i < (small ? 4 : 6); i++)
          NAME(store)(to.at[i >= 4][j >= 4] + at + (size_t)(i * 6 + j) * points.point, out[i]);
    }
}

/// The first `shared` rows are added to what the row of tiles above has left there, if there is one.
INLINE void row_from_points(const winograd_strip *strip, winograd_points points, tile_places from, float *const *rows,
                            bool add, const bool small, const int window, const int shared,
                            axis_transform transform) {
  for (size_t tile = 0, at = 0; tile < strip->cols[0]; tile++, at += points.row)
    UNROLL for (int j = 0; j < 6; j++) {
      if (j >= 4 && tile >= strip->cols[1]) break;
      VECTOR in[6], out[6];
      UNROLL for (int i = 0; i < (small ? 4 : 6); i++)
          in[i] = NAME(load)(from.at[i >= 4][j >= 4] + at + (size_t)(i * 6 + j) * points.point);
      transform(in, out, small);
      UNROLL for (int i = 0; i < (small ? window - 2 : window); i++) {
        float *to = rows[i] + (tile * 6 + (size_t)j) * LANES;
        if (i < shared && add) out[i] += NAME(load)(to);
        NAME(store)(to, out[i]);
      }
    }
}

/// Makes the rows that the next row of tiles shares the first ones.
INLINE void pass_rows(float **rows, const int window, const int step) {
  float *passed[6];
  UNROLL for (int i = 0; i < window; i++) passed[i] = rows[i];
  UNROLL for (int i = 0; i < window; i++) rows[i] = passed[(i + step) % window];
}

/// From planes to points.
INLINE void to_points(winograd_planes planes, const winograd_strip *strip, size_t channel, const float *from,
                      winograd_points points, float *work, const int window, const int step,
                      axis_transform transform) {
  const size_t channels = planes.channels - channel < LANES ? planes.channels - channel : LANES;
  float *rows[6];
  UNROLL for (int i = 0; i < window; i++) rows[i] = work + (size_t)i * strip->cols[0] * 6 * LANES;
  from += strip->image * planes.image + channel * planes.height * planes.width;
  for (size_t r = 0; r < strip->rows; r++) {
    const ptrdiff_t y = (ptrdiff_t)((strip->first_row + r) * (size_t)step) - (ptrdiff_t)planes.top;
    const bool small = strip->last_is_small && r + 1 == strip->rows;
    for (int i = r == 0 ? 0 : window - step; i < (small ? window - 2 : window); i++)
      take_row(planes, strip, channels, from, y + i, rows[i], window, step, transform);
    const tile_places to = places_of_row(strip, points, r);
    if (small) row_to_points(strip, points, to, rows, true, window, transform);
    else row_to_points(strip, points, to, rows, false, window, transform);
    pass_rows(rows, window, step);
  }
}

/// From points to planes: what tiles have in common is added up.
INLINE void from_points(winograd_planes planes, const winograd_strip *strip, size_t channel, winograd_points points,
                        VECTOR bias, float *to, float *work, const int window, const int step,
                        axis_transform transform) {
  const size_t channels = planes.channels - channel < LANES ? planes.channels - channel : LANES;
  const size_t plane = planes.height * planes.width, shared = (size_t)(window - step);
  float *rows[6], *apart = strip->apart ? strip->apart + channel * shared * planes.width : NULL;
  UNROLL for (int i = 0; i < window; i++) rows[i] = work + (size_t)i * strip->cols[0] * 6 * LANES;
  to += strip->image * planes.image + channel * plane;
  for (size_t r = 0; r < strip->rows; r++) {
    const bool last = r + 1 == strip->rows, small = last && strip->last_is_small;
    const tile_places from = places_of_row(strip, points, r);
    if (small) row_from_points(strip, points, from, rows, r > 0, true, window, window - step, transform);
    else row_from_points(strip, points, from, rows, r > 0, false, window, window - step, transform);
    // The last row of tiles gives all its rows, others those that the next row of tiles does not share.
    const ptrdiff_t y = (ptrdiff_t)((strip->first_row + r) * (size_t)step) - (ptrdiff_t)planes.top;
    const int complete = small ? window - 2 : last ? window : step;
    for (int i = 0; i < complete; i++) {
      if (y + i < 0 || y + i >= (ptrdiff_t)planes.height) continue;
      float *row = to + (size_t)(y + i) * planes.width;
      const size_t in_strip = r * (size_t)step + (size_t)i;
      if (in_strip >= shared || strip->first_row == 0)
        give_row(planes, strip, channels, rows[i], bias, row, plane, false, window, step, transform);
      else if (apart)
        give_row(planes, strip, channels, rows[i], bias, apart + in_strip * planes.width, shared * planes.width, false,
                 window, step, transform);
      else
        give_row(planes, strip, channels, rows[i], bias, row, plane, true, window, step, transform);
    }
    pass_rows(rows, window, step);
  }
}

enum { AHEAD = 4 };  // rows of weights

/// The taps of LANES kernels, one in each lane. The next row's kernels lie `row_step` further.
INLINE void weight_to_points(size_t count, const float *w, size_t kernel_step, size_t row_step,
                             winograd_points points, const int taps) {
  for (size_t at = 0; at < count; at += LANES, w += LANES * kernel_step) {
    VECTOR g[32], across[6][6];  // 25 taps fill two or more squares of lanes
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
      VECTOR out[6];
      kernel(g + i * taps, out, taps);
      UNROLL for (int j = 0; j < 6; j++) across[j][i] = out[j];
    }
    UNROLL for (int j = 0; j < 6; j++) {
      VECTOR out[6];
      kernel(across[j], out, taps);
      UNROLL for (int i = 0; i < 6; i++) {
        float *to = points.start + (size_t)(i * 6 + j) * points.point + at;
        NAME(store)(to, out[i]);
        __builtin_prefetch(to + AHEAD * points.row, 1);
      }
    }
  }
}

INLINE void weight_from_points(size_t count, winograd_points points, size_t parts, size_t part_step, bool add,
                               float *dw, const int taps) {
  for (size_t at = 0; at < count; at += LANES, dw += LANES * taps * taps) {
    VECTOR g[32], across[6][6];
    UNROLL for (int i = 0; i < 6; i++) {
      VECTOR in[6];
      UNROLL for (int j = 0; j < 6; j++) {
        const float *from = points.start + (size_t)(i * 6 + j) * points.point + at;
        in[j] = NAME(load)(from);
        __builtin_prefetch(from + AHEAD * points.row);
        for (size_t part = 1; part < parts; part++) {
          from += part_step;
          in[j] += NAME(load)(from);
          __builtin_prefetch(from + AHEAD * points.row);
        }
      }
      kernel_adjoint(in, across[i], taps);
    }
    UNROLL for (int j = 0; j < taps; j++) {
      VECTOR in[6], out[6];
      UNROLL for (int i = 0; i < 6; i++) in[i] = across[i][j];
      kernel_adjoint(in, out, taps);
      UNROLL for (int i = 0; i < taps; i++) g[i * taps + j] = out[i];
    }
    UNROLL for (int first = 0; first < taps * taps; first += LANES) {
      const NAME(lane_set) some = NAME(lanes)(0, taps * taps - first);
      UNROLL for (int t = 0; t < LANES; t++) if (t >= taps * taps - first) g[first + t] = 0;
      NAME(transpose)(g + first);
      UNROLL for (int l = 0; l < LANES; l++) if (at + (size_t)l < count) {
        float *to = dw + l * taps * taps + first;
        NAME(store_lanes)(to, some, add ? NAME(load_lanes)(to, some) + g[first + l] : g[first + l]);
      }
    }
  }
}

#define WINOGRAD(step, taps)                                                                                          \
  static void input_##taps(winograd_planes planes, const winograd_strip *strip, size_t channel, const float *x,       \
                           winograd_points points, float *work) {                                                     \
    to_points(planes, strip, channel, x, points, work, 6, step, input);                                               \
  }                                                                                                                   \
  static void input_gradient_##taps(winograd_planes planes, const winograd_strip *strip, size_t channel,              \
                                    winograd_points points, float *dx, float *work) {                                 \
    from_points(planes, strip, channel, points, 0, dx, work, 6, step, input_adjoint);                                 \
  }                                                                                                                   \
  static void output_##taps(winograd_planes planes, const winograd_strip *strip, size_t channel,                      \
                            winograd_points points, const float *bias, float *y, float *work) {                       \
    const size_t left = planes.channels - channel;                                                                    \
    from_points(planes, strip, channel, points, bias ? NAME(load_some)(bias + channel, left) : 0, y, work, step,      \
                step, output_##step);                                                                                 \
  }                                                                                                                   \
  static void output_gradient_##taps(winograd_planes planes, const winograd_strip *strip, size_t channel,             \
                                     const float *dy, winograd_points points, float *work) {                          \
    to_points(planes, strip, channel, dy, points, work, step, step, output_adjoint_##step);                           \
  }                                                                                                                   \
  static void weight_##taps(size_t count, const float *w, size_t kernel_step, size_t row_step,                        \
                            winograd_points points) {                                                                 \
    weight_to_points(count, w, kernel_step, row_step, points, taps);                                                  \
  }                                                                                                                   \
  static void weight_gradient_##taps(size_t count, winograd_points points, size_t parts, size_t part_step,            \
                                     bool add, float *dw) {                                                           \
    weight_from_points(count, points, parts, part_step, add, dw, taps);                                               \
  }

WINOGRAD(4, 3)
WINOGRAD(2, 5)

enum { WINOGRAD_LANES = LANES };  // while LANES means those of float

#define WINOGRAD_LOOPS(taps)                                                                        \
  {                                                                                                 \
    WINOGRAD_LANES, input_##taps, input_gradient_##taps, output_##taps, output_gradient_##taps,     \
        weight_##taps, weight_gradient_##taps                                                       \
  }
