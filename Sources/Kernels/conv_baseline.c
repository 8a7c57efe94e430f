#include <math.h>
#include <string.h>

#include "conv_kernels.h"
#include "pool2d_kernels.h"
#include "winograd_kernels.h"

#define AT_LEVEL(name) name##_baseline
#define VECTOR_BYTES 16
#if defined(__aarch64__)  // NEON: tested in an emulator only, by Tests/KernelSweeps/arm64
#define HAS_FMA 1
#else
#define HAS_FMA 0
#endif
#include "conv_level.h"
