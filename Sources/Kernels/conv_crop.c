// Kernels that reach beyond a small image wherever they lie: of a 3×3 kernel on an image of one pixel, only the middle
// ever meets it. The taps that never do are cut off, and the convolution is that of the rest.
#include "ag_elementwise.h"
#include "conv_kernels.h"
#include "scratch.h"

/// The taps along an axis from the first to the last that meet the image for some output. The first is no later than
/// padding remains for.
static void crop_axis(size_t in, size_t out, size_t stride, size_t dilation, size_t *pad, size_t *first,
                      size_t *kernel) {
  size_t begin = 0, end = *kernel;
  while (begin + 1 < end && (out - 1) * stride + begin * dilation < *pad && (begin + 1) * dilation <= *pad) begin++;
  while (begin + 1 < end && (end - 1) * dilation >= *pad + in) end--;
  *first = begin, *kernel = end - begin, *pad -= begin * dilation;
}

conv_crop conv_crop_for(const ag_conv2d *whole) {
  conv_crop crop = {.conv = *whole, .kernel_h = whole->kernel_h, .kernel_w = whole->kernel_w};
  ag_conv2d *c = &crop.conv;
  crop_axis(c->in_h, c->out_h, c->stride_h, c->dilation_h, &c->pad_top, &crop.first_row, &c->kernel_h);
  crop_axis(c->in_w, c->out_w, c->stride_w, c->dilation_w, &c->pad_left, &crop.first_col, &c->kernel_w);
  crop.crops = c->kernel_h < crop.kernel_h || c->kernel_w < crop.kernel_w;
  return crop;
}

static size_t kernels_of(const conv_crop *crop) {
  return crop->conv.out_channels * (crop->conv.in_channels / crop->conv.groups);
}

static size_t bytes_of(ag_dtype type, const conv_crop *crop) {
  return (kernels_of(crop) * crop->conv.kernel_h * crop->conv.kernel_w * ag_size(type) + 63) / 64 * 64;
}

/// Copies what is kept of the kernels from `whole` to `kept`, or the other way.
static void copy_kept(ag_dtype type, const conv_crop *crop, char *whole, char *kept, bool back) {
  const size_t size = ag_size(type), rows = crop->conv.kernel_h, cols = crop->conv.kernel_w;
  const ptrdiff_t whole_step = (ptrdiff_t)(crop->kernel_h * crop->kernel_w), kept_step = (ptrdiff_t)(rows * cols);
  for (size_t row = 0; row < rows; row++) {
    char *from = whole + ((crop->first_row + row) * crop->kernel_w + crop->first_col) * size;
    char *to = kept + row * cols * size;
    if (back) ag_copy(type, kernels_of(crop), cols, to, kept_step, 1, from, whole_step, 1);
    else ag_copy(type, kernels_of(crop), cols, from, whole_step, 1, to, kept_step, 1);
  }
}

const void *conv_crop_weight(ag_dtype type, const conv_crop *crop, const void *w) {
  char *kept = ag_scratch(AG_SCRATCH_OPERANDS, 2 * bytes_of(type, crop));
  if (w) copy_kept(type, crop, (char *)w, kept, false);
  return kept;
}

void *conv_cropped_gradient(ag_dtype type, const conv_crop *crop) {
  return (char *)ag_scratch(AG_SCRATCH_OPERANDS, 2 * bytes_of(type, crop)) + bytes_of(type, crop);
}

void conv_widen_gradient(ag_dtype type, const conv_crop *crop, void *kept, void *dw) {
  const double zero = 0;
  ag_fill(type, kernels_of(crop) * crop->kernel_h * crop->kernel_w, &zero, dw);
  copy_kept(type, crop, dw, kept, true);
}
