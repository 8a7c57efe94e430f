// Winograd's transforms along one axis (see winograd_kernels.h), for float at the level being compiled.
//
// The evaluation points are 0, ±P, ∞, ±Q and, with 8 points, ±R, in this order; an odd number of points leaves out ∞. They
// are symmetric, so that the two of a pair share their even and odd powers, and close to 1, so that powers stay small.
// With 6 points, 5/8 and 3/2 halve the error of the customary 1 and 2, with 5 points 3/4 and 2 do; with 8, no choice is
// better than the customary 1/2, 1 and 2. A small tile, which has fewer outputs, uses only the first of these points. Let
// N be the product of a point's distances to the others (the denominator in Lagrange interpolation):
//   A c  = the values of the polynomial c at the points (at ∞: its leading coefficient); for tiles of outputs
//   G g  = the same for kernels, divided by N
//   Bᵀ d = for each point, the dot product of d with the coefficients of the product of (x − other points)
// In a small tile N has fewer factors than the N that G divides by. There Bᵀ multiplies by the missing factors, so that
// kernels are transformed once for all tile sizes.
//
// `side` is the number of points of a whole tile, `points` the number of those that this tile has, the same or 2 or 4
// fewer. Both are constants once inlined. Arrays of vectors are indexed only by constants (UNROLL), so that they stay in
// registers.

enum { MOST_POINTS = WINOGRAD_MOST_SIDE };

/// P, Q or R.
INLINE float point_of_pair(const int side, const int pair) {
  if (side == 5) return pair == 0 ? 0.75f : 2;
  return pair == 0 ? 0.5f : pair == 1 ? 1 : 2;
}
INLINE float square_of_pair(const int side, const int pair) {
  return point_of_pair(side, pair) * point_of_pair(side, pair);
}
INLINE int pairs_of(const int points) { return (points - 1) / 2; }
INLINE bool has_infinity(const int side) { return side % 2 == 0; }
/// The index of a pair's positive point; the negative one follows.
INLINE int place_of_pair(const int side, const int pair) { return 1 + 2 * pair + (pair > 0 && has_infinity(side)); }

INLINE float power(const float x, const int exponent) {
  float y = 1;
  UNROLL for (int i = 0; i < exponent; i++) y *= x;
  return y;
}

/// Evaluates the polynomial with `count` coefficients at the points.
INLINE void evaluate(const VECTOR *c, VECTOR *t, const int count, const int side, const int points) {
  t[0] = c[0];
  if (has_infinity(side)) t[3] = c[count - 1];
  UNROLL for (int pair = 0; pair < pairs_of(points); pair++) {
    const float p = point_of_pair(side, pair), p2 = p * p;
    const int last_even = (count - 1) / 2 * 2, last_odd = count / 2 * 2 - 1;
    VECTOR even = c[last_even], odd = c[last_odd];
    UNROLL for (int i = last_even - 2; i >= 0; i -= 2) even = c[i] + p2 * even;
    UNROLL for (int i = last_odd - 2; i >= 1; i -= 2) odd = c[i] + p2 * odd;
    t[place_of_pair(side, pair)] = even + p * odd;
    t[place_of_pair(side, pair) + 1] = even - p * odd;
  }
}

/// The adjoint of `evaluate`.
INLINE void evaluate_adjoint(const VECTOR *t, VECTOR *c, const int count, const int side, const int points) {
  VECTOR sum[3], difference[3];
  UNROLL for (int pair = 0; pair < pairs_of(points); pair++) {
    sum[pair] = t[place_of_pair(side, pair)] + t[place_of_pair(side, pair) + 1];
    difference[pair] = t[place_of_pair(side, pair)] - t[place_of_pair(side, pair) + 1];
  }
  UNROLL for (int i = 0; i < count; i++) {
    const VECTOR *of = i % 2 ? difference : sum;
    c[i] = power(point_of_pair(side, 0), i) * of[0];
    UNROLL for (int pair = 1; pair < pairs_of(points); pair++) c[i] += power(point_of_pair(side, pair), i) * of[pair];
  }
  c[0] += t[0];
  if (has_infinity(side)) c[count - 1] += t[3];
}

/// The product of x² − p² over the pairs from `begin` up to `end`, without the pair `but`.
INLINE float distances(const float x2, const int side, const int begin, const int end, const int but) {
  float product = 1;
  UNROLL for (int pair = begin; pair < end; pair++) if (pair != but) product *= x2 - square_of_pair(side, pair);
  return product;
}

/// Divides by N, which is 1 at infinity.
INLINE void divide(VECTOR *t, const int side) {
  t[0] *= 1 / distances(0, side, 0, pairs_of(side), -1);
  UNROLL for (int pair = 0; pair < pairs_of(side); pair++) {
    const float p2 = square_of_pair(side, pair), factor = 1 / (2 * p2 * distances(p2, side, 0, pairs_of(side), pair));
    t[place_of_pair(side, pair)] *= factor;
    t[place_of_pair(side, pair) + 1] *= factor;
  }
}

INLINE void kernel(const VECTOR *g, VECTOR *t, const int taps, const int side) {
  evaluate(g, t, taps, side, side);
  divide(t, side);
}
INLINE void kernel_adjoint(const VECTOR *t, VECTOR *g, const int taps, const int side) {
  VECTOR divided[MOST_POINTS];
  UNROLL for (int i = 0; i < side; i++) divided[i] = t[i];
  divide(divided, side);
  evaluate_adjoint(divided, g, taps, side, side);
}

/// The coefficient of x²ⁱ in the product of x² − p² over a tile's pairs, without the pair `but` (-1: over all of them).
INLINE float coefficient(const int side, const int points, const int but, const int i) {
  float s[3];
  UNROLL for (int pair = 0; pair < 3; pair++)
      s[pair] = pair < pairs_of(points) && pair != but ? square_of_pair(side, pair) : 0;
  const int degree = pairs_of(points) - (but >= 0);
  if (i == degree) return 1;
  if (i == degree - 1) return -(s[0] + s[1] + s[2]);
  if (i == degree - 2) return s[0] * s[1] + s[0] * s[2] + s[1] * s[2];
  return -(s[0] * s[1] * s[2]);
}

/// The factors of N that a small tile's point lacks.
INLINE float missing(const float x2, const int side, const int points) {
  return distances(x2, side, pairs_of(points), pairs_of(side), -1);
}

/// The dot product of these coefficients with d[0], d[2] and so on.
INLINE VECTOR with_coefficients(const VECTOR *d, const int side, const int points, const int but) {
  const int degree = pairs_of(points) - (but >= 0);
  VECTOR sum = d[2 * degree];
  UNROLL for (int i = degree - 1; i >= 0; i--) sum += coefficient(side, points, but, i) * d[2 * i];
  return sum;
}

INLINE void input(const VECTOR *d, VECTOR *t, const int side, const int points) {
  t[0] = missing(0, side, points) * with_coefficients(d, side, points, -1);
  if (has_infinity(side)) t[3] = with_coefficients(d + 1, side, points, -1);
  UNROLL for (int pair = 0; pair < pairs_of(points); pair++) {
    const float p = point_of_pair(side, pair), factor = missing(p * p, side, points);
    const VECTOR even = factor * with_coefficients(d + 2, side, points, pair);
    const VECTOR odd = with_coefficients(d + 1, side, points, pair);
    t[place_of_pair(side, pair)] = even + factor * p * odd;
    t[place_of_pair(side, pair) + 1] = even - factor * p * odd;
  }
}
INLINE void input_adjoint(const VECTOR *t, VECTOR *d, const int side, const int points) {
  VECTOR even[3], odd[3];
  UNROLL for (int pair = 0; pair < pairs_of(points); pair++) {
    const float p = point_of_pair(side, pair), factor = missing(p * p, side, points);
    even[pair] = factor * (t[place_of_pair(side, pair)] + t[place_of_pair(side, pair) + 1]);
    odd[pair] = factor * p * (t[place_of_pair(side, pair)] - t[place_of_pair(side, pair) + 1]);
  }
  const VECTOR first = missing(0, side, points) * t[0];
  UNROLL for (int i = 0; i <= pairs_of(points); i++) {
    d[2 * i] = coefficient(side, points, -1, i) * first;
    if (has_infinity(side)) d[2 * i + 1] = coefficient(side, points, -1, i) * t[3];
    else if (i < pairs_of(points)) d[2 * i + 1] = 0;
    UNROLL for (int pair = 0; pair < pairs_of(points); pair++) {
      if (i > 0) d[2 * i] += coefficient(side, points, pair, i - 1) * even[pair];
      if (i < pairs_of(points)) d[2 * i + 1] += coefficient(side, points, pair, i) * odd[pair];
    }
  }
}
