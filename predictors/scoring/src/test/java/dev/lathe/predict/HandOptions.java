package dev.lathe.predict;

import dev.lathe.base.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Features of made-up decisions, and random choices. */
final class HandOptions {
    private HandOptions() {}

    /** All options of all decisions, in order. */
    static OptionColumns inOrder(int... sizes) {
        return columns(options(sizes), sizes);
    }

    /** All options of all decisions, in any order. */
    static OptionColumns shuffled(RandomGenerator random, int... sizes) {
        List<int[]> features = options(sizes);
        Seeds.shuffle(features, random);
        return columns(features, sizes);
    }

    private static List<int[]> options(int... sizes) {
        List<int[]> features = new ArrayList<>();
        for (int d = 0; d < sizes.length; d++) {
            for (int o = 0; o < sizes[d]; o++) {
                features.add(new int[] {d, o});
            }
        }
        return features;
    }

    /** @param features decision and option of each */
    static OptionColumns columns(List<int[]> features, int... sizes) {
        return new OptionColumns(
                sizes,
                features.stream().mapToInt(f -> f[0]).toArray(),
                features.stream().mapToInt(f -> f[1]).toArray());
    }

    static int[][] choices(RandomGenerator random, int[] sizes, int n) {
        return IntStream.range(0, n)
                .mapToObj(i -> Arrays.stream(sizes).map(random::nextInt).toArray())
                .toArray(int[][]::new);
    }

    /** Rows that are no choices of decisions with 3, 2 and 4 options. */
    static List<int[]> wrong324() {
        return List.of(
                new int[] {-1, 0, 0},
                new int[] {3, 0, 0},
                new int[] {0, 2, 0},
                new int[] {0, -1, 3},
                new int[] {0, 0, 256},
                new int[] {0, Integer.MAX_VALUE, 0},
                new int[] {0, 0, Integer.MIN_VALUE},
                new int[] {0, 0},
                new int[] {0, 0, 0, 0},
                new int[] {});
    }
}
