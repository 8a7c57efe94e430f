#ifndef AG_MEMORY_H
#define AG_MEMORY_H
#include "ag_types.h"

/// Uninitialized memory aligned to 64 bytes, to be released by `free`; NULL if there is none. On Linux, the part that
/// covers whole 2 MB pages consists of such pages if the system allows it: one is much cheaper to obtain than 512 pages
/// of 4 KB, and takes a single TLB entry.
void *ag_fresh_memory(size_t bytes);

/// The bytes of scratch memory that threads keep from call to call.
size_t ag_scratch_bytes(void);

/// Releases that memory: the calling thread's and that of idle workers at once, any other thread's when it next asks
/// for some.
void ag_scratch_trim(void);

#endif
