#define AG_LEVEL 0
#include "ag_simd.h"
#include "taps_impl.h"
AG_SIMD_END
