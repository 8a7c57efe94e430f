// All kernels of one level, for float and for double. The including file defines KERNELS, the name of their table;
// VECTOR_BYTES; HAS_FMA; TILE_ROWS, the most rows of a tile of one or two vectors, and WIDE_TILE_ROWS, of a tile of
// four; WIDE_TILE_DEPTH, the largest k for which tiles of four vectors are used however many rows there are; DOT_ROWS
// and DOT_COLS, the size of a group of dot products.

#define VALUE float
#define VALUE_BYTES 4
#define NAME(x) x##_f32
#include "gemm_simd.h"
#include "gemm_tile.h"
#include "gemm_dot.h"
#include "gemm_blocks.h"

#undef VALUE
#undef VALUE_BYTES
#undef NAME
#define VALUE double
#define VALUE_BYTES 8
#define NAME(x) x##_f64
#include "gemm_simd.h"
#include "gemm_tile.h"
#include "gemm_dot.h"
#include "gemm_blocks.h"

const gemm_kernels KERNELS[2] = {
    {blocks_f32, dots_f32, TILE_ROWS, panel_f32, VECTOR_BYTES / sizeof(float)},
    {blocks_f64, dots_f64, TILE_ROWS, panel_f64, VECTOR_BYTES / sizeof(double)},
};
