package dev.lathe.evolve;

import dev.lathe.base.Seeds;
import java.util.random.RandomGenerator;

/** A stream of {@link Seeds} that counts its steps, so that it can be brought again to where it was. */
final class CountedRandom implements RandomGenerator {
    private final RandomGenerator stream;
    private long steps;

    CountedRandom(long seed, String purpose) {
        this.stream = Seeds.generator(seed, purpose, 0);
    }

    @Override
    public int nextInt() {
        steps++;
        return stream.nextInt();
    }

    @Override
    public long nextLong() {
        steps++;
        return stream.nextLong();
    }

    long steps() {
        return steps;
    }

    /** Skips what was drawn up to there. */
    void forwardTo(long step) {
        while (steps < step) {
            nextLong();
        }
    }
}
