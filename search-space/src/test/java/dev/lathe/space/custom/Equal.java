package dev.lathe.space.custom;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.SplittableRandom;

/** Whether two spaces are one. */
final class Equal {
    private Equal() {}

    static void spaces(SearchSpace a, SearchSpace b, int points) {
        assertThat(a.name()).isEqualTo(b.name());
        assertThat(a.description()).isEqualTo(b.description());
        assertThat(a.decisions()).isEqualTo(b.decisions());
        assertThat(a.size()).isEqualTo(b.size());
        assertThat(a.covering()).isEqualTo(b.covering());
        assertThat(a.floors()).containsExactlyInAnyOrderElementsOf(b.floors());
        assertThat(a.largest()).isEqualTo(b.largest());
        assertThat(a.smallest()).isEqualTo(b.smallest());
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < points; i++) {
            int[] c = new int[a.decisions().size()];
            for (int d = 0; d < c.length; d++) {
                c[d] = random.nextInt(a.decisions().get(d).size());
            }
            Architecture raw = Architecture.of(a.name(), c);
            assertThat(a.canonical(raw)).isEqualTo(b.canonical(raw));
            assertThat(a.lower(raw)).isEqualTo(b.lower(raw));
        }
    }
}
