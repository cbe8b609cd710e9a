/* Instructions of each kernel on fixed shapes. */
#include "lathe_ops.h"
#include "port.h"

static int8_t x[32 * 192], w[192 * 192], y[32 * 192], row[4 * 32];
static int32_t b[192], m[192];
static uint8_t s[192];
static int16_t g[192];
static uint16_t powers[256];
static uint32_t seed = 1;

static int rnd(void) {
  seed = seed * 1664525u + 1013904223u;
  return (int)(seed >> 24) - 128;
}
static void report(const char *name, uint32_t t0, uint32_t t1, uint32_t macs) {
  uint32_t h = 0x811c9dc5u;
  for (uint32_t i = 0; i < sizeof y; i++) h = (h ^ (uint8_t)y[i]) * 16777619u;
  put("RATE ");
  put(name);
  put(" ");
  putdec((int32_t)insns(t0, t1));
  put(" ");
  putdec((int32_t)macs);
  put(" ");
  putdec((int32_t)h);
  put("\n");
}
#define MEASURE(name, macs, call) \
  {                               \
    uint32_t t0 = ticks();        \
    call;                         \
    uint32_t t1 = ticks();        \
    report(name, t0, t1, macs);   \
  }

int main(void) {
  for (unsigned i = 0; i < sizeof x; i++) x[i] = (int8_t)rnd();
  for (unsigned i = 0; i < sizeof w; i++) w[i] = (int8_t)rnd();
  for (int i = 0; i < 256; i++) powers[i] = (uint16_t)(16384 - 32 * i);
  for (int i = 0; i < 192; i++) {
    b[i] = rnd() * 64;
    m[i] = (1 << 30) + rnd() * 4096;
    s[i] = 42;
    g[i] = (int16_t)(rnd() * 16);
  }
  const lathe_lin lin = {w, b, m, s, 0, 192, 192, 3, -128, 127};
  const lathe_norm norm = {g, b, 192, 9, 0, 100};
  const lathe_att att = {1 << 30, 1 << 30, 37, 46};
  /* 16 x 16 pixels, 16 channels, one pixel of padding */
  const lathe_conv conv = {{w, b, m, s, 0, 144, 16, 0, 0, 127}, 16, 16, 16, 16, 16, 3, 3, 1, 1, 1, 1, 1};
  const lathe_conv dw = {{w, b, m, s, 0, 9, 16, 0, 0, 127}, 16, 16, 16, 16, 16, 3, 3, 1, 1, 1, 1, 16};
  const lathe_conv dw5 = {{w, b, m, s, 0, 25, 16, 0, 0, 127}, 16, 16, 16, 16, 16, 5, 5, 1, 1, 2, 2, 16};
  MEASURE("linear", 32 * 192 * 192, lathe_linear(&lin, x, 32, y, 192, 0, 0))
  MEASURE("linear_one_token", 192 * 192, lathe_linear(&lin, x, 1, y, 192, 0, 0))
  MEASURE("attention", 2 * 32 * 32 * 64, for (int t = 0; t < 32; t++)
    lathe_attention(&att, powers, x + t * 192, w, w + 32 * 64, 32, 64, 64, row, y + t * 64))
  MEASURE("attention_16", 2 * 16 * 16 * 16, for (int t = 0; t < 16; t++)
    lathe_attention(&att, powers, x + t * 16, w, w + 16 * 16, 16, 16, 16, row, y + t * 16))
  MEASURE("convolution_3x3", 16 * 16 * 16 * 144, lathe_conv2d(&conv, x, y, 0, 0))
  MEASURE("depthwise_3x3", 16 * 16 * 16 * 9, lathe_depthwise(&dw, x, y, 0, 0, 0))
  MEASURE("depthwise_3x3_in_place", 16 * 16 * 16 * 9, lathe_depthwise(&dw, x, x, y, 0, 0))
  MEASURE("depthwise_5x5", 16 * 16 * 16 * 25, lathe_depthwise(&dw5, x, y, 0, 0, 0))
  MEASURE("layer_norm_elements", 32 * 192, lathe_layernorm(&norm, x, 32, y))
  MEASURE("table_elements", 32 * 192, lathe_lookup(w, x, 32 * 192, y))
  return 0;
}
