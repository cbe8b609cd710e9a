/* Element by element. */
#include "lathe_math.h"

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
void lathe_copy(const int8_t *x, int n, int8_t *y) {
  for (int i = 0; i < n; i++) y[i] = x[i];
}
