#ifndef AG_RANDOM_H
#define AG_RANDOM_H
#include "ag_types.h"

// Philox 4x32-10 (Salmon et al. 2011): the i-th number of a stream depends on (seed, offset + i) alone, so streams do
// not depend on how the work is split. `offset` counts 128-bit blocks; every function documents how many blocks n
// elements take, and the caller advances the offset by that many.

/// The raw block: out[4] = Philox4x32-10(counter = {index low, index high, 0, 0}, key = {seed low, seed high}).
void ag_philox(uint64_t seed, uint64_t index, uint32_t out[4]);

/// Uniform on [low, high): 24 bits per float, 53 per double. Blocks: f32 ⌈n/4⌉, f64 ⌈n/2⌉.
void ag_random_uniform(ag_dtype type, size_t n, uint64_t seed, uint64_t offset, double low, double high, void *out);

/// Normal by Box-Muller. Blocks: f32 ⌈n/4⌉, f64 ⌈n/2⌉.
void ag_random_normal(ag_dtype type, size_t n, uint64_t seed, uint64_t offset, double mean, double deviation,
                      void *out);

/// `value` with the given probability, else 0, compared on 32 random bits. Blocks: ⌈n/4⌉. All types.
void ag_random_bernoulli(ag_dtype type, size_t n, uint64_t seed, uint64_t offset, double probability, double value,
                         void *out);

/// Uniform integers on [low, high), 64 bits by multiply-high. Types i32, i64, u8. Blocks: ⌈n/2⌉.
void ag_random_integers(ag_dtype type, size_t n, uint64_t seed, uint64_t offset, int64_t low, int64_t high,
                        void *out);

#endif
