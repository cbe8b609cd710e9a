/* Kernels of networks exported by Lathe: 8-bit activations and weights, 32-bit sums, no heap, no library.
 * Images are (row, column, channel), sequences (token, channel). */
#ifndef LATHE_OPS_H
#define LATHE_OPS_H
#include <stdint.h>

/* y = clamp(rq(b + sum x w, m, s) + z, lo, hi), then lut[y + 128] if there is one; w is (output, k) */
typedef struct {
  const int8_t *w;
  const int32_t *b, *m;
  const uint8_t *s;
  const int8_t *lut;
  int32_t k, n;
  int16_t z, lo, hi;
} lathe_lin;

/* clamp(((r * rm + v * vm + half) >> s) + z): adds a result v to what is there, r */
typedef struct {
  int32_t rm, vm;
  int16_t s, z;
} lathe_sum;

/* a convolution of (h, w, c) to (oh, ow, lin.n) */
typedef struct {
  lathe_lin lin;
  int16_t h, w, c, oh, ow, kh, kw, sy, sx, py, px, groups;
} lathe_conv;

/* a mean over windows: factors for 1, 2, ... values; a maximum where there are none */
typedef struct {
  const int32_t *m;
  const uint8_t *s;
  int16_t h, w, c, oh, ow, kh, kw, sy, sx, py, px, zx, z;
} lathe_pool;

typedef struct {
  const int16_t *g;
  const int32_t *b;
  int16_t n, f, z;
  uint32_t eps;
} lathe_norm;

/* a ratio of scales with the zero points on both sides */
typedef struct {
  int32_t m;
  int16_t s, zx, zg, z;
} lathe_scale;

typedef struct {
  int32_t cm, om;
  int16_t cs, os;
} lathe_att;

/* r may be NULL: then sum is not used. y may be r. */
void lathe_linear(const lathe_lin *l, const int8_t *x, int t, int8_t *y, int stride, const lathe_sum *sum, const int8_t *r);
void lathe_linear16(const lathe_lin *l, const int8_t *x, int8_t *y);
/* the part of a layer that makes outputs first, ..., first + n - 1 */
lathe_lin lathe_slice(const lathe_lin *l, int first, int n);

void lathe_conv2d(const lathe_conv *c, const int8_t *x, int8_t *y, const lathe_sum *sum, const int8_t *r);
/* the image is copied to the band row by row: kh rows of it */
void lathe_conv2d_bands(const lathe_conv *c, const int8_t *image, int8_t *band, int8_t *y);
void lathe_grouped(const lathe_conv *c, const int8_t *x, int8_t *y, const lathe_sum *sum, const int8_t *r);
/* y may be x if there is scratch for one channel of the result; scratch may be NULL else */
void lathe_depthwise(const lathe_conv *c, const int8_t *x, int8_t *y, int8_t *scratch, const lathe_sum *sum, const int8_t *r);
void lathe_pool2d(const lathe_pool *p, const int8_t *x, int8_t *y, int8_t *scratch);
/* kernel = stride: each patch is gathered, from a band of rows if there is one, and makes one token */
void lathe_patches(const lathe_conv *c, const int8_t *image, int8_t *band, int8_t *patch, int8_t *y);

void lathe_layernorm(const lathe_norm *l, const int8_t *x, int t, int8_t *y);
void lathe_attention(const lathe_att *a, const uint16_t *exp2, const int8_t *q, const int8_t *k, const int8_t *v, int t,
                     int d, int width, int8_t *row, int8_t *o);
/* tables of relative positions on a grid of tokens after one class token: (2 clip + 2) rows each, row 0 for pairs with the
 * class token */
typedef struct {
  const int8_t *v, *h;
  int32_t m;
  int16_t s, columns, clip;
} lathe_near;
/* the same for query token i with relative positions for keys, for values, or both; each needs room for two words a table row */
void lathe_attention_near(const lathe_att *a, const uint16_t *exp2, const int8_t *q, const int8_t *k, const int8_t *v, int t,
                          int d, int width, int8_t *row, int8_t *o, int i, const lathe_near *keys, int8_t *products,
                          const lathe_near *values, int8_t *bins);
void lathe_add(const lathe_sum *p, const int8_t *r, const int8_t *v, int n, int8_t *y);
void lathe_table(const int8_t *table, int8_t *x, int n);
void lathe_lookup(const int8_t *lut, const int8_t *x, int n, int8_t *y);
void lathe_gate(const lathe_scale *p, const int8_t *x, const int8_t *g, int n, int c, int8_t *y);
/* means over n rows of c values; 16-bit results if wide */
void lathe_mean(const lathe_scale *p, const int8_t *x, int n, int c, int8_t *y, int wide);
/* adds normed tokens (l may be NULL: tokens as they are) to 32-bit sums, then their means */
void lathe_pooled(const lathe_norm *l, const lathe_scale *p, const int8_t *x, int t, int c, int8_t *sums, int8_t *y, int wide);
void lathe_copy(const int8_t *x, int n, int8_t *y);

/* rows y0, ..., y1 - 1 and columns x0, ..., x1 - 1 of an image, which lie by themselves */
typedef struct {
  int16_t y0, y1, x0, x1;
} lathe_part;
/* of patch (r, c) of n x n; bands of rows, then of columns: first, end, first, end, ... */
lathe_part lathe_part_of(const int16_t *bands, int n, int r, int c);
int32_t lathe_pixels(lathe_part p);
/* a pixel of c channels, whose row and column count from the whole image's */
int8_t *lathe_at(int8_t *x, lathe_part p, int c, int row, int column);
/* a layer that makes a part of its result from a part of its input */
lathe_conv lathe_conv_part(const lathe_conv *c, lathe_part in, lathe_part out);
lathe_pool lathe_pool_part(const lathe_pool *c, lathe_part in, lathe_part out);
/* a part of an image that is w pixels of c channels wide */
void lathe_crop(const int8_t *image, int w, int c, lathe_part p, int8_t *y);
#endif
