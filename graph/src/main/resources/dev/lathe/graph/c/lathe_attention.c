/* Softmax attention, one query at a time. */
#include "lathe_math.h"

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
