/* Convolutions and pools of each channel by itself. */
#include "lathe_math.h"

/* one channel to its places in an image of n */
static void spread_out(const int8_t *x, int count, int n, int8_t *y) {
  const int8_t *end = x + count;
  for (; x + 4 <= end; x += 4) {
    y[0] = x[0];
    *(y += n) = x[1];
    *(y += n) = x[2];
    *(y += n) = x[3];
    y += n;
  }
  for (; x < end; x++, y += n) *y = *x;
}

#define MOST_TAPS 28 /* words of packed weights: kernels of up to 7 rows and columns */

/* Weights of one channel in pairs of 16 bits, rows padded to whole pairs. A window that would reach over an edge is moved inside,
 * and its weights are moved against it by as many columns; zeros come in. */
static void pack(const int8_t *w, int kh, int kw, int shift, int32_t *packed) {
  for (int ky = 0; ky < kh; ky++, w += kw)
    for (int kx = 0; kx < kw; kx += 2) {
      unsigned i = (unsigned)(kx + shift), k = (unsigned)kw; /* one comparison for both ends */
      uint32_t low = i < k ? (uint16_t)w[i] : 0;
      uint32_t high = kx + 1 < kw && i + 1 < k ? (uint16_t)w[i + 1] : 0;
      *packed++ = (int32_t)(low | high << 16);
    }
}
#if DSP
#define TAP_LOW(x, w, a) __smlabb(x, w, a)
#define TAP_HIGH(x, w, a) __smlabt(x, w, a)
#else
#define TAP_LOW(x, w, a) ((a) + (x) * (int16_t)((w)&0xffff))
#define TAP_HIGH(x, w, a) ((a) + (x) * (int16_t)((uint32_t)(w) >> 16))
#endif

/* One channel of lines of pixels whose windows lie within the image's columns. */
typedef struct {
  const int8_t *x;         /* first value under the first window */
  const int32_t *packed;   /* weights from the first row that lies in the image */
  int8_t *to;
  int n, wn, dx, step;     /* bytes from column to column, row to row, window to window, result to result */
  int rows, count;         /* rows of a window, pixels of a line */
  int lines, next, put;    /* bytes from line to line, of windows and of results */
} dw_row;

/* the windows of two neighbouring pixels, which share all columns but one */
INLINE void taps_near(const dw_row *d, const int8_t *x, int kh, int kw, int32_t *a) {
  const int n = d->n;
  const int32_t *w = d->packed;
  int32_t a0 = a[0], a1 = a[1];
  UNROLL
  for (int ky = 0; ky < kh; ky++, x += d->wn) {
    const int8_t *v = x;
    int32_t left = v[0];
    UNROLL
    for (int kx = 0; kx < kw; kx += 2, w++) {
      int32_t right = *(v += n);
      a0 = TAP_LOW(left, *w, a0);
      a1 = TAP_LOW(right, *w, a1);
      if (kx + 1 < kw) {
        left = *(v += n);
        a0 = TAP_HIGH(right, *w, a0);
        a1 = TAP_HIGH(left, *w, a1);
      }
    }
  }
  a[0] = a0, a[1] = a1;
}
/* two windows dx apart */
INLINE void taps_apart(const dw_row *d, const int8_t *x, int dx, int kh, int kw, int32_t *a) {
  const int n = d->n;
  const int32_t *w = d->packed;
  int32_t a0 = a[0], a1 = a[1];
  for (int ky = 0; ky < kh; ky++, x += d->wn) {
    const int8_t *v = x;
    UNROLL
    for (int kx = 0; kx < kw; kx += 2, w++) {
      a0 = TAP_LOW(v[0], *w, a0);
      a1 = TAP_LOW(v[dx], *w, a1);
      v += n;
      if (kx + 1 < kw) {
        a0 = TAP_HIGH(v[0], *w, a0);
        a1 = TAP_HIGH(v[dx], *w, a1);
        v += n;
      }
    }
  }
  a[0] = a0, a[1] = a1;
}
/* near, kh and kw are constants where this is called */
INLINE void depthwise_run(const lathe_lin *l, int o, const dw_row *row, int near, int kh, int kw) {
  const dw_row copy = *row, *d = &copy;
  const int32_t b = l->b[o], m = l->m[o], z = l->z, lo = l->lo, hi = l->hi;
  const int s = l->s[o], step = d->step;
  for (int line = 0; line < d->lines; line++) {
    const int8_t *p = d->x + line * d->next;
    int8_t *to = d->to + line * d->put;
    for (int count = d->count; count > 0; count -= 2) {
      const int dx = count > 1 ? d->dx : 0;
      int32_t a[2] = {b, b};
      if (near) taps_near(d, p, kh, kw, a);
      else taps_apart(d, p, dx, kh, kw, a);
      to[0] = (int8_t)clamp(rq_high(a[0], m, s) + z, lo, hi);
      if (near || count > 1) to[step] = (int8_t)clamp(rq_high(a[1], m, s) + z, lo, hi);
      p += 2 * dx;
      to += 2 * step;
    }
  }
}
APART void depthwise_near3x3(const lathe_lin *l, int o, const dw_row *d) { depthwise_run(l, o, d, 1, 3, 3); }
APART void depthwise_near5x5(const lathe_lin *l, int o, const dw_row *d) { depthwise_run(l, o, d, 1, 5, 5); }
APART void depthwise_x3(const lathe_lin *l, int o, const dw_row *d) { depthwise_run(l, o, d, 0, d->rows, 3); }
APART void depthwise_x5(const lathe_lin *l, int o, const dw_row *d) { depthwise_run(l, o, d, 0, d->rows, 5); }
APART void depthwise_x7(const lathe_lin *l, int o, const dw_row *d) { depthwise_run(l, o, d, 0, d->rows, 7); }

static void depthwise_any(const lathe_lin *l, int o, int kw, const dw_row *d) {
  const int near = d->dx == d->n && d->count % 2 == 0 && d->rows == kw;
  if (kw == 3) (near ? depthwise_near3x3 : depthwise_x3)(l, o, d);
  else if (kw == 5) (near ? depthwise_near5x5 : depthwise_x5)(l, o, d);
  else depthwise_x7(l, o, d);
}

/* Columns ox, ..., ox + count - 1 of one channel, the first of whose windows starts at column left of the image: line by line
 * at the image's edges, in one go where windows have all their rows. */
static void depthwise_columns(const lathe_conv *c, int o, const int8_t *x, const int32_t *packed, int left, int ox, int count,
                              int8_t *to, int step) {
  const int n = c->lin.n, wn = c->w * n, words = (c->kw + 1) / 2;
  for (int oy = 0; oy < c->oh; oy++) {
    int top = oy * c->sy - c->py, y0 = top < 0 ? -top : 0, y1 = top + c->kh > c->h ? c->h - top : c->kh;
    dw_row d = {x + (top + y0) * wn + left * n + o, packed + y0 * words, to + (oy * c->ow + ox) * step,
                n, wn, c->sx * n, step, y1 - y0, count, 1, c->sy * wn, c->ow * step};
    if (d.rows == c->kh) { /* and so are those of the lines that follow, up to the last */
      int last = (c->h - c->kh + c->py) / c->sy;
      int lines = (last < c->oh ? last : c->oh - 1) - oy + 1;
      if (count == 1) {
        d.dx = d.next;
        d.step = d.put;
        d.count = lines;
      } else {
        d.lines = lines;
      }
      oy += lines - 1;
    }
    depthwise_any(&c->lin, o, c->kw, &d);
  }
}

static void depthwise_pixels(const lathe_conv *c, int o, const int8_t *x, int8_t *to, int step, const lathe_sum *sum,
                             const int8_t *r) {
  const lathe_lin *l = &c->lin;
  const int n = l->n, kh = c->kh, kw = c->kw, wn = c->w * n;
  for (int oy = 0; oy < c->oh; oy++) {
    int top = oy * c->sy - c->py, y0 = top < 0 ? -top : 0, y1 = top + kh > c->h ? c->h - top : kh;
    for (int ox = 0; ox < c->ow; ox++, to += step) {
      int left = ox * c->sx - c->px, x0 = left < 0 ? -left : 0, x1 = left + kw > c->w ? c->w - left : kw;
      int32_t a = l->b[o];
      for (int ky = y0; ky < y1; ky++) {
        const int8_t *p = x + (top + ky) * wn + (left + x0) * n + o, *v = l->w + (o * kh + ky) * kw + x0;
        for (const int8_t *e = v + (x1 - x0); v < e; v++, p += n) a += *p * *v;
      }
      put(l, o, a, sum, r, to, 0);
      if (r) r += step;
    }
  }
}

void lathe_depthwise(const lathe_conv *c, const int8_t *x, int8_t *y, int8_t *scratch, const lathe_sum *sum, const int8_t *r) {
  const lathe_lin *l = &c->lin;
  const int n = l->n, kh = c->kh, kw = c->kw, step = scratch ? 1 : n;
  const int fits = kh <= 7 && (kw == 3 || kw == 5 || kw == 7) && kw <= c->w && c->px < kw && c->py < kh && !l->lut && !r;
  int32_t packed[MOST_TAPS];
  for (int o = 0; o < n; o++) {
    int8_t *to = scratch ? scratch : y + o;
    if (fits && l->s[o] > 32) {
      for (int ox = 0, count; ox < c->ow; ox += count) {
        int left = ox * c->sx - c->px, at = left < 0 ? 0 : left > c->w - kw ? c->w - kw : left;
        count = at == left ? (c->w - kw - left) / c->sx + 1 : 1;
        count = count < c->ow - ox ? count : c->ow - ox;
        if (count > 1) count &= ~1; /* in pairs; the last is a column of its own */
        pack(l->w + o * kh * kw, kh, kw, at - left, packed);
        depthwise_columns(c, o, x, packed, at, ox, count, to, step);
      }
    } else {
      depthwise_pixels(c, o, x, to, step, sum, r ? r + o : 0);
    }
    if (scratch) spread_out(scratch, c->oh * c->ow, n, y + o);
  }
}

void lathe_pool2d(const lathe_pool *p, const int8_t *x, int8_t *y, int8_t *scratch) {
  const int n = p->c;
  for (int o = 0; o < n; o++) {
    int8_t *to = scratch ? scratch : y + o;
    const int step = scratch ? 1 : n;
    for (int oy = 0; oy < p->oh; oy++)
      for (int ox = 0; ox < p->ow; ox++, to += step) {
        int32_t most = -128, sum = 0, count = 0;
        for (int ky = 0; ky < p->kh; ky++)
          for (int kx = 0; kx < p->kw; kx++) {
            int iy = oy * p->sy - p->py + ky, ix = ox * p->sx - p->px + kx;
            if (iy >= 0 && iy < p->h && ix >= 0 && ix < p->w) {
              int32_t v = x[(iy * p->w + ix) * n + o];
              most = v > most ? v : most;
              sum += v;
              count++;
            }
          }
        if (p->m) most = clamp8(rq(sum - count * p->zx, p->m[count - 1], p->s[count - 1]) + p->z);
        *to = (int8_t)most;
      }
    if (scratch) spread_out(scratch, p->oh * p->ow, n, y + o);
  }
}
