#include "gemm.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"), min_vector_width(256))), apply_to = function)

#define KERNELS gemm_avx2
#define VECTOR_BYTES 32
#define HAS_FMA 1
#define TILE_ROWS 6
#define WIDE_TILE_ROWS 3
#define WIDE_TILE_DEPTH 0
#define DOT_ROWS 3
#define DOT_COLS 4
#include "gemm_level.h"

#pragma clang attribute pop
#endif
