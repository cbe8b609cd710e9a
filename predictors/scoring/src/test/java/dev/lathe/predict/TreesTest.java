package dev.lathe.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every form of trees gives the bits of a walk by hand. */
class TreesTest {
    private static final int FEATURES = 7;
    private static final int[] BATCHES = {1, 63, 64, 65, 5000};
    private static final float[] SPECIAL = {-0f, 0f, 1f, -1f, 1e30f, -1e30f, Float.MIN_VALUE, 16_777_216f};

    private static List<HandMadeTree> trees(
            int n, int leaves, double skew, int features, HandMadeTree.Question question, RandomGenerator random) {
        // Of different sizes, the first one the largest.
        return IntStream.range(0, n)
                .mapToObj(i -> HandMadeTree.random(
                        i == 0 ? leaves : 1 + random.nextInt(leaves), skew, features, question, random))
                .toList();
    }

    private static FlatTrees flat(List<HandMadeTree> trees, int features) {
        return Objects.requireNonNull(
                FlatTrees.of(features, trees.stream().map(HandMadeTree::bytes).toList()));
    }

    private static double[] walked(List<HandMadeTree> trees, double[][] rows) {
        double[] sums = new double[rows.length];
        for (int r = 0; r < rows.length; r++) {
            for (HandMadeTree t : trees) {
                sums[r] += t.walk(rows[r]);
            }
        }
        return sums;
    }

    /** Values on thresholds, between them, and far beyond. */
    private static double[] row(RandomGenerator random, int grid) {
        return IntStream.range(0, FEATURES)
                .mapToDouble(f -> random.nextInt(8) == 0
                        ? SPECIAL[random.nextInt(SPECIAL.length)]
                        : random.nextInt(2) == 0 ? random.nextInt(grid) : grid * random.nextGaussian())
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 0.5, 10",
        "2, 2, 0.5, 10",
        "7, 16, 0.5, 10",
        "8, 200, 0.5, 100",
        "3, 256, 0.5, 2000",
        "3, 257, 0.5, 2000",
        "5, 900, 0.5, 2000",
        "5, 300, 0.02, 50",
        "5, 300, 0.98, 50",
        "2, 5000, 0.5, 3000"
    })
    void allFormsGiveTheBitsOfAWalk(int n, int leaves, double skew, int grid) {
        for (long seed = 0; seed < 4; seed++) {
            RandomGenerator random = Seeds.generator(seed, "trees", n);
            HandMadeTree.Question question = (f, r) ->
                    r.nextInt(20) == 0 ? SPECIAL[r.nextInt(SPECIAL.length)] : r.nextInt(grid) - r.nextInt(2) / 2f;
            List<HandMadeTree> trees = trees(n, leaves, skew, FEATURES, question, random);
            FlatTrees flat = flat(trees, FEATURES);
            SlicedTrees sliced = SlicedTrees.of(flat);
            // Very large trees are walked.
            assertThat(sliced == null).isEqualTo(leaves > 2048);
            for (int batch : BATCHES) {
                double[][] rows =
                        Stream.generate(() -> row(random, grid)).limit(batch).toArray(double[][]::new);
                double[] expected = walked(trees, rows);
                double[] sums = new double[batch];
                flat.sum(rows, sums);
                assertThat(Arrays.mismatch(sums, expected)).isEqualTo(-1);
                if (sliced != null) {
                    Arrays.fill(sums, Double.NaN);
                    assertThat(sliced.sum(rows, sums)).isTrue();
                    assertThat(Arrays.mismatch(sums, expected)).isEqualTo(-1);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void aValueThatIsNoNumberIsLeftToTheArchiveWhereItMatters(double value) {
        RandomGenerator random = Seeds.generator(1, "missing", 0);
        // The last feature is never asked for.
        List<HandMadeTree> trees = trees(4, 20, 0.5, FEATURES - 1, (f, r) -> r.nextInt(10), random);
        SlicedTrees sliced = Objects.requireNonNull(SlicedTrees.of(flat(trees, FEATURES)));
        double[][] rows = Stream.generate(() -> row(random, 10)).limit(200).toArray(double[][]::new);
        double[] sums = new double[rows.length];
        rows[150][FEATURES - 1] = value;
        assertThat(sliced.sum(rows, sums)).isTrue();
        assertThat(Arrays.mismatch(sums, walked(trees, rows))).isEqualTo(-1);
        rows[150][trees.get(0).feature()] = value;
        assertThat(sliced.sum(rows, sums)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x7FC00000, 0xFFC00000})
    void noValueReachesAThresholdThatIsNoNumber(int bits) {
        HandMadeTree t = new HandMadeTree(1, Float.intBitsToFloat(bits), HandMadeTree.leaf(1), HandMadeTree.leaf(2), 0);
        RandomGenerator random = Seeds.generator(1, "no number", 0);
        double[][] rows = Stream.generate(() -> row(random, 10)).limit(100).toArray(double[][]::new);
        double[] sums = new double[rows.length];
        FlatTrees flat = flat(List.of(t), FEATURES);
        flat.sum(rows, sums);
        assertThat(Arrays.mismatch(sums, walked(List.of(t), rows))).isEqualTo(-1);
        assertThat(Objects.requireNonNull(SlicedTrees.of(flat)).sum(rows, sums)).isTrue();
        assertThat(Arrays.mismatch(sums, walked(List.of(t), rows))).isEqualTo(-1);
    }

    private static OptionColumns options(int... sizes) {
        int[] decision = IntStream.range(0, sizes.length)
                .flatMap(d -> IntStream.range(0, sizes[d]).map(o -> d))
                .toArray();
        int[] option = IntStream.of(sizes).flatMap(n -> IntStream.range(0, n)).toArray();
        return new OptionColumns(sizes, decision, option);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 0.5",
        "2, 2, 0.5",
        "3, 3, 0.5",
        "7, 16, 0.5",
        "8, 200, 0.5",
        "3, 257, 0.5",
        "4, 900, 0.5",
        "5, 300, 0.02",
        "5, 300, 0.98"
    })
    void treesOfOptionsGiveTheBitsOfAWalk(int n, int leaves, double skew) {
        OptionColumns options = options(3, 2, 1, 5, 128, 4, 2);
        for (long seed = 0; seed < 4; seed++) {
            RandomGenerator random = Seeds.generator(seed, "option trees", n);
            List<HandMadeTree> trees = trees(
                    n,
                    leaves,
                    skew,
                    options.features(),
                    (f, r) -> r.nextInt(4) == 0 ? 1 : r.nextFloat(0.01f, 1),
                    random);
            OptionTrees sliced = Objects.requireNonNull(OptionTrees.of(flat(trees, options.features()), options));
            for (int batch : BATCHES) {
                int[][] choices = new int[batch][];
                for (int r = 0; r < batch; r++) {
                    choices[r] =
                            Arrays.stream(options.sizes()).map(random::nextInt).toArray();
                }
                double[] sums = new double[batch];
                sliced.sum(choices, sums);
                assertThat(Arrays.mismatch(sums, walked(trees, options.rows(choices))))
                        .isEqualTo(-1);
            }
        }
    }

    /** A block is 16,384 rows: several of them, and a last one that is not full. */
    @ParameterizedTest
    @ValueSource(ints = {16_384, 16_385, 40_001})
    void blocksOfRowsFollowEachOther(int batch) {
        RandomGenerator random = Seeds.generator(batch, "blocks", 0);
        OptionColumns options = options(3, 2, 5);
        List<HandMadeTree> trees = trees(3, 12, 0.5, options.features(), (f, r) -> 0.5f, random);
        int[][] choices = Stream.generate(() ->
                        Arrays.stream(options.sizes()).map(random::nextInt).toArray())
                .limit(batch)
                .toArray(int[][]::new);
        double[] sums = new double[batch];
        Objects.requireNonNull(OptionTrees.of(flat(trees, options.features()), options))
                .sum(choices, sums);
        assertThat(Arrays.mismatch(sums, walked(trees, options.rows(choices)))).isEqualTo(-1);
    }

    @Test
    void whatAsksForMoreThanOptionsIsNone() {
        OptionColumns options = options(3, 2);
        for (float threshold : new float[] {0, -0.5f, 1.5f}) {
            HandMadeTree t = new HandMadeTree(1, threshold, HandMadeTree.leaf(1), HandMadeTree.leaf(2), 0);
            assertThat(OptionTrees.of(flat(List.of(t), options.features()), options))
                    .isNull();
        }
        OptionColumns many = options(129);
        HandMadeTree t = new HandMadeTree(1, 0.5f, HandMadeTree.leaf(1), HandMadeTree.leaf(2), 0);
        assertThat(OptionTrees.of(flat(List.of(t), many.features()), many)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"3 0", "-1 0", "0 2", "2147483647 0", "-2147483648 0", "0", "0 0 0", "256 0"})
    void choicesThatAreNoneAreRefused(String text) {
        OptionColumns options = options(3, 2);
        HandMadeTree t = new HandMadeTree(1, 0.5f, HandMadeTree.leaf(1), HandMadeTree.leaf(2), 0);
        OptionTrees trees = Objects.requireNonNull(OptionTrees.of(flat(List.of(t), options.features()), options));
        int[][] choices = new int[70][2];
        choices[66] = Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
        assertThatThrownBy(() -> trees.sum(choices, new double[70]))
                .isInstanceOf(IllegalArgumentException.class)
                .isNotInstanceOf(ArrayIndexOutOfBoundsException.class)
                .hasMessageContaining(Arrays.toString(choices[66]));
    }
}
