/* Layer norm and means. */
#include "lathe_math.h"

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
