package dev.lathe.predict.train.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.predict.Predictor;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.network.DenseNetwork;
import dev.lathe.predict.network.InputColumns;
import dev.lathe.predict.network.NetworkPredictor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTrainerTest {
    private static final NetworkSettings SETTINGS = new NetworkSettings(2, 16, 20, 60, 150, 0.003, 1);
    private static final List<String> NAMES =
            IntStream.range(0, 12).mapToObj(i -> "d" + i).toList();

    /** Twelve decisions of four values; what a network costs, and how good it is, which has much to do with it. */
    private static double[][] rows(int n, long seed) {
        RandomGenerator random = Seeds.generator(seed, "rows", 0);
        return IntStream.range(0, n)
                .mapToObj(i -> random.ints(12, 0, 4).asDoubleStream().toArray())
                .toArray(double[][]::new);
    }

    private static double macs(double[] row) {
        double sum = 1;
        for (int j = 0; j < row.length; j++) {
            sum += (j % 3 + 1) * row[j] * (1 + row[(j + 1) % row.length]);
        }
        return sum;
    }

    private static double accuracy(double[] row) {
        return 1 - 1 / (1 + 0.1 * macs(row)) + 0.003 * row[0];
    }

    private static double[][] labels(double[][] rows) {
        return Arrays.stream(rows).map(r -> new double[] {macs(r)}).toArray(double[][]::new);
    }

    private static double[] accuracies(double[][] rows) {
        return Arrays.stream(rows).mapToDouble(NetworkTrainerTest::accuracy).toArray();
    }

    @Test
    void theGradientIsThatOfFiniteDifferences() {
        RandomGenerator random = Seeds.generator(3, "gradient", 0);
        DenseNetwork n = new DenseNetwork(
                5, 4, 2, random.doubles(4 * 6 + 4 * 5 + 2 * 5, -1, 1).toArray());
        double[][] x = new double[7][];
        double[][] y = new double[7][];
        for (int i = 0; i < 7; i++) {
            x[i] = random.doubles(5, -1, 1).toArray();
            y[i] = random.doubles(2, -3, 3).toArray();
        }
        int[] all = IntStream.range(0, 7).toArray();
        Descent d = new Descent(n, 0);
        d.loss(x, y, all);
        double[] gradient = d.gradient().clone();
        for (int i = 0; i < gradient.length; i++) {
            double w = n.weights()[i];
            n.weights()[i] = w + 1e-6;
            double above = d.loss(x, y, all);
            n.weights()[i] = w - 1e-6;
            double below = d.loss(x, y, all);
            n.weights()[i] = w;
            assertThat(gradient[i]).isCloseTo((above - below) / 2e-6, within(1e-6));
        }
    }

    @Test
    void theHeadAloneLeavesTheEncoderAsItIs() {
        RandomGenerator random = Seeds.generator(4, "head", 0);
        DenseNetwork n =
                new DenseNetwork(3, 4, 1, random.doubles(16 + 20 + 5, -1, 1).toArray());
        double[] before = n.weights().clone();
        Descent d = new Descent(n, n.head());
        d.loss(new double[][] {{1, 0, 1}}, new double[][] {{2}}, new int[] {0});
        d.step(0.1, new double[before.length], 0);
        assertThat(Arrays.copyOf(n.weights(), n.head())).isEqualTo(Arrays.copyOf(before, n.head()));
        assertThat(n.weights()[n.head()]).isNotEqualTo(before[n.head()]);
    }

    @Test
    void whatCostsTeachSavesAccuracies() {
        double[][] pool = rows(800, 1);
        InputColumns columns = InputColumns.of(NAMES, pool);
        NetworkTrainer with = NetworkTrainer.pretrained(columns, pool, labels(pool), SETTINGS, 1);
        NetworkTrainer without = NetworkTrainer.untrained(columns, SETTINGS, 1);
        double[][] judged = rows(300, 2);
        double gain = 0;
        for (int draw = 0; draw < 3; draw++) {
            double[][] few = rows(20, 10 + draw);
            double taught = tau(with.train(few, accuracies(few)), judged);
            assertThat(taught).isGreaterThan(0.6);
            gain += (taught - tau(without.train(few, accuracies(few)), judged)) / 3;
        }
        assertThat(gain).isGreaterThan(0.1);
    }

    private static double tau(NetworkPredictor p, double[][] judged) {
        return RankMetrics.kendallTauB(p.predict(judged), accuracies(judged));
    }

    @Test
    void theSameSeedGivesTheSameBytesAndAStoredOneSaysTheSame() {
        double[][] pool = rows(100, 1);
        InputColumns columns = InputColumns.of(NAMES, pool);
        NetworkSettings small = new NetworkSettings(2, 8, 2, 10, 20, 0.003, 1);
        double[][] few = rows(12, 5);
        NetworkPredictor p =
                NetworkTrainer.pretrained(columns, pool, labels(pool), small, 7).train(few, accuracies(few));
        NetworkPredictor again =
                NetworkTrainer.pretrained(columns, pool, labels(pool), small, 7).train(few, accuracies(few));
        NetworkPredictor other =
                NetworkTrainer.pretrained(columns, pool, labels(pool), small, 8).train(few, accuracies(few));
        assertThat(again.bytes()).isEqualTo(p.bytes());
        assertThat(other.bytes()).isNotEqualTo(p.bytes());
        Predictor stored = Predictor.of(p.bytes(), "stored");
        assertThat(stored.featureNames()).isEqualTo(NAMES);
        for (double[] r : rows(20, 6)) {
            assertThat(stored.predict(r)).isEqualTo(p.predict(r));
        }
    }

    @Test
    void columnsAreOneInputAValueOrANumberOrNothing() {
        double[][] rows = new double[40][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new double[] {i % 3, 7, i};
        }
        InputColumns c = InputColumns.of(List.of("level", "constant", "number"), rows);
        assertThat(c.width()).isEqualTo(4);
        assertThat(c.encode(new double[] {1, 7, 19.5})).containsExactly(0, 1, 0, 0);
        // The nearest level, and no farther than a few deviations.
        assertThat(c.encode(new double[] {99, 0, 1e12})).containsExactly(0, 0, 1, 4);
        assertThatThrownBy(() -> c.encode(new double[] {1})).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void labelsAndAccuraciesThatTeachNothingAreRefused() {
        double[][] pool = rows(30, 1);
        InputColumns columns = InputColumns.of(NAMES, pool);
        double[][] zero = labels(pool);
        zero[3][0] = 0;
        assertThatThrownBy(() -> NetworkTrainer.pretrained(columns, pool, zero, SETTINGS, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("network 4");
        NetworkTrainer t = NetworkTrainer.untrained(columns, SETTINGS, 1);
        double[] alike = new double[30];
        assertThatThrownBy(() -> t.train(pool, alike)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> t.train(Arrays.copyOf(pool, 3), new double[] {0.1, 0.2, 0.3}))
                .isInstanceOf(InvalidInputException.class);
        double[] nan = accuracies(pool);
        nan[0] = Double.NaN;
        assertThatThrownBy(() -> t.train(pool, nan)).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{}", "{\"format\":1}", "{\"format\":1,\"networks\":[]}"})
    void damagedFilesAreRefusedInOneLine(String content) {
        assertThatThrownBy(() -> Predictor.of(content.getBytes(StandardCharsets.UTF_8), "the file"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("the file")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
}
