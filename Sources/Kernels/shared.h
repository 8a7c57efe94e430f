// Shared by the sources that choose loops and divide work.
#ifndef AG_SHARED_H
#define AG_SHARED_H
#include "ag_level.h"

/// A family's table of loops for the instruction set in use: see ag_simd.h.
#if defined(__x86_64__)
#define AG_IN_USE(name) \
  ((const typeof(name##_baseline) *const[]){&name##_baseline, &name##_avx2, &name##_avx512}[ag_current_level()])
#else
#define AG_IN_USE(name) (&name##_baseline)
#endif

/// Bytes of an element.
static inline size_t ag_size(ag_dtype type) {
  static const uint8_t sizes[AG_DTYPE_COUNT] = {4, 8, 4, 8, 1, 1};
  return sizes[type];
}

static inline size_t ag_min(size_t a, size_t b) { return a < b ? a : b; }

#endif
