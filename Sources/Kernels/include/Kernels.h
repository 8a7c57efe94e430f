// Loops over raw memory, written once and compiled for each instruction set (see ag_level.h).
// Nothing here knows of tensors, shapes or gradients; callers check sizes before they call.
#ifndef AG_KERNELS_H
#define AG_KERNELS_H
#include "ag_types.h"
#include "ag_level.h"
#include "ag_pool.h"
#include "ag_gemm.h"
#include "ag_conv.h"
#include "ag_pool2d.h"
#include "ag_elementwise.h"
#include "ag_curve.h"
#include "ag_reduce.h"
#include "ag_softmax.h"
#include "ag_scan.h"
#include "ag_search.h"
#include "ag_taps.h"
#include "ag_places.h"
#include "ag_channel.h"
#include "ag_plane.h"
#include "ag_distance.h"
#include "ag_vectors.h"
#include "ag_norm.h"
#include "ag_recurrent.h"
#include "ag_optim.h"
#include "ag_random.h"
#include "ag_dropout.h"
#include "ag_memory.h"
#endif
