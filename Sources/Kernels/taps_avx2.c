#if defined(__x86_64__)
#define AG_LEVEL 1
#include "ag_simd.h"
#include "taps_impl.h"
AG_SIMD_END
#endif
