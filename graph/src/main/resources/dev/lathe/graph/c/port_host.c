#include "port.h"
#include <stdio.h>
void put(const char *s) { fputs(s, stdout); }
void putdec(int32_t v) { printf("%ld", (long)v); }
uint32_t ticks(void) { return 0; }
uint32_t insns(uint32_t from, uint32_t to) { return to - from; }
