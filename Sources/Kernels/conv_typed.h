// Loops over padded images, for VALUE (see gemm_simd.h) at the level being compiled.

/// Copies a row of the image into its frame; `phases` is where the row's first phase begins.
INLINE void NAME(split_row)(const conv_frame *f, const VALUE *from, VALUE *phases, size_t count) {
  const size_t stride = f->conv.stride_w, left = f->conv.pad_left;
  if (stride == 1) {
    NAME(copy_run)(phases + left, from, count);
  } else if (stride == 2) {
    VALUE *odd = phases + f->phase;
    if (left % 2 == 1) odd[left / 2] = from[0];
    for (size_t x = left % 2; x < count; x += 2 * LANES) {
      const size_t some = count - x, at = (x + left) / 2;
      const VECTOR a = NAME(load_some)(from + x, some);
      const VECTOR b = some > LANES ? NAME(load_some)(from + x + LANES, some - LANES) : 0;
      NAME(store_some)(phases + at, (some + 1) / 2, EVEN_VALUES(a, b));
      NAME(store_some)(odd + at, some / 2, ODD_VALUES(a, b));
    }
  } else {
    for (size_t x = 0, phase = left % stride, at = left / stride; x < count; x++) {
      phases[phase * f->phase + at] = from[x];
      if (++phase == stride) phase = 0, at++;
    }
  }
}

/// The inverse: copies a row out of the phases.
INLINE void NAME(join_row)(const conv_frame *f, const VALUE *phases, VALUE *to, size_t count) {
  const size_t stride = f->conv.stride_w, left = f->conv.pad_left;
  if (stride == 1) {
    NAME(copy_run)(to, phases + left, count);
  } else if (stride == 2) {
    const VALUE *odd = phases + f->phase;
    if (left % 2 == 1) to[0] = odd[left / 2];
    for (size_t x = left % 2; x < count; x += 2 * LANES) {
      const size_t some = count - x, at = (x + left) / 2;
      const VECTOR a = NAME(load_some)(phases + at, (some + 1) / 2), b = NAME(load_some)(odd + at, some / 2);
      NAME(store_some)(to + x, some, FIRST_IN_TURN(a, b));
      if (some > LANES) NAME(store_some)(to + x + LANES, some - LANES, SECOND_IN_TURN(a, b));
    }
  } else {
    for (size_t x = 0, phase = left % stride, at = left / stride; x < count; x++) {
      to[x] = phases[phase * f->phase + at];
      if (++phase == stride) phase = 0, at++;
    }
  }
}

/// Steps through the rows of an image and their places in its frame.
typedef struct {
  size_t row, phase;  // vertically
  size_t count;       // of its values that some output reads
} NAME(frame_rows);

INLINE NAME(frame_rows) NAME(first_row)(const conv_frame *f) {
  const ag_conv2d *conv = &f->conv;
  const size_t cols = f->row * conv->stride_w, read = conv->pad_left < cols ? cols - conv->pad_left : 0;
  return (NAME(frame_rows)){conv->pad_top / conv->stride_h, conv->pad_top % conv->stride_h,
                            read < conv->in_w ? read : conv->in_w};
}

INLINE bool NAME(is_read)(const conv_frame *f, NAME(frame_rows) at) {
  // With dilation any phase may lie under a tap.
  return (at.phase < f->conv.kernel_h || f->conv.dilation_h > 1) && at.row < f->rows && at.count > 0;
}

INLINE size_t NAME(offset)(const conv_frame *f, NAME(frame_rows) at) {
  return at.phase * f->conv.stride_w * f->phase + at.row * f->row;
}

INLINE void NAME(next_row)(const conv_frame *f, NAME(frame_rows) *at) {
  if (++at->phase == f->conv.stride_h) at->phase = 0, at->row++;
}

static void NAME(enter)(const conv_frame *f, size_t channels, const void *x, void *frames) {
  const ag_conv2d *conv = &f->conv;
  for (size_t channel = 0; channel < channels; channel++) {
    const VALUE *from = (const VALUE *)x + channel * conv->in_h * conv->in_w;
    VALUE *to = (VALUE *)frames + channel * f->plane;
    NAME(frame_rows) at = NAME(first_row)(f);
    for (size_t y = 0; y < conv->in_h; y++, NAME(next_row)(f, &at))
      if (NAME(is_read)(f, at)) NAME(split_row)(f, from + y * conv->in_w, to + NAME(offset)(f, at), at.count);
  }
}

static void NAME(leave)(const conv_frame *f, size_t channels, const void *frames, void *dx) {
  const ag_conv2d *conv = &f->conv;
  for (size_t channel = 0; channel < channels; channel++) {
    NAME(frame_rows) at = NAME(first_row)(f);
    for (size_t y = 0; y < conv->in_h; y++, NAME(next_row)(f, &at)) {
      const size_t count = NAME(is_read)(f, at) ? at.count : 0;
      VALUE *to = (VALUE *)dx + (channel * conv->in_h + y) * conv->in_w;
      if (count > 0) NAME(join_row)(f, (const VALUE *)frames + channel * f->plane + NAME(offset)(f, at), to, count);
      if (count < conv->in_w) memset(to + count, 0, (conv->in_w - count) * VALUE_BYTES);
    }
  }
}

// Columns

static void NAME(gather)(const conv_frame *f, size_t begin, size_t end, size_t pixel, size_t count,
                         const void *frames, void *columns, size_t stride) {
  const ag_conv2d *conv = &f->conv;
  const size_t first_row = pixel / conv->out_w, first_col = pixel % conv->out_w, row_step = f->row;
  size_t tap = begin % f->taps;
  const VALUE *plane = (const VALUE *)frames + begin / f->taps * f->plane + first_row * row_step;
  VALUE *to = columns;
  for (size_t k = begin; k < end; k++, to += stride) {
    const VALUE *from = plane + f->tap_at[tap];
    // Vectors may extend past their run; the next run, or the next row of columns, overwrites what they write there.
    for (size_t done = 0, col = first_col; done < count; col = 0, from += row_step) {
      size_t run = conv->out_w - col < count - done ? conv->out_w - col : count - done;
      for (size_t i = 0; i < run; i += LANES) NAME(store)(to + done + i, NAME(load)(from + col + i));
      done += run;
    }
    if (++tap == f->taps) tap = 0, plane += f->plane;
  }
}

static void NAME(scatter)(const conv_frame *f, size_t rows, size_t pixel, size_t count, const void *columns,
                          size_t stride, void *frames) {
  const ag_conv2d *conv = &f->conv;
  const size_t first_row = pixel / conv->out_w, first_col = pixel % conv->out_w, row_step = f->row;
  size_t tap = 0;
  VALUE *plane = (VALUE *)frames + first_row * row_step;
  const VALUE *from = columns;
  for (size_t k = 0; k < rows; k++, from += stride) {
    VALUE *to = plane + f->tap_at[tap];
    for (size_t done = 0, col = first_col; done < count; col = 0, to += row_step) {
      size_t run = conv->out_w - col < count - done ? conv->out_w - col : count - done, i = 0;
      for (; i + LANES <= run; i += LANES)
        NAME(store)(to + col + i, NAME(load)(to + col + i) + NAME(load)(from + done + i));
      if (i < run) {
        VECTOR rest = NAME(keep)(NAME(first_lanes)(run - i), NAME(load)(from + done + i));
        NAME(store)(to + col + i, NAME(load)(to + col + i) + rest);
      }
      done += run;
    }
    if (++tap == f->taps) tap = 0, plane += f->plane;
  }
}

// Columns with images as the last axis

static void NAME(gather_runs)(conv_runs runs, size_t channels, const void *x, size_t inputs, void *columns,
                              size_t stride) {
  const size_t length = runs.length;
  const VALUE *channel = x;
  VALUE *row = columns;
  for (size_t c = 0; c < channels; c++, channel += inputs * length) {
    const ptrdiff_t *at = runs.at;
    for (size_t tap = 0; tap < runs.taps; tap++, at += runs.row, row += stride) {
      VALUE *to = row;
      // Vectors may extend past their run; the next run, or the next row of columns, overwrites what they write there.
      for (size_t p = 0; p < runs.count; p++, to += length) {
        const VALUE *from = channel + at[p] * (ptrdiff_t)length;
        if (at[p] < 0)
          for (size_t i = 0; i < length; i += LANES) NAME(store)(to + i, 0);
        else
          for (size_t i = 0; i < length; i += LANES) NAME(store)(to + i, NAME(load)(from + i));
      }
    }
  }
}

static void NAME(scatter_runs)(conv_runs runs, size_t channels, const void *columns, size_t stride, void *dx,
                               size_t inputs) {
  const size_t length = runs.length;
  const VALUE *row = columns;
  VALUE *channel = dx;
  for (size_t c = 0; c < channels; c++, channel += inputs * length) {
    const ptrdiff_t *at = runs.at;
    for (size_t tap = 0; tap < runs.taps; tap++, at += runs.row, row += stride)
      for (size_t p = 0; p < runs.count; p++) {
        if (at[p] < 0) continue;
        const VALUE *from = row + p * length;
        VALUE *to = channel + at[p] * (ptrdiff_t)length;
        size_t i = 0;
        for (; i + LANES <= length; i += LANES) NAME(store)(to + i, NAME(load)(to + i) + NAME(load)(from + i));
        for (; i < length; i++) to[i] += from[i];
      }
  }
}

// Bias

static double NAME(sum)(size_t n, const void *values) {
  enum { RUN = 64 * LANES };  // few enough for the sums of one run to stay accurate
  const VALUE *x = values;
  double total = 0;
  for (size_t begin = 0; begin < n; begin += RUN) {
    size_t end = n - begin < RUN ? n : begin + RUN, i = begin;
    VECTOR even = 0, odd = 0;
    for (; i + 2 * LANES <= end; i += 2 * LANES) even += NAME(load)(x + i), odd += NAME(load)(x + i + LANES);
    even += odd;
    for (int t = 0; t < LANES; t++) total += (double)even[t];
    for (; i < end; i++) total += (double)x[i];
  }
  return total;
}
