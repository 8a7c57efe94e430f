// Loops over padded images, for VALUE (see gemm_simd.h) at the level being compiled.

static void NAME(enter)(const conv_frame *f, size_t channels, const void *x, void *frames) {
  const ag_conv2d *conv = &f->conv;
  const size_t stride = conv->stride_w;
  memset(frames, 0, (channels * f->plane + CONV_SLACK) * VALUE_BYTES);
  for (size_t channel = 0; channel < channels; channel++)
    for (size_t r = conv->pad_top; r < f->rows && r < conv->pad_top + conv->in_h; r++) {
      VALUE *row = (VALUE *)frames + channel * f->plane + r * f->row;
      const VALUE *from = (const VALUE *)x + (channel * conv->in_h + r - conv->pad_top) * conv->in_w;
      size_t col = conv->pad_left, end = col + conv->in_w < f->row ? col + conv->in_w : f->row;
      if (stride == 1 && col < end)
        memcpy(row + col, from, (end - col) * VALUE_BYTES);
      else
        for (; col < end; col++) row[col % stride * f->phase + col / stride] = *from++;
    }
}

static void NAME(leave)(const conv_frame *f, size_t channels, const void *frames, void *dx) {
  const ag_conv2d *conv = &f->conv;
  const size_t stride = conv->stride_w;
  for (size_t channel = 0; channel < channels; channel++)
    for (size_t y = 0; y < conv->in_h; y++) {
      VALUE *to = (VALUE *)dx + (channel * conv->in_h + y) * conv->in_w;
      const VALUE *row = (const VALUE *)frames + channel * f->plane + (y + conv->pad_top) * f->row;
      size_t covered = y + conv->pad_top < f->rows && conv->pad_left < f->row ? f->row - conv->pad_left : 0;
      if (covered > conv->in_w) covered = conv->in_w;
      if (stride == 1 && covered > 0)
        memcpy(to, row + conv->pad_left, covered * VALUE_BYTES);
      else
        for (size_t x = 0, col = conv->pad_left; x < covered; x++, col++)
          to[x] = row[col % stride * f->phase + col / stride];
      memset(to + covered, 0, (conv->in_w - covered) * VALUE_BYTES);
    }
}

// Columns

static void NAME(gather)(const conv_frame *f, size_t begin, size_t end, size_t pixel, size_t count,
                         const void *frames, void *columns, size_t stride) {
  const ag_conv2d *conv = &f->conv;
  const size_t first_row = pixel / conv->out_w, first_col = pixel % conv->out_w, row_step = conv->stride_h * f->row;
  size_t tap = begin % f->taps;
  const VALUE *plane = (const VALUE *)frames + begin / f->taps * f->plane + first_row * row_step;
  VALUE *to = columns;
  for (size_t k = begin; k < end; k++, to += stride) {
    const VALUE *from = plane + f->tap_at[tap];
    // Vectors may reach beyond their run: the next run, or the next row of columns, overwrites what they leave there.
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
  const size_t first_row = pixel / conv->out_w, first_col = pixel % conv->out_w, row_step = conv->stride_h * f->row;
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

// Planes

static void NAME(plane)(const conv_frame *f, const void *frame, const void *w, const void *bias, void *y) {
  const ag_conv2d *conv = &f->conv;
  const VALUE *kernel = w, *from = frame;
  VALUE *to = y;
  for (size_t r = 0; r < conv->out_h; r++, from += conv->stride_h * f->row, to += conv->out_w)
    for (size_t col = 0; col < conv->out_w; col += LANES) {
      VECTOR sum = bias ? *(const VALUE *)bias : 0;
      for (size_t tap = 0; tap < f->taps; tap++)
        sum = NAME(multiply_add)((VECTOR)kernel[tap], NAME(load)(from + f->tap_at[tap] + col), sum);
      NAME(store_some)(to + col, conv->out_w - col, sum);
    }
}

static void NAME(plane_backward)(const conv_frame *f, const void *frame, const void *w, const void *dy, void *work,
                                 void *dx_frame, void *dw) {
  const ag_conv2d *conv = &f->conv;
  const size_t width = (conv->out_w + LANES - 1) / LANES * LANES, last = width - LANES;
  const size_t row_step = conv->stride_h * f->row;
  const MASK in_last = NAME(first_lanes)(conv->out_w - last);
  VALUE *rows = work;
  for (size_t r = 0; r < conv->out_h; r++) {
    memcpy(rows + r * width, (const VALUE *)dy + r * conv->out_w, conv->out_w * VALUE_BYTES);
    memset(rows + r * width + conv->out_w, 0, (width - conv->out_w) * VALUE_BYTES);
  }
  for (size_t tap = 0; tap < f->taps; tap++) {
    const VALUE *from = dw ? (const VALUE *)frame + f->tap_at[tap] : NULL, *row = rows;
    VALUE *to = dx_frame ? (VALUE *)dx_frame + f->tap_at[tap] : NULL;
    const VECTOR weight = dx_frame ? ((const VALUE *)w)[tap] : 0;
    VECTOR sum = 0, last_sum = 0;
    for (size_t r = 0; r < conv->out_h; r++, row += width) {
      if (dx_frame) {
        for (size_t col = 0; col < last; col += LANES)
          NAME(store)(to + col, NAME(multiply_add)(weight, NAME(load)(row + col), NAME(load)(to + col)));
        VECTOR added = NAME(keep)(in_last, weight * NAME(load)(row + last));
        NAME(store)(to + last, NAME(load)(to + last) + added);
        to += row_step;
      }
      if (dw) {
        for (size_t col = 0; col < last; col += LANES)
          sum = NAME(multiply_add)(NAME(load)(row + col), NAME(load)(from + col), sum);
        VECTOR x = NAME(keep)(in_last, NAME(load)(from + last));
        last_sum = NAME(multiply_add)(NAME(load)(row + last), x, last_sum);
        from += row_step;
      }
    }
    if (dw) {
      VALUE total = 0;
      sum += last_sum;
      for (int t = 0; t < LANES; t++) total += sum[t];
      ((VALUE *)dw)[tap] += total;
    }
  }
}

// Bias

static void NAME(fill)(size_t n, const void *value, void *out) {
  const VALUE x = *(const VALUE *)value;
  for (size_t i = 0; i < n; i++) ((VALUE *)out)[i] = x;
}

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
