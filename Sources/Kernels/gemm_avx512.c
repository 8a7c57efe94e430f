#include "gemm.h"

#if defined(__x86_64__)
#include <immintrin.h>  // before the target is changed: its functions keep the default one

#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512vl,avx512bw,avx512dq"), min_vector_width(512))), \
                             apply_to = function)

#define KERNELS gemm_avx512
#define VECTOR_BYTES 64
#define HAS_FMA 1
#define TILE_ROWS 14
#define WIDE_TILE_ROWS 6
#define WIDE_TILE_DEPTH 96
#define DOT_ROWS 5
#define DOT_COLS 5
#include "gemm_level.h"

#pragma clang attribute pop
#endif
