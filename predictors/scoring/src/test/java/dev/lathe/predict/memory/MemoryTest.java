package dev.lathe.predict.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.c.CFootprint;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.predict.ScorerBundle;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryTest {
    private static final TaskShape DIGITS = new TaskShape(1, 8, 8, 10);
    private static final SearchSpace SPACE = SearchSpaces.create("mbconv-tiny", DIGITS);
    private static final MemoryFile.Origin HERE =
            new MemoryFile.Origin("mbconv-tiny", "this-machine", "session", 4, 1, null);

    private static List<Graph> graphs(int n, long seed) {
        RandomGenerator random = Seeds.generator(seed, "memory test", 0);
        List<Graph> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            all.add(SPACE.lower(SPACE.random(random)));
        }
        return all;
    }

    private static double truth(Graph g) {
        return 100_000
                + 8_000 * g.nodes().size()
                + 2.5 * (MemoryPlanner.peakBytes(g, 4) + 4 * CostModel.of(g).parameters());
    }

    private static MemoryFile file(double noise) {
        List<Graph> networks = graphs(20, 1);
        RandomGenerator random = Seeds.generator(2, "noise", 0);
        double[] seen = networks.stream()
                .mapToDouble(g -> truth(g) * (1 + noise * random.nextGaussian()))
                .toArray();
        return MemoryFile.calibrate(HERE, networks, seen, 10);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void twoOddNetworksOfTenDoNotMoveTheFit(long seed) {
        RandomGenerator random = Seeds.generator(seed, "points", 0);
        double[] planned = new double[10];
        double[] steps = new double[10];
        double[] seen = new double[10];
        for (int i = 0; i < 10; i++) {
            planned[i] = 1e4 + 1e6 * random.nextDouble();
            steps[i] = 20 + random.nextInt(100);
            seen[i] = 3e5 + 7e3 * steps[i] + 1.7 * planned[i];
        }
        seen[2] *= 1.4;
        seen[7] *= 0.8;
        MemoryCorrection c = MemoryCorrection.fit(planned, steps, seen);
        assertThat(c.constantBytes()).isCloseTo(3e5, within(1e-3));
        assertThat(c.stepBytes()).isCloseTo(7e3, within(1e-6));
        assertThat(c.factor()).isCloseTo(1.7, within(1e-9));
    }

    /** What any other admissible correction leaves, on random tables and random rivals near the fit. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noCorrectionDeviatesLess(long seed) {
        RandomGenerator random = Seeds.generator(seed, "rivals", 0);
        double[] planned = random.doubles(9, 1e3, 1e5).toArray();
        double[] steps = random.ints(9, 10, 60).asDoubleStream().toArray();
        double[] seen = random.doubles(9, 1e5, 1e6).toArray();
        MemoryCorrection best = MemoryCorrection.fit(planned, steps, seen);
        double least = deviation(best, planned, steps, seen);
        for (int i = 0; i < 5000; i++) {
            double size = Math.pow(10, -4 * random.nextDouble());
            MemoryCorrection rival = new MemoryCorrection(
                    best.constantBytes() + 1e5 * size * random.nextGaussian(),
                    Math.max(0, best.stepBytes() + 1e4 * size * random.nextGaussian()),
                    Math.max(0, best.factor() + 10 * size * random.nextGaussian()));
            assertThat(deviation(rival, planned, steps, seen)).isGreaterThanOrEqualTo(least - 1e-9);
        }
    }

    private static double deviation(MemoryCorrection c, double[] planned, double[] steps, double[] seen) {
        double sum = 0;
        for (int i = 0; i < seen.length; i++) {
            double p = c.constantBytes() + c.stepBytes() * steps[i] + c.factor() * planned[i];
            sum += Math.abs(p - seen[i]) / seen[i];
        }
        return sum;
    }

    @Test
    void moreIsNeverPredictedToTakeLess() {
        MemoryCorrection c = MemoryCorrection.fit(
                new double[] {1, 2, 3, 4, 5, 6}, new double[] {9, 7, 8, 6, 5, 4}, new double[] {60, 50, 40, 30, 20, 10
                });
        assertThat(c.factor()).isNotNegative();
        assertThat(c.stepBytes()).isNotNegative();
        assertThat(c.predict(10, 10)).isGreaterThanOrEqualTo(c.predict(9, 10)).isGreaterThanOrEqualTo(c.predict(10, 9));
    }

    @Test
    void networksThatFollowTheFormArePredictedExactly() {
        MemoryPredictor p = file(0).predictor();
        for (Graph g : graphs(50, 9)) {
            assertThat(p.predictBytes(g)).isCloseTo(truth(g), within(1e-6 * truth(g)));
        }
    }

    @Test
    void nineOfTenIntervalsHoldFreshNetworks() {
        int inside = 0;
        int all = 0;
        List<Graph> fresh = graphs(50, 77);
        for (int seed = 0; seed < 40; seed++) {
            RandomGenerator random = Seeds.generator(seed, "coverage", 0);
            List<Graph> networks = graphs(20, 1000 + seed);
            double[] seen = networks.stream()
                    .mapToDouble(g -> truth(g) * (1 + 0.1 * random.nextGaussian()))
                    .toArray();
            MemoryFile f = MemoryFile.calibrate(HERE, networks, seen, 10);
            MemoryPredictor p = f.predictor();
            double half = f.halfShare(0.9);
            for (Graph g : fresh) {
                double is = truth(g) * (1 + 0.1 * random.nextGaussian());
                inside += Math.abs(is / p.predictBytes(g) - 1) <= half ? 1 : 0;
                all++;
            }
        }
        // The law says 10/11 with ten that calibrate.
        assertThat(inside / (double) all).isBetween(0.87, 0.95);
    }

    @Test
    void aConfidenceThatTheNetworksCannotGiveIsRefused() {
        MemoryFile f = file(0.1);
        assertThat(f.upperShare(0.9)).isGreaterThanOrEqualTo(f.upperShare(0.5));
        assertThat(f.upperShare(0.9)).isLessThanOrEqualTo(f.halfShare(0.9));
        assertThatThrownBy(() -> f.upperShare(0.99))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("10 networks")
                .hasMessageContaining("profile.memory");
    }

    @Test
    void firmwareIsPlannedByItsLinker() {
        MemoryFile.Origin core =
                new MemoryFile.Origin("mbconv-tiny", "stm32f746", "firmware-touched", 1, 1, 320L << 10);
        List<Graph> networks = graphs(20, 3);
        double[] seen = networks.stream()
                .mapToDouble(g -> CFootprint.of(g, 320L << 10).ramBytes() - 3540)
                .toArray();
        MemoryPredictor p = MemoryFile.calibrate(core, networks, seen, 10).predictor();
        for (Graph g : graphs(10, 4)) {
            double ram = CFootprint.of(g, 320L << 10).ramBytes();
            assertThat(p.plannedBytes(g)).isEqualTo(ram);
            assertThat(p.predictBytes(g)).isCloseTo(ram - 3540, within(1e-3));
        }
    }

    @Test
    void aStoredPredictorSaysTheSameAndItsBytesAreEqual() throws Exception {
        MemoryFile f = file(0.05);
        MemoryFile read = MemoryFile.of(f.bytes(), "stored");
        assertThat(read.bytes()).isEqualTo(f.bytes());
        for (Graph g : graphs(10, 5)) {
            assertThat(read.predictor().predictBytes(g)).isEqualTo(f.predictor().predictBytes(g));
        }
    }

    @Test
    void theScorerGivesItAsAMetricOfItsOwn() throws Exception {
        MemoryFile f = file(0.05);
        ScorerBundle bundle = new ScorerBundle("mbconv-tiny", DIGITS, null, null, null, 0, null, f.bytes());
        ArchitectureScorer scorer = new ArchitectureScorer(bundle);
        assertThat(scorer.metrics()).endsWith(ArchitectureScorer.MEMORY_BYTES);
        Architecture a = SPACE.largest();
        double[] values = scorer.score(a);
        assertThat(values).hasSize(scorer.metrics().size());
        assertThat(values[values.length - 1]).isEqualTo(f.predictor().predictBytes(SPACE.lower(a)));
        ScorerBundle without = new ScorerBundle("mbconv-tiny", DIGITS, null, null);
        assertThat(new ArchitectureScorer(without).metrics()).doesNotContain(ArchitectureScorer.MEMORY_BYTES);
        assertThat(bundle.sha256()).isNotEqualTo(without.sha256());
        assertThat(bundle).isNotEqualTo(without);
        assertThatThrownBy(() -> new ArchitectureScorer(
                        new ScorerBundle("vit-tiny", DIGITS, null, null, null, 0, null, f.bytes())))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("mbconv-tiny");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "null", "[]", "{\"format\":1}", "{\"format\":9}", "\u0000\u0001", "PK\u0003\u0004"})
    void damagedFilesAreRefusedInOneLine(String content) {
        assertThatThrownBy(() -> MemoryFile.of(content.getBytes(StandardCharsets.UTF_8), "the file"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("the file")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "1e999", "-5", "\"x\""})
    void numbersThatCannotBeAreRefused(String factor) throws Exception {
        MemoryFile f = file(0.05);
        String text = new String(f.bytes(), StandardCharsets.UTF_8)
                .replaceAll("\"factor\"\\s*:\\s*[0-9.eE+-]+", "\"factor\": " + factor);
        assertThat(text).contains(factor);
        assertThatThrownBy(() -> MemoryFile.of(text.getBytes(StandardCharsets.UTF_8), "the file"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("the file");
    }
}
