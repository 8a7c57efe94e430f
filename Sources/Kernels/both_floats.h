// Includes the file named by TYPED twice, for float32 and for float64. There REAL is the element type, VEC a vector of
// elements, FN(name) a function's name for the type, and MATH(name) the C library's function for it.
#define REAL float
#define VEC vf
#define FN(name) name##_f32
#define MATH(name) name##f
#include TYPED
#undef REAL
#undef VEC
#undef FN
#undef MATH
#define REAL double
#define VEC vd
#define FN(name) name##_f64
#define MATH(name) name
#include TYPED
#undef REAL
#undef VEC
#undef FN
#undef MATH
#undef TYPED
