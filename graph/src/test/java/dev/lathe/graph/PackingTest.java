package dev.lathe.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PackingTest {
    private static Packing random(SplittableRandom random, int buffers) {
        Packing p = new Packing(buffers);
        for (int i = 0; i < buffers; i++) {
            int from = random.nextInt(buffers);
            int to = from + random.nextInt(5);
            int b = p.add(1 + random.nextInt(40), from, to);
            if (random.nextInt(4) == 0 && to > from) {
                p.shrink(b, from + 1, p.bytes(b) / 2);
            }
        }
        return p;
    }

    private static void requireApart(Packing p, long[] offsets) {
        for (int a = 0; a < p.count(); a++) {
            for (int b = 0; b < a; b++) {
                int common = Math.max(p.from(a), p.from(b));
                if (common <= Math.min(p.to(a), p.to(b))) {
                    assertThat(offsets[a] + p.bytesAt(a, common) <= offsets[b]
                                    || offsets[b] + p.bytesAt(b, common) <= offsets[a])
                            .as("buffers %d and %d at %d", a, b, common)
                            .isTrue();
                }
            }
        }
    }

    @Property(tries = 300)
    void localSearchIsValidNeverWorseNeverBelowTheLiveSetAndRepeatable(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int buffers) {
        Packing p = random(new SplittableRandom(seed), buffers);
        long live = p.largestLive();
        long[] quick = p.offsets(live);
        long[] better = p.improved(quick, live, 100);
        requireApart(p, quick);
        requireApart(p, better);
        assertThat(p.top(better)).isBetween(live, p.top(quick));
        assertThat(p.improved(quick, live, 100)).isEqualTo(better);
    }

    /** Of 200 packings that first-fit over few orders leaves above the largest live set, local search mends most. */
    @Test
    void localSearchReachesTheLiveSetInMostCases() {
        int above = 0;
        int reached = 0;
        for (int seed = 0; above < 200; seed++) {
            Packing p = random(new SplittableRandom(seed), 30);
            long live = p.largestLive();
            long[] quick = p.offsets(live);
            if (p.top(quick) > live) {
                above++;
                reached += p.top(p.improved(quick, live, 300)) == live ? 1 : 0;
            }
        }
        assertThat(reached).isGreaterThan(150);
    }
}
