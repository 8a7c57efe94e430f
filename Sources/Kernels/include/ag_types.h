#ifndef AG_TYPES_H
#define AG_TYPES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Element types. The raw values are shared with Swift's `DType`.
typedef enum : uint8_t {
  AG_F32 = 0,
  AG_F64 = 1,
  AG_I32 = 2,
  AG_I64 = 3,
  AG_U8 = 4,
  AG_BOOL = 5,
} ag_dtype;
#define AG_DTYPE_COUNT 6

#endif
