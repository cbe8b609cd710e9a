package dev.lathe.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.Seeds;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlatDenseTest {
    private static final double DEVIATION = 2.5;

    private static String numbers(int n, double least, double most, RandomGenerator random) {
        return Arrays.toString(random.doubles(n, least, most).toArray());
    }

    /** An archive's description of a network of any weights. */
    private static Map<String, String> description(RandomGenerator random, int... units) {
        Map<String, String> d = new HashMap<>(Map.of(
                "distribution",
                "gaussian",
                "activation",
                "Rectifier",
                "cats",
                "0",
                "neural_network_sizes",
                Arrays.toString(units),
                "norm_mul",
                numbers(units[0], 0.5, 2, random),
                "norm_sub",
                numbers(units[0], -1, 1, random),
                "norm_resp_mul",
                "[" + 1 / DEVIATION + "]",
                "norm_resp_sub",
                "[7.0]"));
        for (int l = 0; l + 1 < units.length; l++) {
            d.put("weight_layer" + l, numbers(units[l] * units[l + 1], -0.5, 0.5, random));
            d.put("bias_layer" + l, numbers(units[l + 1], -0.5, 0.5, random));
        }
        return d;
    }

    private static double[] values(String text) {
        return Arrays.stream(text.substring(1, text.length() - 1).split(","))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** In double precision, as one would write it down. */
    private static double byHand(Map<String, String> d, double[] row, int... units) {
        double[] by = values(Objects.requireNonNull(d.get("norm_mul")));
        double[] less = values(Objects.requireNonNull(d.get("norm_sub")));
        double[] x = IntStream.range(0, row.length)
                .mapToDouble(i -> (row[i] - less[i]) * by[i])
                .toArray();
        for (int l = 0; l + 1 < units.length; l++) {
            double[] w = values(Objects.requireNonNull(d.get("weight_layer" + l)));
            double[] b = values(Objects.requireNonNull(d.get("bias_layer" + l)));
            double[] y = new double[units[l + 1]];
            for (int j = 0; j < y.length; j++) {
                y[j] = b[j];
                for (int i = 0; i < x.length; i++) {
                    y[j] += (float) w[j * x.length + i] * x[i];
                }
                y[j] = l + 2 < units.length ? Math.max(0, y[j]) : y[j];
            }
            x = y;
        }
        return x[0] * DEVIATION + 7;
    }

    private static FlatDense network(Map<String, String> description) {
        return Objects.requireNonNull(FlatDense.of(description));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 1 1", "3 1", "51 64 1", "48 32 32 1", "7 5 9 3 1", "5 6 7 8 9 1"})
    void agreesWithANetworkByHandAndDoesNotDependOnTheBatch(String sizes) {
        int[] units =
                Arrays.stream(sizes.split(" ")).mapToInt(Integer::parseInt).toArray();
        for (long seed = 0; seed < 3; seed++) {
            RandomGenerator random = Seeds.generator(seed, "network", units.length);
            Map<String, String> d = description(random, units);
            FlatDense network = network(d);
            double[][] rows = Stream.generate(
                            () -> random.doubles(units[0], -3, 3).toArray())
                    .limit(1000)
                    .toArray(double[][]::new);
            double[] all = new double[rows.length];
            assertThat(network.predict(rows, all)).isTrue();
            for (int r = 0; r < rows.length; r++) {
                assertThat(Math.abs(all[r] - byHand(d, rows[r], units))).isLessThan(1e-4 * DEVIATION);
            }
            for (int n : new int[] {1, 15, 16, 17, 255, 256, 257}) {
                double[] some = new double[n];
                assertThat(network.predict(Arrays.copyOf(rows, n), some)).isTrue();
                assertThat(Arrays.mismatch(some, Arrays.copyOf(all, n))).isEqualTo(-1);
            }
            rows[300][0] = Double.NaN;
            assertThat(network.predict(rows, all)).isFalse();
        }
    }

    private static OptionColumns options(int... sizes) {
        int[] decision = IntStream.range(0, sizes.length)
                .flatMap(d -> IntStream.range(0, sizes[d]).map(o -> d))
                .toArray();
        int[] option = IntStream.of(sizes).flatMap(n -> IntStream.range(0, n)).toArray();
        return new OptionColumns(sizes, decision, option);
    }

    private static int[][] choices(OptionColumns options, int n, RandomGenerator random) {
        return Stream.generate(() ->
                        Arrays.stream(options.sizes()).map(random::nextInt).toArray())
                .limit(n)
                .toArray(int[][]::new);
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 64", "2, 2, 1", "19, 3, 64", "40, 6, 33", "90, 4, 8", "1, 2000, 16", "3, 1024, 4"})
    void choicesGiveWhatTheirColumnsGive(int decisions, int most, int hidden) {
        RandomGenerator random = Seeds.generator(decisions, "choices", most);
        OptionColumns options = options(IntStream.range(0, decisions)
                .map(d -> d == 0 ? most : 1 + random.nextInt(most))
                .toArray());
        FlatDense network = network(description(random, options.features(), hidden, 1));
        FlatModel.OfChoices folded = Objects.requireNonNull(network.of(options));
        int[][] choices = choices(options, 600, random);
        double[] expected = new double[choices.length];
        assertThat(network.predict(options.rows(choices), expected)).isTrue();
        double[] sums = new double[choices.length];
        folded.predict(choices, sums);
        for (int r = 0; r < sums.length; r++) {
            assertThat(Math.abs(sums[r] - expected[r])).isLessThan(1e-4 * DEVIATION);
        }
        double[] one = new double[1];
        folded.predict(new int[][] {choices[599]}, one);
        assertThat(one[0]).isEqualTo(sums[599]);
    }

    @Test
    void aLinearModelOfChoicesGivesTheBitsOfItsColumns() {
        RandomGenerator random = Seeds.generator(1, "linear", 0);
        OptionColumns options = options(3, 1, 2, 7, 2);
        FlatLinear linear =
                new FlatLinear(random.doubles(options.features() + 1, -1, 1).toArray());
        int[][] choices = choices(options, 300, random);
        double[] expected = new double[choices.length];
        assertThat(linear.predict(options.rows(choices), expected)).isTrue();
        double[] sums = new double[choices.length];
        Objects.requireNonNull(linear.of(options)).predict(choices, sums);
        assertThat(Arrays.mismatch(sums, expected)).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3 0", "-1 0", "0 2", "2147483647 0", "-2147483648 0", "0", "0 0 0"})
    void choicesThatAreNoneAreRefused(String text) {
        OptionColumns options = options(3, 2);
        RandomGenerator random = Seeds.generator(1, "refused", 0);
        int[][] choices = new int[300][2];
        choices[280] =
                Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
        for (FlatModel m : new FlatModel[] {
            network(description(random, 5, 8, 1)),
            new FlatLinear(random.doubles(6).toArray())
        }) {
            FlatModel.OfChoices folded = Objects.requireNonNull(m.of(options));
            assertThatThrownBy(() -> folded.predict(choices, new double[300]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Arrays.toString(choices[280]));
        }
    }

    @Test
    void moreThanOneHiddenLayerIsNotFolded() {
        RandomGenerator random = Seeds.generator(1, "deep", 0);
        assertThat(network(description(random, 5, 8, 8, 1)).of(options(3, 2))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e38", "-1e38"})
    void whatDoesNotFitIntoSinglePrecisionIsNotFolded(String bias) {
        RandomGenerator random = Seeds.generator(1, "large", 0);
        Map<String, String> description = description(random, 5, 1, 1);
        description.put("bias_layer0", "[" + bias + "]");
        assertThat(network(description).of(options(3, 2))).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "activation | Tanh",
                "activation | RectifierWithDropout",
                "distribution | poisson",
                "cats | 1",
                "neural_network_sizes | [5, 8, 2]",
                "neural_network_sizes | [5, 9, 1]",
                "neural_network_sizes | [5]",
                "neural_network_sizes | [5, 8.5, 1]",
                "norm_resp_sub | [NaN]",
                "neural_network_sizes | [5, 2000000000, 1]",
                "neural_network_sizes | [5, -8, 1]",
                "neural_network_sizes | [NaN, 8, 1]",
                "norm_mul | null",
                "norm_sub | [1.0]",
                "norm_resp_mul | null",
                "norm_resp_sub | [1.0, 2.0]",
                "weight_layer0 | [1.0, 2.0]",
                "weight_layer1 | x",
                "bias_layer0 | [1.0, x]",
                "bias_layer1 | []"
            })
    void aDescriptionThatLiesIsNoNetwork(String key, String value) {
        Map<String, String> d = description(Seeds.generator(1, "lie", 0), 5, 8, 1);
        assertThat(FlatDense.of(d)).isNotNull();
        d.put(key, value);
        assertThat(FlatDense.of(d)).isNull();
        d.remove(key);
        assertThat(FlatDense.of(d)).isNull();
    }
}
