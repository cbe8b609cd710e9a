#include "lathe_ops.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-schedule-insns") /* loads moved up early cost more registers than a Cortex-M has */
#endif
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline)) /* loops that need all registers for themselves */
#else
#define INLINE static inline
#define APART static
#endif
#if defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 8")
#else
#define UNROLL
#endif
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__)
#define DSP 1 /* multiplies two pairs of 16-bit numbers and adds both products, in one instruction */
#else
#define DSP 0
#endif
#if defined(__ARM_FEATURE_SAT) || defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>
#endif

/* ---- arithmetic ---- */

#if defined(__ARM_FEATURE_SAT)
INLINE int32_t clamp8(int32_t v) { return __ssat(v, 8); }
#else
INLINE int32_t clamp8(int32_t v) { return v < -128 ? -128 : v > 127 ? 127 : v; }
#endif
INLINE int32_t clamp(int32_t v, int32_t lo, int32_t hi) { return v < lo ? lo : v > hi ? hi : v; }

/* a * m * 2^-s, halves up, for s > 32: the low word of the product cannot matter */
INLINE int32_t rq_high(int32_t a, int32_t m, int s) {
  return (((int32_t)((int64_t)a * m >> 32) >> (s - 33)) + 1) >> 1;
}
APART int32_t rq_low(int32_t a, int32_t m, int s) {
  return (int32_t)(((int64_t)a * m + ((int64_t)1 << (s - 1))) >> s);
}
/* for 1 <= s <= 62 */
INLINE int32_t rq(int32_t a, int32_t m, int s) { return s > 32 ? rq_high(a, m, s) : rq_low(a, m, s); }

/* 32-bit words in an arena that is packed to the byte */
INLINE int32_t ld32(const int8_t *p) {
#if defined(__GNUC__)
  int32_t v;
  __builtin_memcpy(&v, p, 4);
  return v;
#else
  const uint8_t *u = (const uint8_t *)p;
  return (int32_t)(u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24);
#endif
}
INLINE void st32(int8_t *p, int32_t v) {
#if defined(__GNUC__)
  __builtin_memcpy(p, &v, 4);
#else
  for (int i = 0; i < 4; i++) p[i] = (int8_t)((uint32_t)v >> 8 * i);
#endif
}
INLINE int32_t ld16(const int8_t *p) { return (uint8_t)p[0] | p[1] * 256; }
INLINE void st16(int8_t *p, int32_t v) {
  p[0] = (int8_t)(v & 255);
  p[1] = (int8_t)(v >> 8);
}

static int clz32(uint32_t v) {
#if defined(__GNUC__)
  return __builtin_clz(v);
#else
  int n = 0;
  while (!(v >> 31)) { v <<= 1; n++; }
  return n;
#endif
}
static int clz64(uint64_t v) { return v >> 32 ? clz32((uint32_t)(v >> 32)) : 32 + clz32((uint32_t)v); }

/* min(floor(2^61 / d), 2^31 - 1) for d in [2^30, 2^31], by two divisions of 32 bits */
static int32_t reciprocal(uint32_t d) {
  if (d <= 1u << 30 || d >= 1u << 31) return d >= 1u << 31 ? 1 << 30 : 0x7fffffff;
  uint32_t v = d << 1, v1 = v >> 16, v0 = v & 0xffff, u = 1u << 30; /* u * 2^32 / v */
  uint32_t q1 = u / v1, r = u - q1 * v1;
  while (q1 > 0xffff || q1 * v0 > r << 16) {
    q1--;
    r += v1;
    if (r > 0xffff) break;
  }
  uint32_t rest = (u << 16) - q1 * v, q0 = rest / v1;
  r = rest - q0 * v1;
  while (q0 > 0xffff || q0 * v0 > r << 16) {
    q0--;
    r += v1;
    if (r > 0xffff) break;
  }
  return (int32_t)((q1 << 16) + q0);
}

/* floor of the square root, for v in [2^60, 2^62) */
static uint32_t root(uint64_t v) {
  uint32_t h = (uint32_t)(v >> 30), a = (h >> 17) + (h >> 18) + 23000; /* h in [2^30, 2^32) */
  for (int i = 0; i < 4; i++) a = (a + h / a) >> 1;
  if (a > 0xffff) a = 0xffff;
  while (a * a > h) a--;
  while (a < 0xffff && (a + 1) * (a + 1) <= h) a++;
  uint32_t rest = h - a * a, low = (uint32_t)v & 0x3fffffff;
  uint32_t r = (a << 15) + (uint32_t)((((uint64_t)rest << 15) + (low >> 15)) / (2 * a));
  while ((uint64_t)r * r > v) r--;
  while ((uint64_t)(r + 1) * (r + 1) <= v) r++;
  return r;
}

INLINE int32_t result(const lathe_lin *l, int c, int32_t acc) {
  return clamp(rq(acc, l->m[c], l->s[c]) + l->z, l->lo, l->hi);
}
INLINE int32_t summed(const lathe_sum *p, int32_t r, int32_t v) {
  return clamp8(((r * p->rm + v * p->vm + (1 << (p->s - 1))) >> p->s) + p->z);
}
INLINE void put(const lathe_lin *l, int c, int32_t acc, const lathe_sum *sum, const int8_t *r, int8_t *y, int i) {
  int32_t v = result(l, c, acc);
  if (l->lut) v = l->lut[v + 128];
  if (r) v = summed(sum, r[i], v);
  y[i] = (int8_t)v;
}

/* ---- sums of products ---- */

#if DSP
#define LO(v) __sxtb16(v)
INLINE int16x2_t HI(uint32_t v) {
  int16x2_t r;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(r) : "r"(v));
  return r;
}
#define STEP2X2(o)                                                                             \
  {                                                                                            \
    uint32_t p = (uint32_t)ld32(x + (o)), q = (uint32_t)ld32(x + dx + (o));                    \
    uint32_t u = (uint32_t)ld32(w + (o)), v = (uint32_t)ld32(w + dw + (o));                    \
    int16x2_t pl = LO(p), ph = HI(p), ql = LO(q), qh = HI(q), ul = LO(u), uh = HI(u);          \
    a00 = __smlad(ph, uh, __smlad(pl, ul, a00));                                               \
    a10 = __smlad(qh, uh, __smlad(ql, ul, a10));                                               \
    ul = LO(v);                                                                                \
    uh = HI(v);                                                                                \
    a01 = __smlad(ph, uh, __smlad(pl, ul, a01));                                               \
    a11 = __smlad(qh, uh, __smlad(ql, ul, a11));                                               \
  }
#endif

/* two vectors x, x + dx with two vectors w, w + dw: a[0] x w, a[1] x (w + dw), a[2] (x + dx) w, a[3] both */
INLINE void dot2x2(const int8_t *x, int dx, const int8_t *w, int dw, int n, int32_t *a) {
  int32_t a00 = a[0], a01 = a[1], a10 = a[2], a11 = a[3];
  const int8_t *end = x + n;
#if DSP
  for (const int8_t *e = x + (n & ~7); x < e; x += 8, w += 8) {
    STEP2X2(0)
    STEP2X2(4)
  }
  if (n & 4) {
    STEP2X2(0)
    x += 4;
    w += 4;
  }
#endif
  for (; x < end; x++, w++) {
    a00 += x[0] * w[0];
    a01 += x[0] * w[dw];
    a10 += x[dx] * w[0];
    a11 += x[dx] * w[dw];
  }
  a[0] = a00, a[1] = a01, a[2] = a10, a[3] = a11;
}

/* one vector x with w, w + dw, w + 2 dw, w + 3 dw */
INLINE void dot1x4(const int8_t *x, const int8_t *w, int dw, int n, int32_t *a) {
  int32_t a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];
  const int8_t *w2 = w + 2 * dw, *end = x + n;
#if DSP
  for (const int8_t *e = x + (n & ~3); x < e; x += 4, w += 4, w2 += 4) {
    uint32_t p = (uint32_t)ld32(x), u = (uint32_t)ld32(w), v = (uint32_t)ld32(w + dw);
    int16x2_t pl = LO(p), ph = HI(p);
    a0 = __smlad(ph, HI(u), __smlad(pl, LO(u), a0));
    a1 = __smlad(ph, HI(v), __smlad(pl, LO(v), a1));
    u = (uint32_t)ld32(w2);
    v = (uint32_t)ld32(w2 + dw);
    a2 = __smlad(ph, HI(u), __smlad(pl, LO(u), a2));
    a3 = __smlad(ph, HI(v), __smlad(pl, LO(v), a3));
  }
#endif
  for (; x < end; x++, w++, w2++) {
    a0 += x[0] * w[0];
    a1 += x[0] * w[dw];
    a2 += x[0] * w2[0];
    a3 += x[0] * w2[dw];
  }
  a[0] = a0, a[1] = a1, a[2] = a2, a[3] = a3;
}

INLINE int32_t dot(const int8_t *x, const int8_t *w, int n, int32_t a) {
  const int8_t *end = x + n;
#if DSP
  for (const int8_t *e = x + (n & ~3); x < e; x += 4, w += 4) {
    uint32_t p = (uint32_t)ld32(x), u = (uint32_t)ld32(w);
    a = __smlad(HI(p), HI(u), __smlad(LO(p), LO(u), a));
  }
#endif
  for (; x < end; x++, w++) a += x[0] * w[0];
  return a;
}

/* ---- linear layers ---- */

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

/* ---- convolutions ---- */

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

/* ---- norms, attention ---- */

/* What all channels of a token need. In exact arithmetic |n x - sum| <= sqrt(n V), so that the factor 2^k which makes the shift
 * at least 33 fits 32 bits. */
typedef struct {
  int32_t n, sum, inv;
  int shift;
} spread;

INLINE spread spread_of(const lathe_norm *l, const int8_t *x) {
  int32_t sum = 0, sq = 0;
  for (int i = 0; i < l->n; i++) {
    sum += x[i];
    sq += x[i] * x[i];
  }
  uint64_t v = (uint64_t)((int64_t)l->n * sq - (int64_t)sum * sum) + l->eps;
  int e = (clz64(v) - 2) >> 1, s = 51 - e, k = s < 33 ? 33 - s : 0;
  spread r = {l->n * (1 << k), sum * (1 << k), reciprocal(root(v << (2 * e))), s + k};
  return r;
}
INLINE int32_t normed(const lathe_norm *l, const spread *p, int i, int32_t x) {
  int32_t t = rq_high(p->n * x - p->sum, p->inv, p->shift);
  return clamp8(((t * l->g[i] + l->b[i] + (1 << (9 + l->f))) >> (10 + l->f)) + l->z);
}

void lathe_layernorm(const lathe_norm *l, const int8_t *x, int t, int8_t *y) {
  for (; t > 0; t--, x += l->n, y += l->n) {
    const spread p = spread_of(l, x);
    for (int i = 0; i < l->n; i++) y[i] = (int8_t)normed(l, &p, i, x[i]);
  }
}

/* s_j = q k_j; their largest */
APART int32_t scores(const int8_t *q, const int8_t *k, int t, int d, int8_t *row) {
  int32_t most = INT32_MIN;
  int j = 0;
  for (; j + 4 <= t; j += 4, k += 4 * d) {
    int32_t s[4] = {0, 0, 0, 0};
    dot1x4(q, k, d, d, s);
    for (int i = 0; i < 4; i++) {
      st32(row + 4 * (j + i), s[i]);
      most = s[i] > most ? s[i] : most;
    }
  }
  for (; j < t; j++, k += d) {
    int32_t s = dot(q, k, d, 0);
    st32(row + 4 * j, s);
    most = s > most ? s : most;
  }
  return most;
}

#if DSP
/* (x.0, x.1, y.0, y.1) and (x.2, x.3, y.2, y.3), bytes of two words */
INLINE uint32_t halves_low(uint32_t x, uint32_t y) {
  uint32_t r;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(r) : "r"(x), "r"(y));
  return r;
}
INLINE uint32_t halves_high(uint32_t x, uint32_t y) {
  uint32_t r;
  __asm__("pkhtb %0, %2, %1, asr #16" : "=r"(r) : "r"(x), "r"(y));
  return r;
}
/* sums of eight channels of an even number of values, weighted by the 16-bit numbers of a row: two values at a time */
APART void weigh(const int8_t *row, const int8_t *end, const int8_t *v, int width, int32_t *all) {
  int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
  for (; row < end; row += 4, v += 2 * width) {
    int16x2_t f = (int16x2_t)ld32(row);
    uint32_t m = (uint32_t)ld32(v), n = (uint32_t)ld32(v + width), a = halves_low(m, n), b = halves_high(m, n);
    s0 = __smlad(f, LO(a), s0);
    s1 = __smlad(f, HI(a), s1);
    s2 = __smlad(f, LO(b), s2);
    s3 = __smlad(f, HI(b), s3);
    m = (uint32_t)ld32(v + 4), n = (uint32_t)ld32(v + width + 4), a = halves_low(m, n), b = halves_high(m, n);
    s4 = __smlad(f, LO(a), s4);
    s5 = __smlad(f, HI(a), s5);
    s6 = __smlad(f, LO(b), s6);
    s7 = __smlad(f, HI(b), s7);
  }
  all[0] = s0, all[1] = s1, all[2] = s2, all[3] = s3, all[4] = s4, all[5] = s5, all[6] = s6, all[7] = s7;
}
#endif

/* |sum| < 2^(38 - lz): as for norms, the shift is made at least 33 */
INLINE int8_t mixed(const lathe_att *a, int32_t sum, int32_t inv, int k, int shift) {
  return (int8_t)clamp8(rq(rq_high(sum * (1 << k), inv, shift), a->om, a->os));
}

/* Turns scores into 16-bit weights behind what is still to be read; their sum. */
static int32_t exponentials(const lathe_att *a, const uint16_t *exp2, int32_t most, int t, int8_t *row) {
  int32_t sum = 0;
  const lathe_att scale = *a; /* which no result can be written over */
  for (int j = 0; j < t; j++) {
    int32_t u = rq(most - ld32(row + 4 * j), scale.cm, scale.cs), n = u >> 8;
    int32_t e = n > 14 ? 0 : (exp2[u & 255] + ((1 << n) >> 1)) >> n;
    st16(row + 2 * j, e);
    sum += e;
  }
  return sum;
}

void lathe_attention(const lathe_att *a, const uint16_t *exp2, const int8_t *q, const int8_t *k, const int8_t *v, int t,
                     int d, int width, int8_t *row, int8_t *o) {
  const int32_t sum = exponentials(a, exp2, scores(q, k, t, d, row), t, row);
  const lathe_att scale = *a;
  const int lz = clz32((uint32_t)sum) - 1, s = 45 - lz, up = s < 33 ? 33 - s : 0;
  const int32_t inv = reciprocal((uint32_t)sum << lz);
  int c = 0;
#if DSP
  for (; c + 8 <= width; c += 8) {
    int32_t all[8];
    weigh(row, row + 4 * (t / 2), v + c, width, all);
    for (int i = 0; i < 8; i++) {
      int32_t acc = all[i];
      if (t & 1) acc += ld16(row + 2 * (t - 1)) * v[(t - 1) * width + c + i];
      o[c + i] = mixed(&scale, acc, inv, up, s + up);
    }
  }
#endif
  for (; c < width; c++) {
    int32_t acc = 0;
    for (int j = 0; j < t; j++) acc += ld16(row + 2 * j) * v[j * width + c];
    o[c] = mixed(&scale, acc, inv, up, s + up);
  }
}

/* A walk over the grid: the table rows of token after token's distances from token i. */
typedef struct {
  int y, x, columns, clip, yi, xi, first;
} walk;

static walk walk_from(const lathe_near *p, int i) {
  walk w = {0, 0, p->columns, p->clip, i ? (i - 1) / p->columns : 0, i ? (i - 1) % p->columns : 0, i == 0};
  return w;
}
INLINE int walk_row(const walk *w, int distance) { return (int)clamp(distance, -w->clip, w->clip) + w->clip + 1; }
/* the rows of token j, which is one further than the last */
static void walk_next(walk *w, int j, int *down, int *across) {
  if (j == 0 || w->first) {
    *down = *across = 0;
    return;
  }
  *down = walk_row(w, w->y - w->yi);
  *across = walk_row(w, w->x - w->xi);
  if (++w->x == w->columns) {
    w->x = 0;
    w->y++;
  }
}

static int32_t near_scores(const lathe_near *p, const int8_t *q, int d, int i, int t, int8_t *products, int8_t *row) {
  const int n = 2 * p->clip + 2;
  int32_t most = INT32_MIN;
  walk w = walk_from(p, i);
  for (int r = 0; r < n; r++) {
    st32(products + 4 * r, rq(dot(q, p->v + r * d, d, 0), p->m, p->s));
    st32(products + 4 * (n + r), rq(dot(q, p->h + r * d, d, 0), p->m, p->s));
  }
  for (int j = 0; j < t; j++) {
    int down, across;
    walk_next(&w, j, &down, &across);
    int32_t s = ld32(row + 4 * j) + ld32(products + 4 * down) + ld32(products + 4 * (n + across));
    st32(row + 4 * j, s);
    most = s > most ? s : most;
  }
  return most;
}

static void near_bins(const lathe_near *p, const int8_t *row, int i, int t, int8_t *bins) {
  const int n = 2 * p->clip + 2;
  walk w = walk_from(p, i);
  for (int r = 0; r < 2 * n; r++) st32(bins + 4 * r, 0);
  for (int j = 0; j < t; j++) {
    int down, across;
    int32_t e = ld16(row + 2 * j);
    walk_next(&w, j, &down, &across);
    st32(bins + 4 * down, ld32(bins + 4 * down) + e);
    st32(bins + 4 * (n + across), ld32(bins + 4 * (n + across)) + e);
  }
}

void lathe_attention_near(const lathe_att *a, const uint16_t *exp2, const int8_t *q, const int8_t *k, const int8_t *v, int t,
                          int d, int width, int8_t *row, int8_t *o, int i, const lathe_near *keys, int8_t *products,
                          const lathe_near *values, int8_t *bins) {
  int32_t most = scores(q, k, t, d, row);
  if (keys) most = near_scores(keys, q, d, i, t, products, row);
  const int32_t sum = exponentials(a, exp2, most, t, row);
  const int lz = clz32((uint32_t)sum) - 1, s = 45 - lz, up = s < 33 ? 33 - s : 0;
  const int32_t inv = reciprocal((uint32_t)sum << lz);
  if (values) near_bins(values, row, i, t, bins);
  for (int c = 0; c < width; c++) {
    int32_t acc = 0;
    for (int j = 0; j < t; j++) acc += ld16(row + 2 * j) * v[j * width + c];
    int32_t mean = rq_high(acc * (1 << up), inv, s + up);
    if (values) {
      const int n = 2 * values->clip + 2;
      int32_t b = 0;
      for (int r = 0; r < n; r++)
        b += ld32(bins + 4 * r) * values->v[r * width + c] + ld32(bins + 4 * (n + r)) * values->h[r * width + c];
      mean += rq(rq_high(b * (1 << up), inv, s + up), values->m, values->s);
    }
    o[c] = (int8_t)clamp8(rq(mean, a->om, a->os));
  }
}

/* ---- element by element ---- */

void lathe_add(const lathe_sum *p, const int8_t *r, const int8_t *v, int n, int8_t *y) {
  for (int i = 0; i < n; i++) y[i] = (int8_t)summed(p, r[i], v[i]);
}
void lathe_table(const int8_t *table, int8_t *x, int n) {
  for (int i = 0; i < n; i++) x[i] = (int8_t)clamp8(x[i] + table[i]);
}
void lathe_lookup(const int8_t *lut, const int8_t *x, int n, int8_t *y) {
  for (int i = 0; i < n; i++) y[i] = lut[x[i] + 128];
}
void lathe_gate(const lathe_scale *p, const int8_t *x, const int8_t *g, int n, int c, int8_t *y) {
  for (int i = 0; i < n; i++, x += c, y += c)
    for (int j = 0; j < c; j++) y[j] = (int8_t)clamp8(rq((x[j] - p->zx) * (g[j] - p->zg), p->m, p->s) + p->z);
}
INLINE void put_mean(const lathe_scale *p, int32_t sum, int n, int8_t *y, int i, int wide) {
  int32_t v = rq(sum - n * p->zx, p->m, p->s) + p->z;
  if (wide) st16(y + 2 * i, clamp(v, -32768, 32767));
  else y[i] = (int8_t)clamp8(v);
}
void lathe_mean(const lathe_scale *p, const int8_t *x, int n, int c, int8_t *y, int wide) {
  for (int j = 0; j < c; j++) {
    int32_t sum = 0;
    for (int i = 0; i < n; i++) sum += x[i * c + j];
    put_mean(p, sum, n, y, j, wide);
  }
}
void lathe_pooled(const lathe_norm *l, const lathe_scale *p, const int8_t *x, int t, int c, int8_t *sums, int8_t *y, int wide) {
  for (int j = 0; j < c; j++) st32(sums + 4 * j, 0);
  for (int i = 0; i < t; i++, x += c) {
    spread n = {0, 0, 0, 0};
    if (l) n = spread_of(l, x);
    for (int j = 0; j < c; j++) st32(sums + 4 * j, ld32(sums + 4 * j) + (l ? normed(l, &n, j, x[j]) : x[j]));
  }
  for (int j = 0; j < c; j++) put_mean(p, ld32(sums + 4 * j), t, y, j, wide);
}
void lathe_copy(const int8_t *x, int n, int8_t *y) {
  for (int i = 0; i < n; i++) y[i] = x[i];
}
