package dev.lathe.graph.c;

import java.util.List;

/**
 * A program that runs networks on samples. It prints {@code OUT name sample logits...} for each, and {@code MEM name touched
 * arena instructions} for each network: the bytes of its arena up to the highest that changed, found by painting the arena with
 * two patterns, its size, and the instructions of one run (0 on a host).
 */
public final class CBench {
    private CBench() {}

    /**
     * A network with what it is run on.
     *
     * @param model the network
     * @param samples as {@link CModel#sample} gives them
     */
    public record Entry(CModel model, List<byte[]> samples) {
        public Entry {
            samples = List.copyOf(samples);
        }
    }

    /** The source of the program's {@code main}. */
    public static String source(List<Entry> entries) {
        StringBuilder text = new StringBuilder("#include \"port.h\"\n");
        entries.forEach(
                e -> text.append("#include \"%s.h\"\n".formatted(e.model().name())));
        text.append("""

                typedef struct {
                  const char *name;
                  void (*run)(const int8_t *, int16_t *);
                  int8_t *arena;
                  const int8_t *samples;
                  int32_t bytes, inputs, count, classes;
                } network;

                """);
        int most = 1;
        for (Entry e : entries) {
            samples(text, e);
            most = (int)
                    Math.max(most, e.model().network().graph().output().shape().elements());
        }
        text.append("static const network networks[] = {\n");
        for (Entry e : entries) {
            CModel m = e.model();
            text.append("  {\"%1$s\", %1$s_run, %1$s_arena, %1$s_samples, %2$d, %3$d, %4$d, %5$d},%n"
                    .formatted(
                            m.name(),
                            m.arenaBytes(),
                            m.network().graph().inputs().get(0).shape().elements(),
                            e.samples().size(),
                            m.network().graph().output().shape().elements()));
        }
        text.append("""
                };
                static int16_t logits[%d];

                static int32_t touched(const network *n, int8_t paint) {
                  for (int32_t i = 0; i < n->bytes; i++) n->arena[i] = paint;
                  n->run(n->samples, logits);
                  int32_t top = n->bytes;
                  while (top > 0 && n->arena[top - 1] == paint) top--;
                  return top;
                }

                int main(void) {
                  for (unsigned k = 0; k < sizeof networks / sizeof networks[0]; k++) {
                    const network *n = &networks[k];
                    for (int32_t i = 0; i < n->count; i++) {
                      n->run(n->samples + i * n->inputs, logits);
                      put("OUT ");
                      put(n->name);
                      put(" ");
                      putdec(i);
                      for (int32_t c = 0; c < n->classes; c++) {
                        put(" ");
                        putdec(logits[c]);
                      }
                      put("\\n");
                    }
                    int32_t a = touched(n, 0x5a), b = touched(n, -0x5b);
                    uint32_t t0 = ticks();
                    n->run(n->samples, logits);
                    uint32_t t1 = ticks();
                    put("MEM ");
                    put(n->name);
                    put(" ");
                    putdec(a > b ? a : b);
                    put(" ");
                    putdec(n->bytes);
                    put(" ");
                    putdec((int32_t)insns(t0, t1));
                    put("\\n");
                  }
                  return 0;
                }
                """.formatted(most));
        return text.toString();
    }

    private static void samples(StringBuilder text, Entry e) {
        text.append("static const int8_t %s_samples[] = {".formatted(e.model().name()));
        for (byte[] sample : e.samples()) {
            text.append("\n ");
            for (byte v : sample) {
                text.append(' ').append(v).append(',');
            }
        }
        text.append("\n};\n");
    }
}
