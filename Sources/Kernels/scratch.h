// Working memory that a thread keeps from call to call, so that repeated loops of the same size allocate nothing.
#ifndef AG_SCRATCH_H
#define AG_SCRATCH_H
#include <stddef.h>

/// What a buffer is for. Uses nest, and each has a buffer of its own: AG_SCRATCH_OPERANDS is for operands prepared
/// for a call of another kernel, a call uses AG_SCRATCH_CALL for what its threads share; on each of them
/// AG_SCRATCH_PART is for the part in hand, AG_SCRATCH_TASK for a loop within that part, and AG_SCRATCH_GEMM for
/// matrix products within the loop.
typedef enum {
  AG_SCRATCH_GEMM,
  AG_SCRATCH_TASK,
  AG_SCRATCH_PART,
  AG_SCRATCH_CALL,
  AG_SCRATCH_OPERANDS,
  AG_SCRATCH_COUNT
} ag_scratch_use;

/// At least `bytes` of memory aligned to 64 bytes. The calling thread owns it until it asks for the same use again.
void *ag_scratch(ag_scratch_use use, size_t bytes);

#endif
