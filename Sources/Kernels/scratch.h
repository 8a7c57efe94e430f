// Working memory that a thread keeps from call to call, so that loops of the same size ask the system for none.
#ifndef AG_SCRATCH_H
#define AG_SCRATCH_H
#include <stddef.h>

/// Who uses a buffer. A call uses AG_SCRATCH_CALL for what its threads share, and on each of them AG_SCRATCH_PART for
/// the part at hand, AG_SCRATCH_TASK for a loop of that part, and within it products of matrices use AG_SCRATCH_GEMM.
typedef enum { AG_SCRATCH_GEMM, AG_SCRATCH_TASK, AG_SCRATCH_PART, AG_SCRATCH_CALL, AG_SCRATCH_COUNT } ag_scratch_use;

/// At least `bytes` of memory aligned to 64, the calling thread's own until it asks again for the same use.
void *ag_scratch(ag_scratch_use use, size_t bytes);

#endif
