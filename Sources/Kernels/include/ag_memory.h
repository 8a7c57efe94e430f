#ifndef AG_MEMORY_H
#define AG_MEMORY_H
#include "ag_types.h"

/// Fresh memory aligned to 64, to be given back by `free`; NULL where there is none. Where it covers large pages (2 MB, on
/// Linux) it is made of these: one costs the system a small part of what 512 pages of 4 KB do, and the processor remembers
/// where more of it lies.
void *ag_fresh_memory(size_t bytes);

/// Bytes that threads keep as working memory from call to call.
size_t ag_scratch_bytes(void);

/// Gives them back: those of the calling thread and of idle workers at once, those of any other thread when it next asks
/// for some.
void ag_scratch_trim(void);

#endif
