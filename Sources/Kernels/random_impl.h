// Random bits and normal numbers, one block a lane, compiled once for each instruction set.
#include "math_f32.h"
#include "random_kernels.h"

typedef uint32_t vu __attribute__((ext_vector_type(AG_LANES)));
typedef uint64_t vul __attribute__((ext_vector_type(AG_LANES)));

static void draw(uint64_t seed, uint64_t index, size_t blocks, uint32_t *words) {
  const uint64_t low = 0xffffffff;
  vul lane;
  for (int i = 0; i < AG_LANES; i++) lane[i] = (uint64_t)i;
  for (size_t block = 0; block < blocks; block += AG_LANES, words += 4 * AG_LANES) {
    // Words of 32 bits in lanes of 64, which hold their products.
    vul counter = index + block + lane;
    vul c0 = counter & low, c1 = counter >> 32, c2 = 0, c3 = 0;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
#pragma clang loop unroll(full)
    for (int round = 0; round < AG_PHILOX_ROUNDS; round++, k0 += AG_PHILOX_W0, k1 += AG_PHILOX_W1) {
      // The masks change nothing, but say that a 32-bit multiplication will do.
      vul first = (c0 & low) * (uint64_t)AG_PHILOX_M0, second = (c2 & low) * (uint64_t)AG_PHILOX_M1;
      c0 = (second >> 32) ^ c1 ^ (uint64_t)k0;
      c1 = second & low;
      c2 = (first >> 32) ^ c3 ^ (uint64_t)k1;
      c3 = first & low;
    }
    vul first_half = c0 | c1 << 32, second_half = c2 | c3 << 32;
    for (int i = 0; i < AG_LANES; i++) {
      uint64_t pair[2] = {first_half[i], second_half[i]};
      memcpy(words + 4 * i, pair, sizeof pair);
    }
  }
}

/// Box and Muller: from two words, r = √(−2 log u) and an angle, two independent normals r·cos and r·sin.
static void normal_f32(size_t blocks, const uint32_t *words, float mean, float deviation, float *out) {
  size_t pairs = 2 * blocks;
  for (size_t begin = 0; begin < pairs; begin += AG_LANES) {
    size_t count = pairs - begin < AG_LANES ? pairs - begin : AG_LANES;
    vu radius_bits = 0, angle_bits = 0;
    for (size_t i = 0; i < count; i++) {
      radius_bits[i] = words[2 * (begin + i)];
      angle_bits[i] = words[2 * (begin + i) + 1];
    }
    // u lies at the middle of its cell, so that it is never 0.
    vf u = __builtin_convertvector(radius_bits, vf) * 0x1p-32f + 0x1p-33f;
    vf r = deviation * __builtin_elementwise_sqrt(-2.0f * log_core_f32(u, (vf)0.0f));
    // The angle in quarter turns: its nearest integer is the quadrant, what is left lies within ±½ quarter turn.
    vi quarter = __builtin_convertvector((angle_bits + 0x20000000u) >> 30, vi);
    vi rest = __builtin_bit_cast(vi, angle_bits - (__builtin_bit_cast(vu, quarter) << 30));
    vf angle = __builtin_convertvector(rest, vf) * 0x1.921fb6p-30f;
    vf sine = turned_sin_f32(angle, quarter), cosine = turned_sin_f32(angle, quarter + 1);
    vf x = fma_f32(r, cosine, (vf)mean), y = fma_f32(r, sine, (vf)mean);
    for (size_t i = 0; i < count; i++) {
      out[2 * (begin + i)] = x[i];
      out[2 * (begin + i) + 1] = y[i];
    }
  }
}

const ag_random_loops AG_NAME(ag_random_loops) = {.draw = draw, .normal_f32 = normal_f32};
