// Walks a rows × cols grid with strided operands in tiles whose results are dense, so that the inner loops see only
// dense operands and scalars. An operand that is neither within a tile is copied to a small buffer first.
#ifndef AG_ELEMENTWISE_GRID_H
#define AG_ELEMENTWISE_GRID_H
#include "shared.h"

enum { AG_MAX_OPERANDS = 3 };

typedef struct {
  const char *data;
  ptrdiff_t row, col;  // strides in elements; 0 broadcasts
  size_t size;         // bytes per element
} ag_operand;

/// One tile: n dense results and, for each operand, n dense elements, or one if its bit is set in `scalars`.
typedef void (*ag_tile_body)(const void *context, size_t n, const void *const operands[], unsigned scalars, void *out);

typedef struct {
  size_t rows, cols;
  int operand_count;
  ag_operand operands[AG_MAX_OPERANDS];
  unsigned scalars_allowed;  // operands that the body takes as scalars, one bit each; never all of them at once
  char *out;
  size_t out_size;
  bool heavy;  // tens of instructions per element: worth splitting among threads at smaller sizes
  ag_tile_body body;
  const void *context;
} ag_grid;

void ag_walk_grid(ag_grid grid);

/// Gathers a strided grid into dense rows.
void ag_gather(ag_operand from, size_t rows, size_t cols, void *to);

/// Elements that a thread takes at a time; grids under twice this stay on the calling thread.
static inline size_t ag_range(bool heavy) { return heavy ? 8192 : 32768; }

#endif
