package dev.lathe.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NameTableTest {
    /** "Aa" and "BB" have one hash code, so that all names of k of them share it too. */
    private static String name(SplittableRandom random) {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            b.append(random.nextBoolean() ? "Aa" : "BB");
        }
        return b.append(random.nextInt(3)).toString();
    }

    @Test
    void namesAreAddedOnceHoweverManyAndWhateverTheirHashCodes() {
        SplittableRandom random = new SplittableRandom(1);
        NameTable<Long> table = new NameTable<>(1);
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            String name = name(random);
            assertThat(table.add(name)).isEqualTo(expected.add(name));
        }
        assertThat(expected).hasSizeGreaterThan(500);
    }

    @Test
    void theFirstValueOfANameStays() {
        SplittableRandom random = new SplittableRandom(2);
        NameTable<Long> table = new NameTable<>(1);
        Map<String, Long> expected = new HashMap<>();
        for (long i = 0; i < 3000; i++) {
            String name = name(random);
            assertThat(table.putIfAbsent(name, i)).isEqualTo(expected.putIfAbsent(name, i));
        }
    }
}
