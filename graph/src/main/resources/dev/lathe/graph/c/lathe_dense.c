/* Linear layers and convolutions over all channels. */
#include "lathe_math.h"

void lathe_linear(const lathe_lin *lin, const int8_t *x, int t, int8_t *y, int stride, const lathe_sum *sum, const int8_t *r) {
  const lathe_lin copy = *lin, *l = &copy; /* which no result can be written over */
  const int k = l->k, n = l->n;
  for (; t >= 2; t -= 2, x += 2 * k, y += 2 * stride) {
    int c = 0;
    for (; c + 2 <= n; c += 2) {
      int32_t a[4] = {l->b[c], l->b[c + 1], l->b[c], l->b[c + 1]};
      dot2x2(x, k, l->w + c * k, k, k, a);
      put(l, c, a[0], sum, r, y, c);
      put(l, c + 1, a[1], sum, r, y, c + 1);
      put(l, c, a[2], sum, r, y, stride + c);
      put(l, c + 1, a[3], sum, r, y, stride + c + 1);
    }
    if (c < n) {
      put(l, c, dot(x, l->w + c * k, k, l->b[c]), sum, r, y, c);
      put(l, c, dot(x + k, l->w + c * k, k, l->b[c]), sum, r, y, stride + c);
    }
    if (r) r += 2 * stride;
  }
  if (t) {
    int c = 0;
    for (; c + 4 <= n; c += 4) {
      int32_t a[4] = {l->b[c], l->b[c + 1], l->b[c + 2], l->b[c + 3]};
      dot1x4(x, l->w + c * k, k, k, a);
      for (int i = 0; i < 4; i++) put(l, c + i, a[i], sum, r, y, c + i);
    }
    for (; c < n; c++) put(l, c, dot(x, l->w + c * k, k, l->b[c]), sum, r, y, c);
  }
}

void lathe_linear16(const lathe_lin *l, const int8_t *x, int8_t *y) {
  for (int c = 0; c < l->n; c++) st16(y + 2 * c, result(l, c, dot(x, l->w + c * l->k, l->k, l->b[c])));
}

lathe_lin lathe_slice(const lathe_lin *l, int first, int n) {
  lathe_lin s = *l;
  s.w += first * l->k;
  s.b += first;
  s.m += first;
  s.s += first;
  s.n = n;
  return s;
}

#define MOST_ROWS 32 /* the writer refuses kernels of more rows */

/* one row of the result; rows[ky] is the image row under kernel row ky, NULL outside */
static void conv_row(const lathe_conv *c, const int8_t *const *rows, int8_t *y, const lathe_sum *sum, const int8_t *r) {
  const lathe_lin copy = c->lin, *l = &copy;
  const int n = l->n, kc = c->kw * c->c, dx = c->sx * c->c;
  int ox = 0;
  while (ox < c->ow) {
    int left = ox * c->sx - c->px, from = left < 0 ? -left : 0;
    int to = left + c->kw > c->w ? c->w - left : c->kw;
    int pair = ox + 1 < c->ow && left >= 0 && left + c->sx + c->kw <= c->w;
    int len = (to - from) * c->c, at = (left + from) * c->c, skip = from * c->c, o = 0;
    for (; pair && o + 2 <= n; o += 2) {
      int32_t a[4] = {l->b[o], l->b[o + 1], l->b[o], l->b[o + 1]};
      const int8_t *w = l->w + o * l->k;
      for (int ky = 0; ky < c->kh; ky++, w += kc)
        if (rows[ky]) dot2x2(rows[ky] + at, dx, w, l->k, len, a);
      put(l, o, a[0], sum, r, y, o);
      put(l, o + 1, a[1], sum, r, y, o + 1);
      put(l, o, a[2], sum, r, y, n + o);
      put(l, o + 1, a[3], sum, r, y, n + o + 1);
    }
    for (int p = 0; p <= pair; p++) {
      int i = o;
      for (; i + 4 <= n; i += 4) {
        int32_t a[4] = {l->b[i], l->b[i + 1], l->b[i + 2], l->b[i + 3]};
        const int8_t *w = l->w + i * l->k + skip;
        for (int ky = 0; ky < c->kh; ky++, w += kc)
          if (rows[ky]) dot1x4(rows[ky] + at + p * dx, w, l->k, len, a);
        for (int j = 0; j < 4; j++) put(l, i + j, a[j], sum, r, y, p * n + i + j);
      }
      for (; i < n; i++) {
        int32_t a = l->b[i];
        const int8_t *w = l->w + i * l->k + skip;
        for (int ky = 0; ky < c->kh; ky++, w += kc)
          if (rows[ky]) a = dot(rows[ky] + at + p * dx, w, len, a);
        put(l, i, a, sum, r, y, p * n + i);
      }
    }
    ox += 1 + pair;
    y += (1 + pair) * n;
    if (r) r += (1 + pair) * n;
  }
}

void lathe_conv2d(const lathe_conv *c, const int8_t *x, int8_t *y, const lathe_sum *sum, const int8_t *r) {
  const int8_t *rows[MOST_ROWS];
  for (int oy = 0; oy < c->oh; oy++) {
    for (int ky = 0; ky < c->kh; ky++) {
      int iy = oy * c->sy - c->py + ky;
      rows[ky] = iy >= 0 && iy < c->h ? x + iy * c->w * c->c : 0;
    }
    conv_row(c, rows, y, sum, r);
    y += c->ow * c->lin.n;
    if (r) r += c->ow * c->lin.n;
  }
}

void lathe_conv2d_bands(const lathe_conv *c, const int8_t *image, int8_t *band, int8_t *y) {
  const int8_t *rows[MOST_ROWS];
  const int wide = c->w * c->c, held = c->kh < c->h ? c->kh : c->h;
  int read = 0;
  for (int oy = 0; oy < c->oh; oy++) {
    for (int ky = 0; ky < c->kh; ky++) {
      int iy = oy * c->sy - c->py + ky;
      rows[ky] = 0;
      if (iy >= 0 && iy < c->h) {
        for (; read <= iy; read++) lathe_copy(image + read * wide, wide, band + read % held * wide);
        rows[ky] = band + iy % held * wide;
      }
    }
    conv_row(c, rows, y, 0, 0);
    y += c->ow * c->lin.n;
  }
}

void lathe_grouped(const lathe_conv *c, const int8_t *x, int8_t *y, const lathe_sum *sum, const int8_t *r) {
  const lathe_lin *l = &c->lin;
  const int inputs = c->c / c->groups, per = l->n / c->groups;
  for (int oy = 0, i = 0; oy < c->oh; oy++)
    for (int ox = 0; ox < c->ow; ox++)
      for (int o = 0; o < l->n; o++, i++) {
        int32_t a = l->b[o];
        const int8_t *w = l->w + o * l->k;
        for (int ky = 0; ky < c->kh; ky++)
          for (int kx = 0; kx < c->kw; kx++, w += inputs) {
            int iy = oy * c->sy - c->py + ky, ix = ox * c->sx - c->px + kx;
            if (iy >= 0 && iy < c->h && ix >= 0 && ix < c->w)
              a = dot(x + (iy * c->w + ix) * c->c + o / per * inputs, w, inputs, a);
          }
        put(l, o, a, sum, r, y, i);
      }
}

void lathe_patches(const lathe_conv *c, const int8_t *image, int8_t *band, int8_t *patch, int8_t *y) {
  const int wide = c->w * c->c, run = c->kw * c->c;
  for (int oy = 0; oy < c->oh; oy++) {
    for (int ky = 0; ky < c->kh; ky++) {
      int iy = oy * c->sy - c->py + ky;
      if (band && iy >= 0 && iy < c->h) lathe_copy(image + iy * wide, wide, band + ky * wide);
    }
    for (int ox = 0; ox < c->ow; ox++, y += c->lin.n) {
      for (int ky = 0; ky < c->kh; ky++) {
        int iy = oy * c->sy - c->py + ky, left = ox * c->sx - c->px;
        const int8_t *from = band ? band + ky * wide : image + iy * wide;
        for (int i = 0; i < run; i++) {
          int at = left * c->c + i;
          patch[ky * run + i] = iy >= 0 && iy < c->h && at >= 0 && at < wide ? from[at] : 0;
        }
      }
      lathe_linear(&c->lin, patch, 1, y, c->lin.n, 0, 0);
    }
  }
}
