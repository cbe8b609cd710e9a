package dev.lathe.predict.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.operator.FusedOperator;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.predict.ScorerBundle;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** A made-up device on which a network takes a call, a cost a step, and its operators' times by a factor of their kind. */
class LookupTest {
    private static final TaskShape DIGITS = new TaskShape(1, 8, 8, 10);
    private static final SearchSpace SPACE = SearchSpaces.create("mbconv-tiny", DIGITS);
    private static final double CALL = 0.004;

    private static double alone(FusedOperator f) {
        return CALL + 1e-7 * f.macs() + 2e-6 * f.movedElements();
    }

    private static double together(Graph g) {
        double ms = CALL;
        for (FusedOperator f : FusedOperator.of(g)) {
            ms += 0.0005 + (alone(f) - CALL) * (f.kind().equals("depthwise") ? 0.5 : 0.8);
        }
        return ms;
    }

    private static List<Architecture> networks(int n, long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        List<Architecture> all = new ArrayList<>();
        while (all.size() < n) {
            Architecture a = SPACE.random(random);
            if (!all.contains(a)) {
                all.add(a);
            }
        }
        return all;
    }

    private static OperatorTimes table(List<Architecture> of) {
        Map<String, FusedOperator> operators = new LinkedHashMap<>();
        Map<String, Double> ms = new LinkedHashMap<>();
        for (Architecture a : of) {
            for (FusedOperator f : FusedOperator.of(SPACE.lower(a))) {
                operators.putIfAbsent(f.signature(), f);
                ms.put(f.signature(), alone(f));
            }
        }
        return OperatorTimes.of(CALL, operators, ms);
    }

    private static LookupFile.Calibrated calibrated(OperatorTimes times, int n) {
        List<Graph> graphs = networks(n, 1).stream().map(SPACE::lower).toList();
        return LookupFile.calibrate(
                SPACE.name(),
                "made-up",
                "exact",
                times,
                graphs,
                graphs.stream().mapToDouble(LookupTest::together).toArray());
    }

    @Test
    void factorsOfKindsAndTheCostOfAStepAreFoundFromTwentyNetworks() {
        LookupFile file = calibrated(table(networks(300, 2)), 20).file();
        LookupPredictor p = file.predictor();
        for (Architecture a : networks(100, 3)) {
            Graph g = SPACE.lower(a);
            assertThat(p.predictMs(g) / together(g)).isCloseTo(1, within(0.01));
        }
        assertThat(file.leftOutError()).isLessThan(0.01);
        assertThat(file.form()).contains("a factor a kind");
    }

    @Test
    void operatorsThatAreMissingCountAsTheNearestOfTheirKind() {
        OperatorTimes small = table(networks(20, 2));
        List<Graph> fresh = networks(100, 3).stream().map(SPACE::lower).toList();
        assertThat(fresh.stream().mapToLong(small::unknown).sum()).isPositive();
        LookupPredictor p = calibrated(small, 20).file().predictor();
        for (Graph g : fresh) {
            assertThat(p.predictMs(g) / together(g)).isCloseTo(1, within(0.2));
        }
    }

    @Test
    void leavingOutByTheClosedFormIsFittingWithout() {
        OperatorTimes times = table(networks(100, 2));
        double[][] sums =
                networks(12, 1).stream().map(a -> times.of(SPACE.lower(a))).toArray(double[][]::new);
        double[] ms = networks(12, 1).stream()
                .mapToDouble(a -> together(SPACE.lower(a)) * (1 + 0.1 * Math.sin(a.hashCode())))
                .toArray();
        Calibration.Fit fit = Calibration.fit(sums, ms);
        // The pull is scaled by the rows' spread, which changes a little without one.
        for (int left = 0; left < 12; left++) {
            int l = left;
            int[] rest =
                    java.util.stream.IntStream.range(0, 12).filter(i -> i != l).toArray();
            Calibration without = Calibration.fit(
                            java.util.Arrays.stream(rest).mapToObj(i -> sums[i]).toArray(double[][]::new),
                            java.util.Arrays.stream(rest)
                                    .mapToDouble(i -> ms[i])
                                    .toArray())
                    .calibration();
            if (without.form().equals(fit.calibration().form())) {
                assertThat(fit.leftOutMs()[left] / without.predict(sums[left])).isCloseTo(1, within(0.03));
            }
        }
    }

    @Test
    void theFileGivesTheSamePredictionsAlsoInsideAScorer() throws Exception {
        LookupFile file = calibrated(table(networks(50, 2)), 20).file();
        LookupFile read = LookupFile.of(file.bytes(), "test");
        assertThat(read.bytes()).isEqualTo(file.bytes());
        ArchitectureScorer scorer = new ArchitectureScorer(new ScorerBundle("mbconv-tiny", DIGITS, file.bytes(), null));
        for (Architecture a : networks(20, 4)) {
            double ms = file.predictor().predictMs(SPACE.lower(a));
            assertThat(read.predictor().predictMs(SPACE.lower(a))).isEqualTo(ms);
            assertThat(scorer.score(a)[scorer.metrics().indexOf(ArchitectureScorer.LATENCY_MS)])
                    .isEqualTo(ms);
        }
        assertThatThrownBy(() -> new ArchitectureScorer(new ScorerBundle("vit-tiny", DIGITS, file.bytes(), null)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("for space mbconv-tiny, not for vit-tiny");
    }

    @Test
    void damagedFilesAreRefusedInOneLine() throws Exception {
        String text = new String(calibrated(table(networks(20, 2)), 10).file().bytes(), StandardCharsets.UTF_8);
        List<String> damaged = List.of(
                text.substring(0, text.length() / 2),
                "{}",
                text.replaceFirst("\"format\":1", "\"format\":7"),
                text.replaceFirst("\"ms\":[0-9.E-]+", "\"ms\":-1"),
                text.replaceFirst("\"ms\":[0-9.E-]+", "\"ms\":\"NaN\""),
                text.replaceFirst("\"factors\":\\[[^,]+,", "\"factors\":["),
                text.replaceFirst("\"constantMs\":[0-9.E-]+", "\"constantMs\":1e999"));
        for (String d : damaged) {
            assertThat(d).isNotEqualTo(text);
            assertThatThrownBy(() -> LookupFile.of(d.getBytes(StandardCharsets.UTF_8), "the table"))
                    .as(d)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("the table")
                    .hasMessageContaining("profile again")
                    .message()
                    .doesNotContain("\n");
        }
    }
}
