// Recurrent cells for float32 and float64, compiled once for each instruction set.
#include "math_f32.h"
#include "math_f64.h"
#include "recurrent_kernels.h"

#define TYPED "recurrent_typed.h"
#include "both_floats.h"

#define ROW(name) {name##_f32, name##_f64}
const ag_cell_loops AG_NAME(ag_cell_loops) = {
    .forward = {[AG_RNN_TANH] = ROW(tanh_cell), [AG_RNN_RELU] = ROW(relu_cell), [AG_LSTM] = ROW(lstm_cell),
                [AG_GRU] = ROW(gru_cell)},
    .backward = {[AG_RNN_TANH] = ROW(tanh_cell_backward), [AG_RNN_RELU] = ROW(relu_cell_backward),
                 [AG_LSTM] = ROW(lstm_cell_backward), [AG_GRU] = ROW(gru_cell_backward)},
};
