#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <math.h>
#include <string.h>

#include "conv_kernels.h"
#include "pool2d_kernels.h"
#include "winograd_kernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(                                                                           \
    __attribute__((target("avx2,fma,avx512f,avx512vl,avx512bw,avx512dq"), min_vector_width(512))), \
    apply_to = function)

#define AT_LEVEL(name) name##_avx512
#define VECTOR_BYTES 64
#define HAS_FMA 1
#include "conv_level.h"

#pragma clang attribute pop
#endif
