#ifndef AG_MEMORY_H
#define AG_MEMORY_H
#include "ag_types.h"

/// Bytes that threads keep as working memory from call to call.
size_t ag_scratch_bytes(void);

/// Gives them back: those of the calling thread and of idle workers at once, those of any other thread when it next asks
/// for some.
void ag_scratch_trim(void);

#endif
