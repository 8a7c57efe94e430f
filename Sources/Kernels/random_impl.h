// Random bits and normal numbers, one block per lane, compiled once for each instruction set.
#include "math_f32.h"
#include "random_kernels.h"

typedef uint32_t vu __attribute__((ext_vector_type(AG_LANES)));
typedef uint64_t vul __attribute__((ext_vector_type(AG_LANES)));

// For two vectors a and b: their lanes interleaved, a₀ b₀ a₁ b₁ …, first and second half; and
// all even and all odd lanes.
#if AG_LANES == 16
#define FIRST_IN_TURN 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define SECOND_IN_TURN 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define EVEN_LANES 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD_LANES 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#elif AG_LANES == 8
#define FIRST_IN_TURN 0, 8, 1, 9, 2, 10, 3, 11
#define SECOND_IN_TURN 4, 12, 5, 13, 6, 14, 7, 15
#define EVEN_LANES 0, 2, 4, 6, 8, 10, 12, 14
#define ODD_LANES 1, 3, 5, 7, 9, 11, 13, 15
#else
#define FIRST_IN_TURN 0, 4, 1, 5
#define SECOND_IN_TURN 2, 6, 3, 7
#define EVEN_LANES 0, 2, 4, 6
#define ODD_LANES 1, 3, 5, 7
#endif

static void draw(uint64_t seed, uint64_t index, size_t blocks, uint32_t *words) {
  const uint64_t low = 0xffffffff;
  vul lane;
  for (int i = 0; i < AG_LANES; i++) lane[i] = (uint64_t)i;
  for (size_t block = 0; block < blocks; block += AG_LANES, words += 4 * AG_LANES) {
    // 32-bit words in lanes of 64 bits, which hold their products.
    vul counter = index + block + lane;
    vul c0 = counter & low, c1 = counter >> 32, c2 = 0, c3 = 0;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
#pragma clang loop unroll(full)
    for (int round = 0; round < AG_PHILOX_ROUNDS; round++, k0 += AG_PHILOX_W0, k1 += AG_PHILOX_W1) {
      // The masks change nothing, but tell the compiler that a 32-bit multiplication is enough.
      vul first = (c0 & low) * (uint64_t)AG_PHILOX_M0, second = (c2 & low) * (uint64_t)AG_PHILOX_M1;
      c0 = (second >> 32) ^ c1 ^ (uint64_t)k0;
      c1 = second & low;
      c2 = (first >> 32) ^ c3 ^ (uint64_t)k1;
      c3 = first & low;
    }
    vul first_half = c0 | c1 << 32, second_half = c2 | c3 << 32;
    vul first_blocks = __builtin_shufflevector(first_half, second_half, FIRST_IN_TURN);
    vul second_blocks = __builtin_shufflevector(first_half, second_half, SECOND_IN_TURN);
    memcpy(words, &first_blocks, sizeof first_blocks);
    memcpy(words + 2 * AG_LANES, &second_blocks, sizeof second_blocks);
  }
}

/// Box-Muller: turns two words into r = √(−2 log u) and an angle, and these into two
/// independent normals, r·cos and r·sin.
AG_INLINE void normal_pairs_f32(const uint32_t *words, vf mean, vf deviation, float *out) {
  vu a, b;
  memcpy(&a, words, sizeof a);
  memcpy(&b, words + AG_LANES, sizeof b);
  vu radius_bits = __builtin_shufflevector(a, b, EVEN_LANES), angle_bits = __builtin_shufflevector(a, b, ODD_LANES);
  // u is at the middle of its interval, so that it is never 0.
  vf u = __builtin_convertvector(radius_bits, vf) * 0x1p-32f + 0x1p-33f;
  vf r = deviation * __builtin_elementwise_sqrt(-2.0f * log_core_f32(u, (vf)0.0f));
  // The angle in quarter turns: the nearest integer is the quadrant, the rest is within ±½ quarter turn.
  vi quarter = __builtin_convertvector((angle_bits + 0x20000000u) >> 30, vi);
  vi rest = __builtin_bit_cast(vi, angle_bits - (__builtin_bit_cast(vu, quarter) << 30));
  vf angle = __builtin_convertvector(rest, vf) * 0x1.921fb6p-30f;
  vf x = fma_f32(r, turned_sin_f32(angle, quarter + 1), mean), y = fma_f32(r, turned_sin_f32(angle, quarter), mean);
  store_f32(out, __builtin_shufflevector(x, y, FIRST_IN_TURN));
  store_f32(out + AG_LANES, __builtin_shufflevector(x, y, SECOND_IN_TURN));
}

static void normal_f32(size_t blocks, const uint32_t *words, float mean, float deviation, float *out) {
  enum { AT_ONCE = 2 * AG_LANES };
  size_t n = 4 * blocks, rest = n % AT_ONCE;
  for (size_t i = 0; i < n - rest; i += AT_ONCE)
    normal_pairs_f32(words + i, (vf)mean, (vf)deviation, out + i);
  if (rest == 0) return;
  uint32_t last_words[AT_ONCE] = {0};
  float last[AT_ONCE];
  memcpy(last_words, words + n - rest, rest * sizeof(uint32_t));
  normal_pairs_f32(last_words, (vf)mean, (vf)deviation, last);
  memcpy(out + n - rest, last, rest * sizeof(float));
}

const ag_random_loops AG_NAME(ag_random_loops) = {.draw = draw, .normal_f32 = normal_f32};
