/* What a test program needs of its machine: text out, and a counter of instructions. */
#ifndef LATHE_PORT_H
#define LATHE_PORT_H
#include <stdint.h>
void put(const char *s);
/* a moment; instructions from one to another, exact under emulation, 0 on a host */
uint32_t ticks(void);
uint32_t insns(uint32_t from, uint32_t to);
void putdec(int32_t v);
#endif
