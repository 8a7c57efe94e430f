// Numbers as bits in the same order. −0 equals 0, NaN is largest.
#ifndef AG_ORDERED_H
#define AG_ORDERED_H
#include "ag_types.h"

/// Flips all bits of negative numbers, the sign of others.
static inline uint32_t ordered_f32(float x) {
  if (x != x) return UINT32_MAX;
  uint32_t bits = __builtin_bit_cast(uint32_t, x == 0 ? 0 : x);
  return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}
static inline uint64_t ordered_f64(double x) {
  if (x != x) return UINT64_MAX;
  uint64_t bits = __builtin_bit_cast(uint64_t, x == 0 ? 0 : x);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}
static inline uint32_t ordered_i32(int32_t x) { return (uint32_t)x ^ UINT32_C(1) << 31; }
static inline uint64_t ordered_i64(int64_t x) { return (uint64_t)x ^ UINT64_C(1) << 63; }
static inline uint32_t ordered_u8(uint8_t x) { return x; }

#endif
