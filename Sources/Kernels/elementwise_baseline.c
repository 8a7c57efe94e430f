#define AG_LEVEL 0
#include "ag_simd.h"
#include "elementwise_impl.h"
AG_SIMD_END
