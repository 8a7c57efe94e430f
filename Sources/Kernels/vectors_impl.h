// The loops of factorizations, compiled once for each instruction set.
#include "ag_simd.h"
#include "vectors_kernels.h"

enum {
  AHEAD = 4,     // registers of a row that go through all rotations at once
  TOGETHER = 4,  // rows of a symmetric matrix that are updated at once
};

#define TYPED "vectors_typed.h"
#include "both_floats.h"

#define TABLE(type) \
  const ag_vector_loops_##type AG_NAME(ag_vector_loops_##type) = {dot_##type, add_scaled_##type, rotate_##type, \
                                                                  rotate_rows_##type, update_and_multiply_##type};
TABLE(f32)
TABLE(f64)
