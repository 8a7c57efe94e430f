#include "gemm.h"

#define KERNELS gemm_baseline
#define VECTOR_BYTES 16
#define WIDE_TILE_DEPTH 0
#define DOT_COLS 4
#if defined(__aarch64__)  // NEON has 32 registers. Tested in an emulator only: Tests/KernelSweeps/arm64.
#define HAS_FMA 1
#define TILE_ROWS 12
#define WIDE_TILE_ROWS 6
#define DOT_ROWS 4
#else
#define HAS_FMA 0
#define TILE_ROWS 4
#define WIDE_TILE_ROWS 2
#define DOT_ROWS 2
#endif
#include "gemm_level.h"
