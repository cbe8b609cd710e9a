/* Arithmetic and inner loops that the kernels share. */
#ifndef LATHE_MATH_H
#define LATHE_MATH_H
#include "lathe_ops.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-schedule-insns") /* loads moved up early cost more registers than a Cortex-M has */
#endif
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline, unused)) /* loops that need all registers for themselves */
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

INLINE int clz32(uint32_t v) {
#if defined(__GNUC__)
  return __builtin_clz(v);
#else
  int n = 0;
  while (!(v >> 31)) { v <<= 1; n++; }
  return n;
#endif
}
INLINE int clz64(uint64_t v) { return v >> 32 ? clz32((uint32_t)(v >> 32)) : 32 + clz32((uint32_t)v); }

/* min(floor(2^61 / d), 2^31 - 1) for d in [2^30, 2^31], by two divisions of 32 bits */
APART int32_t reciprocal(uint32_t d) {
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
#endif
