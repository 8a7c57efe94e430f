// Masked loads and stores, for VALUE (see gemm_simd.h) at the level being compiled. The memory of the other lanes is
// not touched, so rows of any length can be read and written in place. AVX-512 and AVX2 have instructions for that;
// without them lanes are moved one by one.

#if VECTOR_BYTES == 64 && VALUE_BYTES == 4
#define LANE_SET __mmask16
#define LOAD_LANES(p, set) _mm512_maskz_loadu_ps(set, p)
#define STORE_LANES(p, set, x) _mm512_mask_storeu_ps(p, set, x)
#elif VECTOR_BYTES == 64
#define LANE_SET __mmask8
#define LOAD_LANES(p, set) _mm512_maskz_loadu_pd(set, p)
#define STORE_LANES(p, set, x) _mm512_mask_storeu_pd(p, set, x)
#elif VECTOR_BYTES == 32 && VALUE_BYTES == 4
#define LANE_SET __m256i
#define LOAD_LANES(p, set) _mm256_maskload_ps(p, set)
#define STORE_LANES(p, set, x) _mm256_maskstore_ps(p, set, x)
#elif VECTOR_BYTES == 32
#define LANE_SET __m256i
#define LOAD_LANES(p, set) _mm256_maskload_pd(p, set)
#define STORE_LANES(p, set, x) _mm256_maskstore_pd(p, set, x)
#else
typedef struct {
  size_t first, last;
} NAME(lane_range);
#define LANE_SET NAME(lane_range)
#endif

typedef LANE_SET NAME(lane_set);

/// The number of each lane.
INLINE MASK NAME(lane_numbers)(void) {
  MASK lane;
  UNROLL for (int t = 0; t < LANES; t++) lane[t] = t;
  return lane;
}

/// All ones in the first `count` lanes.
INLINE MASK NAME(first_lanes)(size_t count) { return NAME(lane_numbers)() < (MASK)(typeof(NAME(lane_numbers)()[0]))count; }

/// The lanes first..<last, clipped to those that exist.
INLINE NAME(lane_set) NAME(lanes)(ptrdiff_t first, ptrdiff_t last) {
  if (first < 0) first = 0;
  if (last > LANES) last = LANES;
  if (last < first) last = first = 0;
#if VECTOR_BYTES == 64
  return (NAME(lane_set))((1u << last) - (1u << first));
#elif VECTOR_BYTES == 32
  return (__m256i)(NAME(first_lanes)((size_t)last) & ~NAME(first_lanes)((size_t)first));
#else
  return (NAME(lane_set)){(size_t)first, (size_t)last};
#endif
}

/// The lanes of the set; the others are 0.
INLINE VECTOR NAME(load_lanes)(const VALUE *p, NAME(lane_set) set) {
#if VECTOR_BYTES >= 32
  return (VECTOR)LOAD_LANES(p, set);
#else
  VECTOR x = 0;
  UNROLL for (size_t t = 0; t < LANES; t++) if (t >= set.first && t < set.last) x[t] = p[t];
  return x;
#endif
}

/// Stores the lanes of the set.
INLINE void NAME(store_lanes)(VALUE *p, NAME(lane_set) set, VECTOR x) {
#if VECTOR_BYTES >= 32
  STORE_LANES(p, set, (typeof(LOAD_LANES(p, set)))x);
#else
  UNROLL for (size_t t = 0; t < LANES; t++) if (t >= set.first && t < set.last) p[t] = x[t];
#endif
}

/// The first `count` values, or a whole vector if there are as many; other lanes are 0.
INLINE VECTOR NAME(load_some)(const VALUE *p, size_t count) {
  return count >= LANES ? NAME(load)(p) : NAME(load_lanes)(p, NAME(lanes)(0, (ptrdiff_t)count));
}

/// Stores the first `count` values, or all if there are as many.
INLINE void NAME(store_some)(VALUE *p, size_t count, VECTOR x) {
  if (count >= LANES) NAME(store)(p, x);
  else NAME(store_lanes)(p, NAME(lanes)(0, (ptrdiff_t)count), x);
}

#undef LANE_SET
#undef LOAD_LANES
#undef STORE_LANES

/// Copies `count` values.
INLINE void NAME(copy_run)(VALUE *to, const VALUE *from, size_t count) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) NAME(store)(to + i, NAME(load)(from + i));
  if (i < count) NAME(store_some)(to + i, count - i, NAME(load_some)(from + i, count - i));
}

// Splits two consecutive vectors into their even and their odd values; and interleaves such a pair again, into
// the first or the second vector.
#undef EVEN_VALUES
#undef ODD_VALUES
#undef FIRST_IN_TURN
#undef SECOND_IN_TURN
#define EVERY_OTHER(t, odd) (2 * (t) + (odd))
#define IN_TURN(t, second) ((t) / 2 + (second) * LANES / 2 + ((t) & 1) * LANES)
#define EVEN_VALUES(a, b) __builtin_shufflevector(a, b, EACH_LANE(EVERY_OTHER, 0, 0))
#define ODD_VALUES(a, b) __builtin_shufflevector(a, b, EACH_LANE(EVERY_OTHER, 0, 1))
#define FIRST_IN_TURN(a, b) __builtin_shufflevector(a, b, EACH_LANE(IN_TURN, 0, 0))
#define SECOND_IN_TURN(a, b) __builtin_shufflevector(a, b, EACH_LANE(IN_TURN, 0, 1))

// Strided access to a row of `width` values: lane l is value number at + l · stride, or 0 outside the row.

/// The lanes that lie inside the row.
INLINE MASK NAME(inside_row)(ptrdiff_t at, size_t stride, size_t width) {
  const MASK place = (MASK)(typeof(NAME(lane_numbers)()[0]))at + NAME(lane_numbers)() * (typeof(NAME(lane_numbers)()[0]))stride;
  return (place >= 0) & (place < (MASK)(typeof(place[0]))width);
}

INLINE VECTOR NAME(load_row)(const VALUE *row, ptrdiff_t at, size_t stride, size_t width) {
  const ptrdiff_t end = (ptrdiff_t)width;
  const VALUE *p = row + at;
  if (stride == 1) {
    if (at >= 0 && at + LANES <= end) return NAME(load)(p);
    return NAME(load_lanes)(p, NAME(lanes)(-at, end - at));
  }
  if (stride == 2) {
    VECTOR a, b;
    if (at >= 0 && at + 2 * LANES <= end) {
      a = NAME(load)(p), b = NAME(load)(p + LANES);
    } else {
      a = NAME(load_lanes)(p, NAME(lanes)(-at, end - at));
      b = NAME(load_lanes)(p + LANES, NAME(lanes)(-at - LANES, end - at - LANES));
    }
    return EVEN_VALUES(a, b);
  }
  VECTOR x = 0;
  for (int l = 0; l < LANES; l++, at += (ptrdiff_t)stride) if (at >= 0 && at < end) x[l] = row[at];
  return x;
}

/// The adjoint: adds the lanes to the row. May add 0 to the values between them.
INLINE void NAME(add_to_row)(VALUE *row, ptrdiff_t at, size_t stride, size_t width, VECTOR x) {
  const ptrdiff_t end = (ptrdiff_t)width;
  if (stride <= 2) {
    const VECTOR pieces[2] = {stride == 1 ? x : FIRST_IN_TURN(x, (VECTOR)0), SECOND_IN_TURN(x, (VECTOR)0)};
    for (size_t i = 0; i < stride; i++, at += LANES) {
      const NAME(lane_set) inside = NAME(lanes)(-at, end - at);
      NAME(store_lanes)(row + at, inside, NAME(load_lanes)(row + at, inside) + pieces[i]);
    }
    return;
  }
  for (int l = 0; l < LANES; l++, at += (ptrdiff_t)stride) if (at >= 0 && at < end) row[at] += x[l];
}
