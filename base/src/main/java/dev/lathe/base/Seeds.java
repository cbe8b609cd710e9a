package dev.lathe.base;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One seed a run, many independent streams: each purpose and index has a generator of its own, so that a step can be
 * repeated or resumed without replaying what came before it.
 */
public final class Seeds {
    private Seeds() {}

    /** The seed of a purpose: the same three values give the same seed, on any machine. */
    public static long derive(long seed, String purpose, long index) {
        long h = seed ^ 0x9E3779B97F4A7C15L;
        for (int i = 0; i < purpose.length(); i++) {
            h = mix(h ^ purpose.charAt(i));
        }
        return mix(h ^ mix(index + 0x632BE59BD9B4E019L));
    }

    public static RandomGenerator generator(long seed, String purpose, long index) {
        return new SplittableRandom(derive(seed, purpose, index));
    }

    /** The finaliser of MurmurHash3, in the variant of Stafford (mix 13). */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
