/* Parts of images, for networks whose first layers run patch by patch. */
#include "lathe_math.h"

lathe_part lathe_part_of(const int16_t *bands, int n, int r, int c) {
  const int16_t *row = bands + 2 * r, *column = bands + 2 * (n + c);
  lathe_part p = {row[0], row[1], column[0], column[1]};
  return p;
}
int32_t lathe_pixels(lathe_part p) { return (p.y1 - p.y0) * (p.x1 - p.x0); }
int8_t *lathe_at(int8_t *x, lathe_part p, int c, int row, int column) {
  return x + ((row - p.y0) * (p.x1 - p.x0) + column - p.x0) * c;
}

/* Where a window starts in the part, told by the padding: negative where the part begins before the first window. */
lathe_conv lathe_conv_part(const lathe_conv *c, lathe_part in, lathe_part out) {
  lathe_conv p = *c;
  p.h = in.y1 - in.y0;
  p.w = in.x1 - in.x0;
  p.oh = out.y1 - out.y0;
  p.ow = out.x1 - out.x0;
  p.py = c->py + in.y0 - out.y0 * c->sy;
  p.px = c->px + in.x0 - out.x0 * c->sx;
  return p;
}
lathe_pool lathe_pool_part(const lathe_pool *c, lathe_part in, lathe_part out) {
  lathe_pool p = *c;
  p.h = in.y1 - in.y0;
  p.w = in.x1 - in.x0;
  p.oh = out.y1 - out.y0;
  p.ow = out.x1 - out.x0;
  p.py = c->py + in.y0 - out.y0 * c->sy;
  p.px = c->px + in.x0 - out.x0 * c->sx;
  return p;
}
void lathe_crop(const int8_t *image, int w, int c, lathe_part p, int8_t *y) {
  const int n = (p.x1 - p.x0) * c;
  for (int row = p.y0; row < p.y1; row++, y += n) lathe_copy(image + (row * w + p.x0) * c, n, y);
}
