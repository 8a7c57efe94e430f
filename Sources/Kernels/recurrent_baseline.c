#define AG_LEVEL 0
#include "ag_simd.h"
#include "recurrent_impl.h"
AG_SIMD_END
