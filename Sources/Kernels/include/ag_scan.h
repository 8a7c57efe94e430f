#ifndef AG_SCAN_H
#define AG_SCAN_H
#include "ag_types.h"

/// How the value y before an element is combined with it: y + x, y · x, log(eʸ + eˣ), x + a · y.
typedef enum : uint8_t { AG_SCAN_SUM, AG_SCAN_PRODUCT, AG_SCAN_LOGSUMEXP, AG_SCAN_RECURRENCE } ag_scan_op;

/// Running values along the middle axis of a dense [outer, n, inner], from the end if `reversed`; the first
/// one is x's. Types f32, f64 and i64 (which wraps; only sums and products). `a` has the size of x and is
/// used by the recurrence only.
void ag_scan(ag_scan_op op, ag_dtype type, size_t outer, size_t n, size_t inner, bool reversed, const void *x,
             const void *a, void *out);

/// The largest (or smallest) elements so far along the middle axis of a dense [outer, n, inner], and their
/// positions: of equal ones the last. After a NaN all are NaN, with the position of the last NaN. Every type.
void ag_running_extreme(ag_dtype type, size_t outer, size_t n, size_t inner, bool largest, const void *x, void *values,
                        int64_t *places);

#endif
