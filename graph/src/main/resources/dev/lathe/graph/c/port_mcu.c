/* Bare metal on QEMU's MPS2 boards: reset, painted and guarded stack, text by semihosting, a counter of instructions. */
#include "port.h"

extern uint32_t _sdata, _edata, _ldata, _sbss, _ebss, _sstack, _estack;
int main(void);

static int semihost(int op, const void *arg) {
  register int r0 __asm__("r0") = op;
  register const void *r1 __asm__("r1") = arg;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}
void put(const char *s) { semihost(0x04, s); }
void putdec(int32_t v) {
  char text[12];
  int i = 11;
  uint32_t u = v < 0 ? 0u - (uint32_t)v : (uint32_t)v;
  text[i] = 0;
  do text[--i] = (char)('0' + u % 10);
  while (u /= 10);
  if (v < 0) text[--i] = '-';
  put(text + i);
}
static void quit(uint32_t code) {
  static uint32_t block[2]; /* not on the stack, which may be what broke */
  block[0] = 0x20026;
  block[1] = code;
  semihost(0x20, block);
  for (;;) {}
}

/* The boards' counter runs at 25 MHz of virtual time; under -icount shift=7 an instruction takes 128 ns of it: 3.2 ticks, so
 * that the tick that is cut off at either end does not change the nearest whole number. It wraps after 1.3 G instructions. */
#define COUNTER (*(volatile uint32_t *)0x40028018)
uint32_t ticks(void) { return COUNTER; }
uint32_t insns(uint32_t from, uint32_t to) { return (uint32_t)(((uint64_t)(to - from) * 40 + 64) >> 7); }

#define PAINT 0xa5a5a5a5u
static uint32_t stack_used(void) {
  const uint32_t *p = &_sstack;
  while (p < &_estack && *p == PAINT) p++;
  return (uint32_t)((const char *)&_estack - (const char *)p);
}

/* Paints the stack before any frame exists. */
__attribute__((naked, noreturn)) void reset(void) {
  __asm__ volatile(
      "ldr r0, =_sstack\n ldr r1, =_estack\n ldr r2, =0xa5a5a5a5\n"
      "1: cmp r0, r1\n it lo\n strlo r2, [r0], #4\n blo 1b\n b start");
}
__attribute__((noreturn, used)) void start(void) {
  uint32_t *from = &_ldata;
  for (uint32_t *d = &_sdata; d < &_edata;) *d++ = *from++;
  for (uint32_t *d = &_sbss; d < &_ebss;) *d++ = 0;
  /* MPU region 0: the 4 KB below the stack cannot be touched, so that an overflow faults. */
  volatile uint32_t *mpu = (volatile uint32_t *)0xe000ed90;
  mpu[2] = 0;
  mpu[3] = (uint32_t)&_sstack - 0x1000;
  mpu[4] = 1u << 28 | 11u << 1 | 1;
  mpu[1] = 5;
  int code = main();
  put("STACK ");
  putdec((int32_t)stack_used());
  put(" ");
  putdec((int32_t)((char *)&_estack - (char *)&_sstack));
  put("\n");
  quit((uint32_t)code);
  for (;;) {}
}
__attribute__((noreturn, used)) void faulted(void) {
  put("FAULT\n");
  quit(3);
  for (;;) {}
}
__attribute__((naked)) static void fault(void) { __asm__ volatile("ldr r0, =_estack\n mov sp, r0\n b faulted"); }

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &_estack, reset, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, fault};

/* The compiler may call these for copies of structures. */
void *memcpy(void *to, const void *from, unsigned n) {
  char *d = to;
  const char *s = from;
  while (n--) *d++ = *s++;
  return to;
}
void *memset(void *to, int v, unsigned n) {
  char *d = to;
  while (n--) *d++ = (char)v;
  return to;
}
