// Winograd's transforms of tiles (see winograd_kernels.h), for float at the level being compiled.
//
// Planes are read one row at a time. LANES columns of LANES channels are transposed in registers, so that a vector
// holds one column of each channel, and stored in `line`. From there they are transformed along the row, tile by tile,
// into `rows`. As soon as `rows` holds as many rows as a tile has, these are transformed along columns. The adjoint
// takes the same steps in reverse.
//
// The hardware prefetcher cannot follow dozens of interleaved short streams, so each address is prefetched some rows
// ahead: that halved the time of all transforms.

/// Makes the compiler compute each address from the one before. Otherwise it computes all of them ahead of the loop,
/// where they spill.
#define ONE_BY_ONE(step) __asm__("" : "+r"(step))

/// Loads LANES columns of a row of `channels` planes, one vector per column; the row has `width` columns left, and
/// lanes outside the planes are 0. Prefetches what lies `ahead` elements further on.
INLINE void load_columns(size_t plane, size_t channels, const float *row, size_t width, size_t ahead, VECTOR *x) {
  const NAME(lane_set) inside = NAME(lanes)(0, (ptrdiff_t)width);
  if (channels < LANES) {
    UNROLL for (int l = 0; l < LANES; l++)
        x[l] = (size_t)l < channels ? NAME(load_lanes)(row + (size_t)l * plane, inside) : 0;
  } else {
    ONE_BY_ONE(plane);
    UNROLL for (int l = 0; l < LANES; l++, row += plane) {
      __builtin_prefetch(row + ahead);
      x[l] = NAME(load_lanes)(row, inside);
    }
  }
  NAME(transpose)(x);
}

/// The adjoint of `load_columns`: stores the columns, or adds them to what is there.
INLINE void store_columns(size_t plane, size_t channels, float *row, size_t width, size_t ahead, bool add, VECTOR *x) {
  const NAME(lane_set) inside = NAME(lanes)(0, (ptrdiff_t)width);
  NAME(transpose)(x);
  if (channels < LANES || add) {
    UNROLL for (int l = 0; l < LANES; l++) if ((size_t)l < channels) {
      float *to = row + (size_t)l * plane;
      NAME(store_lanes)(to, inside, add ? NAME(load_lanes)(to, inside) + x[l] : x[l]);
    }
    return;
  }
  ONE_BY_ONE(plane);
  UNROLL for (int l = 0; l < LANES; l++, row += plane) {
    __builtin_prefetch(row + ahead, 1);
    NAME(store_lanes)(row, inside, x[l]);
  }
}

#define NOINLINE __attribute__((noinline))

typedef void (*axis_transform)(const VECTOR *from, VECTOR *to, const int points);

/// How tiles lie along an axis: a tile has `side` points and `window` values and begins `step` values after the one
/// before, so that it shares `window` − `step` with the next. (Constants once inlined.)
typedef struct {
  int side, window, step;
} tile_sizes;

enum { MOST_SHARED = 4 };

INLINE int shared_by(const tile_sizes sizes) { return sizes.window - sizes.step; }
/// Values of a tile that has `points` points.
INLINE int values_of(const tile_sizes sizes, const int points) { return sizes.window - sizes.side + points; }
/// Tiles in a row that have all points.
INLINE size_t whole_tiles(const winograd_strip *strip, const tile_sizes sizes) {
  return strip->cols[winograd_class((size_t)sizes.side - 1, (size_t)sizes.side)];
}

/// Calls f with the arguments and with the number of points, as one of up to three constants: a tile has at least 2
/// outputs.
#define WITH_POINTS(points, f, ...)                                      \
  do {                                                                   \
    if (points == sizes.side) f(__VA_ARGS__, sizes.side);                \
    else if (points == sizes.side - 2) f(__VA_ARGS__, sizes.side - 2);   \
    else if (sizes.step >= 6) f(__VA_ARGS__, sizes.side - 4);            \
  } while (0)

// Along rows

/// A transformed row has one vector per tile for each point j: the elements from one point to the next.
INLINE size_t next_column(const winograd_strip *strip) { return strip->cols[0] * LANES; }

INLINE void tile_to_row(const float *from, float *to, size_t next, axis_transform transform, const tile_sizes sizes,
                        const int points) {
  VECTOR x[MOST_POINTS], t[MOST_POINTS];
  UNROLL for (int i = 0; i < values_of(sizes, points); i++) x[i] = NAME(load)(from + i * LANES);
  transform(x, t, points);
  UNROLL for (int j = 0; j < points; j++) NAME(store)(to + (size_t)j * next, t[j]);
}

/// Transposes a row of the planes into `line`, one vector per column. Returns the sum of the columns.
static NOINLINE VECTOR turn_row(winograd_planes planes, size_t channels, const float *row, size_t ahead, float *line) {
  VECTOR sum = 0;
  for (size_t x = 0; x < planes.width; x += LANES) {
    VECTOR columns[LANES];
    load_columns(planes.height * planes.width, channels, row + x, planes.width - x, ahead, columns);
    UNROLL for (int l = 0; l < LANES; l++) NAME(store)(line + (x + (size_t)l) * LANES, columns[l]);
    UNROLL for (int half = LANES / 2; half > 0; half /= 2)
        UNROLL for (int l = 0; l < half; l++) columns[l] += columns[l + half];
    sum += columns[0];
  }
  return sum;
}

/// Transforms the tiles of `line` along the row.
INLINE void tiles_to_row(const winograd_strip *strip, const float *line, float *row, axis_transform transform,
                         const tile_sizes sizes) {
  const size_t whole = whole_tiles(strip, sizes), next = next_column(strip);
  for (size_t tile = 0; tile < whole; tile++, line += sizes.step * LANES, row += LANES)
    tile_to_row(line, row, next, transform, sizes, sizes.side);
  if (whole < strip->cols[0]) WITH_POINTS(strip->last_col, tile_to_row, line, row, next, transform, sizes);
}

/// Adds `shared`, the values that overlap with the tile before, and leaves in it those that overlap with the next tile.
INLINE void tile_from_row(const float *from, float *to, size_t next, VECTOR *shared, axis_transform transform,
                          const tile_sizes sizes, const int points) {
  VECTOR t[MOST_POINTS], x[MOST_POINTS];
  const int own = values_of(sizes, points) - shared_by(sizes);
  UNROLL for (int j = 0; j < points; j++) t[j] = NAME(load)(from + (size_t)j * next);
  transform(t, x, points);
  UNROLL for (int i = 0; i < shared_by(sizes); i++) x[i] += shared[i];
  UNROLL for (int i = 0; i < own; i++) NAME(store)(to + i * LANES, x[i]);
  UNROLL for (int i = 0; i < shared_by(sizes); i++) shared[i] = x[own + i];
}

INLINE void tiles_from_row(const winograd_strip *strip, const float *row, float *line, axis_transform transform,
                           const tile_sizes sizes) {
  const size_t whole = whole_tiles(strip, sizes), next = next_column(strip);
  VECTOR shared[MOST_SHARED];
  UNROLL for (int i = 0; i < shared_by(sizes); i++) shared[i] = 0;
  for (size_t tile = 0; tile < whole; tile++, line += sizes.step * LANES, row += LANES)
    tile_from_row(row, line, next, shared, transform, sizes, sizes.side);
  if (whole < strip->cols[0]) {
    WITH_POINTS(strip->last_col, tile_from_row, row, line, next, shared, transform, sizes);
    line += (sizes.step - sizes.side + strip->last_col) * LANES;
  }
  UNROLL for (int i = 0; i < shared_by(sizes); i++) NAME(store)(line + i * LANES, shared[i]);
}

/// The adjoint of `turn_row`, to a row of planes that lie `plane` apart.
static NOINLINE void turn_row_back(winograd_planes planes, size_t channels, const float *line, const float *bias,
                                   float *row, size_t plane, size_t ahead, bool add) {
  const VECTOR summand = bias ? NAME(load_some)(bias, channels) : 0;
  for (size_t x = 0; x < planes.width; x += LANES) {
    VECTOR turned[LANES];
    UNROLL for (int l = 0; l < LANES; l++) turned[l] = NAME(load)(line + (x + (size_t)l) * LANES) + summand;
    store_columns(plane, channels, row + x, planes.width - x, ahead, add, turned);
  }
}

// Along columns

/// Where the matrices of the points (i, j) of one column j hold a row of tiles, by the class of i.
typedef struct {
  float *of_class[3];
  size_t tiles;
} column_places;

INLINE column_places places_of(const winograd_strip *strip, winograd_points points, size_t row, size_t j,
                               const tile_sizes sizes) {
  column_places places = {.tiles = strip->cols[winograd_class(j, (size_t)sizes.side)]};
  UNROLL for (int i = 0; i < 3; i++)
      places.of_class[i] = points.start + j * points.point + (strip->above[i] + row) * places.tiles * points.row;
  return places;
}

INLINE void rows_to_points(const winograd_strip *strip, winograd_points to, size_t row, float *const *rows,
                           axis_transform transform, const tile_sizes sizes, const int points) {
  const size_t next_point = (size_t)sizes.side * to.point;
  for (size_t j = 0; j < (size_t)sizes.side; j++) {
    const column_places places = places_of(strip, to, row, j, sizes);
    for (size_t tile = 0; tile < places.tiles; tile++) {
      VECTOR x[MOST_POINTS], t[MOST_POINTS];
      UNROLL for (int i = 0; i < values_of(sizes, points); i++)
          x[i] = NAME(load)(rows[i] + (j * strip->cols[0] + tile) * LANES);
      transform(x, t, points);
      UNROLL for (int i = 0; i < points; i++)
          NAME(store)(places.of_class[winograd_class((size_t)i, (size_t)sizes.side)] + (size_t)i * next_point + tile * to.row, t[i]);
    }
  }
}

/// Rows that overlap with the row of tiles above are added to what that has left there.
INLINE void rows_from_points(const winograd_strip *strip, winograd_points from, size_t row, float *const *rows,
                             axis_transform transform, const tile_sizes sizes, const int points) {
  const size_t next_point = (size_t)sizes.side * from.point;
  for (size_t j = 0; j < (size_t)sizes.side; j++) {
    const column_places places = places_of(strip, from, row, j, sizes);
    for (size_t tile = 0; tile < places.tiles; tile++) {
      VECTOR x[MOST_POINTS], t[MOST_POINTS];
      UNROLL for (int i = 0; i < points; i++)
          t[i] = NAME(load)(places.of_class[winograd_class((size_t)i, (size_t)sizes.side)] + (size_t)i * next_point + tile * from.row);
      transform(t, x, points);
      UNROLL for (int i = 0; i < values_of(sizes, points); i++) {
        float *to = rows[i] + (j * strip->cols[0] + tile) * LANES;
        if (i < shared_by(sizes) && row > 0) x[i] += NAME(load)(to);
        NAME(store)(to, x[i]);
      }
    }
  }
}

// Whole strips

/// Lays out a strip's working memory, and returns its `line`.
INLINE float *begin_rows(const winograd_strip *strip, float **rows, float *work, const tile_sizes sizes) {
  UNROLL for (int i = 0; i < sizes.window; i++, work += strip->cols[0] * (size_t)sizes.side * LANES) rows[i] = work;
  return work;
}

/// Rotates `rows` so that those shared with the next row of tiles come first.
INLINE void pass_rows(float **rows, const tile_sizes sizes) {
  float *passed[MOST_POINTS];
  UNROLL for (int i = 0; i < sizes.window; i++) passed[i] = rows[i];
  UNROLL for (int i = 0; i < sizes.window; i++) rows[i] = passed[(i + sizes.step) % sizes.window];
}

/// A transform along a row, and one along columns to or from points.
typedef void (*along_row)(const winograd_strip *strip, const float *from, float *to);
typedef void (*along_columns)(const winograd_strip *strip, winograd_points points, size_t row, float *const *rows,
                              int here);

/// The rows of the planes that a strip reads or writes.
typedef struct {
  ptrdiff_t first, end;
} rows_of_planes;

INLINE rows_of_planes rows_of(winograd_planes planes, const winograd_strip *strip, const tile_sizes sizes) {
  const ptrdiff_t top = (ptrdiff_t)(strip->first_row * (size_t)sizes.step) - (ptrdiff_t)planes.top;
  const ptrdiff_t end = top + (ptrdiff_t)((strip->rows - 1) * (size_t)sizes.step) + values_of(sizes, strip->last_row);
  return (rows_of_planes){top < 0 ? 0 : top, end < (ptrdiff_t)planes.height ? end : (ptrdiff_t)planes.height};
}

/// The prefetch distance in elements: some rows further down in the strip, or at its end in the next planes.
INLINE size_t distance_ahead(winograd_planes planes, ptrdiff_t y, rows_of_planes rows) {
  enum { ROWS = 4 };
  const size_t below = ROWS * planes.width;
  if (y + ROWS < rows.end) return below;
  return LANES * planes.height * planes.width + below - (size_t)(rows.end - rows.first) * planes.width;
}

/// From planes to points.
INLINE void to_points(winograd_planes planes, const winograd_strip *strip, size_t channel, const float *from,
                      winograd_points points, float *work, along_row to_row, along_columns to_columns,
                      const tile_sizes sizes) {
  const size_t channels = planes.channels - channel < LANES ? planes.channels - channel : LANES;
  float *rows[MOST_POINTS], *line = begin_rows(strip, rows, work, sizes);
  memset(line, 0, (strip->cols[0] * (size_t)sizes.step + (size_t)shared_by(sizes)) * sizeof(VECTOR));
  from += strip->image * planes.image + channel * planes.height * planes.width;
  const rows_of_planes all = rows_of(planes, strip, sizes);
  for (size_t r = 0; r < strip->rows; r++) {
    const ptrdiff_t top = (ptrdiff_t)((strip->first_row + r) * (size_t)sizes.step) - (ptrdiff_t)planes.top;
    const int here = r + 1 == strip->rows ? strip->last_row : sizes.side;
    VECTOR sum = 0;
    for (int i = r == 0 ? 0 : shared_by(sizes); i < values_of(sizes, here); i++) {
      const ptrdiff_t y = top + i;
      if (y < 0 || y >= (ptrdiff_t)planes.height) {
        memset(rows[i], 0, strip->cols[0] * (size_t)sizes.side * sizeof(VECTOR));
        continue;
      }
      sum += turn_row(planes, channels, from + (size_t)y * planes.width, distance_ahead(planes, y, all),
                      line + planes.left * LANES);
      to_row(strip, line, rows[i]);
    }
    if (strip->sums) NAME(store)(strip->sums + r * strip->sums_row + channel, sum);
    to_columns(strip, points, r, rows, here);
    pass_rows(rows, sizes);
  }
}

/// From points to planes. Where tiles overlap, their values are added up.
INLINE void from_points(winograd_planes planes, const winograd_strip *strip, size_t channel, winograd_points points,
                        const float *bias, float *to, float *work, along_row from_row, along_columns from_columns,
                        const tile_sizes sizes) {
  const size_t channels = planes.channels - channel < LANES ? planes.channels - channel : LANES;
  const size_t plane = planes.height * planes.width, shared = (size_t)shared_by(sizes);
  float *rows[MOST_POINTS], *line = begin_rows(strip, rows, work, sizes);
  float *apart = strip->apart ? strip->apart + channel * shared * planes.width : NULL;
  to += strip->image * planes.image + channel * plane;
  const rows_of_planes all = rows_of(planes, strip, sizes);
  for (size_t r = 0; r < strip->rows; r++) {
    const bool last = r + 1 == strip->rows;
    const int here = last ? strip->last_row : sizes.side;
    from_columns(strip, points, r, rows, here);
    // A row of tiles completes the rows that it does not share with the next one; the last completes all of its rows.
    const ptrdiff_t top = (ptrdiff_t)((strip->first_row + r) * (size_t)sizes.step) - (ptrdiff_t)planes.top;
    const int complete = last ? values_of(sizes, here) : sizes.step;
    for (int i = 0; i < complete; i++) {
      const ptrdiff_t y = top + i;
      if (y < 0 || y >= (ptrdiff_t)planes.height) continue;
      const size_t in_strip = r * (size_t)sizes.step + (size_t)i;
      const bool in_common = in_strip < shared && strip->first_row > 0, kept_apart = in_common && apart;
      from_row(strip, rows[i], line);
      turn_row_back(planes, channels, line + planes.left * LANES, bias ? bias + channel : NULL,
                    kept_apart ? apart + in_strip * planes.width : to + (size_t)y * planes.width,
                    kept_apart ? shared * planes.width : plane, distance_ahead(planes, y, all),
                    in_common && !apart);
    }
    pass_rows(rows, sizes);
  }
}

// A transform for one `taps` and `side`. Its steps are functions of their own, so that each finds registers for all its
// constants.
#define TO_POINTS(name, formula, plane_sizes)                                                                         \
  INLINE void along_##name(const VECTOR *from, VECTOR *to, const int points) { formula; }                             \
  static NOINLINE void tiles_of_##name(const winograd_strip *strip, const float *from, float *to) {                   \
    const tile_sizes sizes = plane_sizes;                                                                             \
    tiles_to_row(strip, from, to, along_##name, sizes);                                                               \
  }                                                                                                                   \
  static NOINLINE void columns_of_##name(const winograd_strip *strip, winograd_points points, size_t row,             \
                                         float *const *rows, int here) {                                              \
    const tile_sizes sizes = plane_sizes;                                                                             \
    WITH_POINTS(here, rows_to_points, strip, points, row, rows, along_##name, sizes);                                 \
  }                                                                                                                   \
  static void name(winograd_planes planes, const winograd_strip *strip, size_t channel, const float *from,            \
                   winograd_points points, float *work) {                                                             \
    const tile_sizes sizes = plane_sizes;                                                                             \
    to_points(planes, strip, channel, from, points, work, tiles_of_##name, columns_of_##name, sizes);                 \
  }
#define FROM_POINTS(name, formula, plane_sizes)                                                                       \
  INLINE void along_##name(const VECTOR *from, VECTOR *to, const int points) { formula; }                             \
  static NOINLINE void tiles_of_##name(const winograd_strip *strip, const float *from, float *to) {                   \
    const tile_sizes sizes = plane_sizes;                                                                             \
    tiles_from_row(strip, from, to, along_##name, sizes);                                                             \
  }                                                                                                                   \
  static NOINLINE void columns_of_##name(const winograd_strip *strip, winograd_points points, size_t row,             \
                                         float *const *rows, int here) {                                              \
    const tile_sizes sizes = plane_sizes;                                                                             \
    WITH_POINTS(here, rows_from_points, strip, points, row, rows, along_##name, sizes);                               \
  }                                                                                                                   \
  static void name(winograd_planes planes, const winograd_strip *strip, size_t channel, winograd_points points,       \
                   const float *bias, float *to, float *work) {                                                       \
    const tile_sizes sizes = plane_sizes;                                                                             \
    from_points(planes, strip, channel, points, bias, to, work, tiles_of_##name, columns_of_##name, sizes);           \
  }

#define INPUTS(taps, side) {side, side, side + 1 - taps}
#define OUTPUTS(taps, side) {side, side + 1 - taps, side + 1 - taps}
#define WINOGRAD(taps, side)                                                                                          \
  TO_POINTS(input_##taps##_##side, input(from, to, side, points), INPUTS(taps, side))                                 \
  FROM_POINTS(input_gradient_##taps##_##side, input_adjoint(from, to, side, points), INPUTS(taps, side))              \
  FROM_POINTS(output_##taps##_##side, evaluate_adjoint(from, to, points + 1 - taps, side, points),                    \
              OUTPUTS(taps, side))                                                                                    \
  TO_POINTS(output_gradient_##taps##_##side, evaluate(from, to, points + 1 - taps, side, points),                     \
            OUTPUTS(taps, side))                                                                                      \
  static void weight_##taps##_##side(size_t count, const float *w, size_t kernel_step, size_t row_step,               \
                                     winograd_points points) {                                                        \
    weight_to_points(count, w, kernel_step, row_step, points, taps, side);                                            \
  }                                                                                                                   \
  static void weight_gradient_##taps##_##side(size_t count, winograd_points points, bool add, float *dw,              \
                                              size_t row_step) {                                                      \
    weight_from_points(count, points, add, dw, row_step, taps, side);                                                 \
  }

WINOGRAD(2, 5)
WINOGRAD(3, 6)
WINOGRAD(3, 8)
WINOGRAD(5, 8)

enum { WINOGRAD_LANES = LANES };  // while LANES means those of float

#define WINOGRAD_LOOPS(taps, side)                                                                                \
  {                                                                                                               \
    WINOGRAD_LANES, side, input_##taps##_##side, input_gradient_##taps##_##side, output_##taps##_##side,          \
        output_gradient_##taps##_##side, weight_##taps##_##side, weight_gradient_##taps##_##side                  \
  }
