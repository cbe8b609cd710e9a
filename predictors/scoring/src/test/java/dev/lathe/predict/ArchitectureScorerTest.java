package dev.lathe.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.c.CFootprint;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchitectureScorerTest {
    private static final TaskShape DIGITS = new TaskShape(1, 8, 8, 10);
    /** In the opposite order of our features, so that a mix-up shows. */
    private static final String[] NAMES = {"graph.nodes", "graph.macs"};

    private static final byte[] LATENCY = Mojos.linear(NAMES, 0.25, 1e-6, 0.5);
    private static final byte[] TOP1 = Mojos.linear(NAMES, 0.001, 1e-8, 0.25);

    private static List<Architecture> sample(SearchSpace space, int n) {
        RandomGenerator random = Seeds.generator(9, "scored", 0);
        return Stream.generate(() -> space.random(random)).limit(n).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void exactMetricsAreExactAndPredictedOnesComeFromTheirOwnFeatures(String name) {
        SearchSpace space = SearchSpaces.create(name, DIGITS);
        ArchitectureScorer scorer =
                new ArchitectureScorer(new ScorerBundle(name, DIGITS, LATENCY, TOP1, null, 0, 1L << 20, null));
        assertThat(scorer.metrics())
                .containsExactly(
                        "top1", "latencyMs", "peakActivationBytes", "macs", "parameters", "peakSramBytes", "flashBytes")
                .isEqualTo(ArchitectureScorer.METRICS.stream()
                        .filter(m -> !List.of("latencyUpperMs", "memoryBytes").contains(m))
                        .toList());
        for (Architecture a : sample(space, 100)) {
            Graph graph = space.lower(a);
            CostModel.Cost cost = CostModel.of(graph);
            int nodes = graph.nodes().size();
            double[] v = scorer.score(a);
            assertThat(v[0])
                    .isEqualTo(0.001 * nodes + 1e-8 * cost.macs() + 0.25, org.assertj.core.data.Offset.offset(1e-9));
            assertThat(v[1])
                    .isEqualTo(0.25 * nodes + 1e-6 * cost.macs() + 0.5, org.assertj.core.data.Offset.offset(1e-9));
            assertThat(v[2]).isEqualTo(MemoryPlanner.plan(graph, 4).peakBytes());
            assertThat(v[3]).isEqualTo(cost.macs());
            assertThat(v[4]).isEqualTo(cost.parameters());
            CFootprint firmware = CFootprint.of(graph, 1L << 20);
            assertThat(v[5]).isEqualTo(firmware.ramBytes());
            assertThat(v[6]).isEqualTo(firmware.flashBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void predictorsOfChoicesReadNoGraphAndMayStandBesideOthers(String name) {
        SearchSpace space = SearchSpaces.create(name, DIGITS);
        ChoiceFeatures features = new ChoiceFeatures(space);
        double[] weights = Seeds.generator(4, "weights", 0)
                .doubles(features.names().size() + 1)
                .toArray();
        byte[] ofChoices = Mojos.linear(features.names().toArray(String[]::new), weights);
        Predictor predictor = Predictor.of(ofChoices, "test");
        ArchitectureScorer scorer = new ArchitectureScorer(new ScorerBundle(name, DIGITS, ofChoices, TOP1));
        ArchitectureScorer graph = new ArchitectureScorer(new ScorerBundle(name, DIGITS, LATENCY, TOP1));
        for (Architecture a : sample(space, 100)) {
            double[] expected = graph.score(a);
            expected[1] = predictor.predict(features.of(a));
            // Also of an architecture that is not canonical.
            assertThat(scorer.score(a)).containsExactly(expected);
        }
        assertThatThrownBy(() -> new ArchitectureScorer(new ScorerBundle(
                        name,
                        DIGITS,
                        Mojos.linear(new String[] {features.names().get(0), "choice.none.0"}, 1, 1, 0),
                        null)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("latencyMs", "choice.none.0", name);
    }

    @Test
    void metricsWithoutAPredictorAreLeftOut() {
        Architecture a = SearchSpaces.create("mbconv-tiny", DIGITS).largest();
        ArchitectureScorer full = new ArchitectureScorer(new ScorerBundle("mbconv-tiny", DIGITS, LATENCY, TOP1));
        ArchitectureScorer latency = new ArchitectureScorer(new ScorerBundle("mbconv-tiny", DIGITS, LATENCY, null));
        ArchitectureScorer top1 = new ArchitectureScorer(new ScorerBundle("mbconv-tiny", DIGITS, new byte[0], TOP1));
        ArchitectureScorer exact = new ArchitectureScorer(new ScorerBundle("mbconv-tiny", DIGITS, null, null));
        double[] all = full.score(a);
        assertThat(latency.metrics()).containsExactly("latencyMs", "peakActivationBytes", "macs", "parameters");
        assertThat(latency.score(a)).containsExactly(all[1], all[2], all[3], all[4]);
        assertThat(top1.metrics()).containsExactly("top1", "peakActivationBytes", "macs", "parameters");
        assertThat(top1.score(a)).containsExactly(all[0], all[2], all[3], all[4]);
        assertThat(exact.metrics()).containsExactly("peakActivationBytes", "macs", "parameters");
        assertThat(exact.score(a)).containsExactly(all[2], all[3], all[4]);
    }

    @Test
    void predictionsStayWhereTheirMetricCanBe() {
        byte[] low = Mojos.linear(NAMES, 0, 0, -3);
        byte[] high = Mojos.linear(NAMES, 0, 0, 1e300);
        Architecture a = SearchSpaces.create("vit-tiny", DIGITS).smallest();
        double[] v = new ArchitectureScorer(new ScorerBundle("vit-tiny", DIGITS, low, low)).score(a);
        assertThat(v[0]).isZero();
        assertThat(v[1]).isPositive().isLessThan(1e-3);
        v = new ArchitectureScorer(new ScorerBundle("vit-tiny", DIGITS, high, high)).score(a);
        assertThat(v[0]).isEqualTo(1);
        assertThat(v[1]).isFinite();
    }

    @Test
    void aPredictorForOtherFeaturesOrWithoutANumberIsRefused() {
        byte[] foreign = Mojos.linear(new String[] {"decision.patch"}, 1, 0);
        assertThatThrownBy(() -> new ArchitectureScorer(new ScorerBundle("mbconv-tiny", DIGITS, foreign, null)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("latencyMs", "decision.patch", "mbconv-tiny");
        assertThatThrownBy(() -> new ArchitectureScorer(new ScorerBundle("mbcomv-tiny", DIGITS, null, null)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("mbconv-tiny");
        assertThatThrownBy(() -> new ArchitectureScorer(new ScorerBundle("mbconv-tiny", DIGITS, null, new byte[9])))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("top1 predictor");
        SearchSpace space = SearchSpaces.create("mbconv-tiny", DIGITS);
        byte[] nan = Mojos.linear(NAMES, Double.NaN, 0, 0);
        ArchitectureScorer scorer = new ArchitectureScorer(new ScorerBundle("mbconv-tiny", DIGITS, nan, null));
        assertThatThrownBy(() -> scorer.score(space.largest()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("latencyMs", "mbconv-tiny:");
    }

    @Test
    void manyThreadsSeeWhatOneSees() throws Exception {
        SearchSpace space = SearchSpaces.create("mbconv-tiny", DIGITS);
        ArchitectureScorer scorer = new ArchitectureScorer(new ScorerBundle("mbconv-tiny", DIGITS, LATENCY, TOP1));
        List<Architecture> sample = sample(space, 300);
        List<double[]> alone = sample.stream().map(scorer::score).toList();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<List<double[]>>> futures = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                futures.add(pool.submit(() -> sample.stream().map(scorer::score).toList()));
            }
            for (Future<List<double[]>> f : futures) {
                List<double[]> values = f.get();
                for (int i = 0; i < values.size(); i++) {
                    assertThat(values.get(i)).isEqualTo(alone.get(i));
                }
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aBundleTravelsAndIsItsContent() throws Exception {
        ScorerBundle bundle = new ScorerBundle("mbconv-tiny", DIGITS, LATENCY, TOP1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(bundle);
        }
        ScorerBundle back;
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            back = (ScorerBundle) in.readObject();
        }
        assertThat(back).isEqualTo(bundle).hasSameHashCodeAs(bundle);
        assertThat(back.sha256()).isEqualTo(bundle.sha256()).hasSize(64);
        Architecture a = SearchSpaces.create("mbconv-tiny", DIGITS).largest();
        assertThat(new ArchitectureScorer(back).score(a)).isEqualTo(new ArchitectureScorer(bundle).score(a));

        List<ScorerBundle> others = List.of(
                new ScorerBundle("vit-tiny", DIGITS, LATENCY, TOP1),
                new ScorerBundle("mbconv-tiny", new TaskShape(1, 8, 8, 11), LATENCY, TOP1),
                new ScorerBundle("mbconv-tiny", DIGITS, TOP1, LATENCY),
                new ScorerBundle("mbconv-tiny", DIGITS, LATENCY, null),
                new ScorerBundle("mbconv-tiny", DIGITS, LATENCY, TOP1, null, 0, 0L, null),
                new ScorerBundle("mbconv-tiny", DIGITS, null, LATENCY));
        assertThat(others).doesNotContain(bundle);
        assertThat(others.stream().map(ScorerBundle::sha256).distinct())
                .hasSize(6)
                .doesNotContain(bundle.sha256());
        assertThat(new ScorerBundle("x", DIGITS, null, null))
                .isEqualTo(new ScorerBundle("x", DIGITS, new byte[0], new byte[0]));
    }

    @Test
    void aBundleDoesNotChangeAfterwards() {
        byte[] given = LATENCY.clone();
        ScorerBundle bundle = new ScorerBundle("mbconv-tiny", DIGITS, given, null);
        String before = bundle.sha256();
        given[0]++;
        bundle.latencyMojo()[1]++;
        assertThat(bundle.sha256()).isEqualTo(before);
        assertThat(bundle.latencyMojo()).isEqualTo(LATENCY);
    }
}
