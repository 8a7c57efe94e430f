#ifndef AG_LEVEL_H
#define AG_LEVEL_H
#include "ag_types.h"

/// Instruction sets a kernel is compiled for. On arm64 the baseline is NEON.
typedef enum : uint8_t {
  AG_LEVEL_BASELINE = 0,
  AG_LEVEL_AVX2 = 1,    // AVX2 and FMA
  AG_LEVEL_AVX512 = 2,  // AVX-512 F, VL, BW, DQ
} ag_level;

/// The level in use: the best the processor has, or less if the environment variable AUTOGRAD_ISA
/// (`baseline`, `avx2` or `avx512`) asks for less. Chosen once, at the first call.
ag_level ag_current_level(void);

/// The number of multiplications that take one thread about 15 µs at the level in use. A loop of twice as many is worth
/// a second thread.
size_t ag_worth_a_thread(ag_dtype type);

/// `baseline`, `avx2` or `avx512`; `neon` for the baseline on arm64.
const char *ag_level_name(ag_level level);

#endif
