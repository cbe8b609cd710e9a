package dev.lathe.cli;

import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Seeded samples of distinct architectures. */
final class RandomNetworks {
    private RandomNetworks() {}

    /** {@code count} distinct random architectures, fewer where the space has no more. */
    static List<Architecture> draw(SearchSpace space, int count, long seed, String purpose) {
        RandomGenerator random = Seeds.generator(seed, purpose, 0);
        int possible = BigInteger.valueOf(count).min(space.size()).intValue();
        Set<Architecture> drawn = new LinkedHashSet<>();
        for (int tries = 0; drawn.size() < possible && tries < 1000 * count; tries++) {
            drawn.add(space.random(random));
        }
        return new ArrayList<>(drawn);
    }

    /** The smallest and the largest network, then random ones. */
    static List<Architecture> withExtremes(SearchSpace space, List<Architecture> random) {
        Set<Architecture> all = new LinkedHashSet<>(List.of(space.smallest()));
        all.add(space.largest());
        all.addAll(random);
        return new ArrayList<>(all);
    }
}
