#include "lathe_ops.h"

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__)
#define DSP 1
#include <arm_acle.h>
#else
#define DSP 0
#endif

/* ---- arithmetic ---- */

#if defined(__ARM_FEATURE_SAT)
INLINE int32_t clamp8(int32_t v) { return __ssat(v, 8); }
#else
INLINE int32_t clamp8(int32_t v) { return v < -128 ? -128 : v > 127 ? 127 : v; }
#endif
INLINE int32_t clamp(int32_t v, int32_t lo, int32_t hi) { return v < lo ? lo : v > hi ? hi : v; }

/* a * m * 2^-s, halves up, 1 <= s <= 62; above 32 the low word of the product cannot matter */
INLINE int32_t rq(int32_t a, int32_t m, int s) {
  int64_t p = (int64_t)a * m;
  if (s > 32) return ((int32_t)(p >> 32) + (int32_t)((1u << (s - 32)) >> 1)) >> (s - 32);
  return (int32_t)((p + ((int64_t)1 << (s - 1))) >> s);
}

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
INLINE void put16(int8_t *y, int i, int32_t v) {
  y[2 * i] = (int8_t)(v & 255);
  y[2 * i + 1] = (int8_t)(v >> 8);
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

/* one vector x with w, w + dw */
INLINE void dot1x2(const int8_t *x, const int8_t *w, int dw, int n, int32_t *a) {
  int32_t a0 = a[0], a1 = a[1];
  const int8_t *end = x + n;
#if DSP
  for (const int8_t *e = x + (n & ~3); x < e; x += 4, w += 4) {
    uint32_t p = (uint32_t)ld32(x), u = (uint32_t)ld32(w), v = (uint32_t)ld32(w + dw);
    int16x2_t pl = LO(p), ph = HI(p);
    a0 = __smlad(ph, HI(u), __smlad(pl, LO(u), a0));
    a1 = __smlad(ph, HI(v), __smlad(pl, LO(v), a1));
  }
#endif
  for (; x < end; x++, w++) {
    a0 += x[0] * w[0];
    a1 += x[0] * w[dw];
  }
  a[0] = a0, a[1] = a1;
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

void lathe_linear(const lathe_lin *l, const int8_t *x, int t, int8_t *y, int stride, const lathe_sum *sum, const int8_t *r) {
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
    for (; c + 2 <= n; c += 2) {
      int32_t a[2] = {l->b[c], l->b[c + 1]};
      dot1x2(x, l->w + c * k, k, k, a);
      put(l, c, a[0], sum, r, y, c);
      put(l, c + 1, a[1], sum, r, y, c + 1);
    }
    if (c < n) put(l, c, dot(x, l->w + c * k, k, l->b[c]), sum, r, y, c);
  }
}

void lathe_linear16(const lathe_lin *l, const int8_t *x, int8_t *y) {
  for (int c = 0; c < l->n; c++) put16(y, c, result(l, c, dot(x, l->w + c * l->k, l->k, l->b[c])));
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
  const lathe_lin *l = &c->lin;
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
    for (int p = 0; p <= pair; p++)
      for (int i = o; i < n; i++) {
        int32_t a = l->b[i];
        const int8_t *w = l->w + i * l->k + skip;
        for (int ky = 0; ky < c->kh; ky++, w += kc)
          if (rows[ky]) a = dot(rows[ky] + at + p * dx, w, len, a);
        put(l, i, a, sum, r, y, p * n + i);
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

void lathe_depthwise(const lathe_conv *c, const int8_t *x, int8_t *y, int8_t *scratch, const lathe_sum *sum, const int8_t *r) {
  const lathe_lin *l = &c->lin;
  const int n = l->n, taps = c->kh * c->kw;
  for (int o = 0; o < n; o++) {
    const int8_t *w = l->w + o * taps;
    int8_t *to = scratch ? scratch : y + o;
    const int step = scratch ? 1 : n;
    for (int oy = 0; oy < c->oh; oy++) {
      int top = oy * c->sy - c->py, y0 = top < 0 ? -top : 0, y1 = top + c->kh > c->h ? c->h - top : c->kh;
      for (int ox = 0; ox < c->ow; ox++, to += step) {
        int left = ox * c->sx - c->px, x0 = left < 0 ? -left : 0, x1 = left + c->kw > c->w ? c->w - left : c->kw;
        int32_t a = l->b[o];
        for (int ky = y0; ky < y1; ky++) {
          const int8_t *p = x + ((top + ky) * c->w + left + x0) * n + o, *v = w + ky * c->kw + x0, *e = v + (x1 - x0);
          for (; v < e; v++, p += n) a += *p * *v;
        }
        put(l, o, a, sum, r ? r + (to - y) : 0, to, 0);
      }
    }
    if (scratch)
      for (int i = 0; i < c->oh * c->ow; i++) y[i * n + o] = scratch[i];
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
    if (scratch)
      for (int i = 0; i < p->oh * p->ow; i++) y[i * n + o] = scratch[i];
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

static uint32_t root(uint64_t v) { /* floor of the square root, v < 2^62 */
  uint64_t r = 0;
  for (uint64_t b = (uint64_t)1 << 60; b; b >>= 2) {
    if (v >= r + b) {
      v -= r + b;
      r = (r >> 1) + b;
    } else {
      r >>= 1;
    }
  }
  return (uint32_t)r;
}

/* what all channels of a token need: its sum, and the reciprocal of its deviation */
static int32_t norm_of(const lathe_norm *l, const int8_t *x, int32_t *sum, int *shift) {
  int32_t s = 0, sq = 0;
  for (int i = 0; i < l->n; i++) {
    s += x[i];
    sq += x[i] * x[i];
  }
  uint64_t v = (uint64_t)((int64_t)l->n * sq - (int64_t)s * s) + l->eps;
  int e = (clz64(v) - 2) >> 1;
  uint64_t inv = ((uint64_t)1 << 61) / root(v << (2 * e));
  *sum = s;
  *shift = 51 - e;
  return inv > 0x7fffffff ? 0x7fffffff : (int32_t)inv;
}
INLINE int32_t normed(const lathe_norm *l, int i, int32_t x, int32_t sum, int32_t inv, int shift) {
  int32_t t = rq(l->n * x - sum, inv, shift);
  return clamp8(((t * l->g[i] + l->b[i] + (1 << (9 + l->f))) >> (10 + l->f)) + l->z);
}

void lathe_layernorm(const lathe_norm *l, const int8_t *x, int t, int8_t *y) {
  for (; t > 0; t--, x += l->n, y += l->n) {
    int32_t sum, inv;
    int shift;
    inv = norm_of(l, x, &sum, &shift);
    for (int i = 0; i < l->n; i++) y[i] = (int8_t)normed(l, i, x[i], sum, inv, shift);
  }
}

void lathe_attention(const lathe_att *a, const uint16_t *exp2, const int8_t *q, const int8_t *k, const int8_t *v, int t,
                     int d, int width, int8_t *row, int8_t *o) {
  int32_t most = INT32_MIN, sum = 0;
  int j = 0, c = 0;
  for (; j + 2 <= t; j += 2, k += 2 * d) {
    int32_t s[2] = {0, 0};
    dot1x2(q, k, d, d, s);
    st32(row + 4 * j, s[0]);
    st32(row + 4 * j + 4, s[1]);
    most = s[0] > most ? s[0] : most;
    most = s[1] > most ? s[1] : most;
  }
  if (j < t) {
    int32_t s = dot(q, k, d, 0);
    st32(row + 4 * j, s);
    most = s > most ? s : most;
  }
  for (j = 0; j < t; j++) {
    int32_t u = rq(most - ld32(row + 4 * j), a->cm, a->cs), n = u >> 8;
    int32_t e = n > 14 ? 0 : (exp2[u & 255] + ((1 << n) >> 1)) >> n;
    st32(row + 4 * j, e);
    sum += e;
  }
  int lz = clz32((uint32_t)sum) - 1;
  uint64_t wide = ((uint64_t)1 << 61) / ((uint64_t)(uint32_t)sum << lz);
  int32_t inv = wide > 0x7fffffff ? 0x7fffffff : (int32_t)wide;
#if DSP
  for (; c + 8 <= width; c += 8) {
    int32_t s[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    const int8_t *p = v + c;
    for (const int8_t *e = row; e < row + 4 * t; e += 4, p += width) {
      int32_t f = ld32(e);
      uint32_t m = (uint32_t)ld32(p), n = (uint32_t)ld32(p + 4);
      int16x2_t ml = LO(m), mh = HI(m), nl = LO(n), nh = HI(n);
      s[0] = __smlabb(f, ml, s[0]);
      s[1] = __smlabb(f, mh, s[1]);
      s[2] = __smlabt(f, ml, s[2]);
      s[3] = __smlabt(f, mh, s[3]);
      s[4] = __smlabb(f, nl, s[4]);
      s[5] = __smlabb(f, nh, s[5]);
      s[6] = __smlabt(f, nl, s[6]);
      s[7] = __smlabt(f, nh, s[7]);
    }
    for (int i = 0; i < 8; i++) o[c + i] = (int8_t)clamp8(rq(rq(s[i], inv, 45 - lz), a->om, a->os));
  }
#endif
  for (; c < width; c++) {
    int32_t acc = 0;
    for (j = 0; j < t; j++) acc += ld32(row + 4 * j) * v[j * width + c];
    o[c] = (int8_t)clamp8(rq(rq(acc, inv, 45 - lz), a->om, a->os));
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
  if (wide) put16(y, i, clamp(v, -32768, 32767));
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
    int32_t sum = 0, inv = 0;
    int shift = 1;
    if (l) inv = norm_of(l, x, &sum, &shift);
    for (int j = 0; j < c; j++) st32(sums + 4 * j, ld32(sums + 4 * j) + (l ? normed(l, j, x[j], sum, inv, shift) : x[j]));
  }
  for (int j = 0; j < c; j++) put_mean(p, ld32(sums + 4 * j), t, y, j, wide);
}
void lathe_copy(const int8_t *x, int n, int8_t *y) {
  for (int i = 0; i < n; i++) y[i] = x[i];
}
