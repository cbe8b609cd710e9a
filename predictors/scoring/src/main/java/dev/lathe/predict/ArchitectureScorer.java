package dev.lathe.predict;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.graph.Graph;
import dev.lathe.graph.c.CFootprint;
import dev.lathe.predict.adapt.FewShotFile;
import dev.lathe.predict.adapt.TransferPredictor;
import dev.lathe.predict.lookup.LookupFile;
import dev.lathe.predict.lookup.LookupPredictor;
import dev.lathe.predict.memory.MemoryFile;
import dev.lathe.predict.memory.MemoryPredictor;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.MetricScorer;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of an architecture in one lowering: accuracy, latency and memory of the running network predicted, planned memory,
 * multiply-accumulates and parameters exact. Immutable and thread-safe; the values depend on the architecture alone.
 */
public final class ArchitectureScorer implements MetricScorer {
    /** Predicted top-1 accuracy, 0 to 1. */
    public static final String TOP1 = "top1";
    /** Predicted latency in milliseconds, above 0. */
    public static final String LATENCY_MS = "latencyMs";
    /** What the latency does not exceed at the bundle's confidence, in milliseconds. */
    public static final String LATENCY_UPPER_MS = "latencyUpperMs";
    /** Exact peak of the activation memory in bytes, float32. */
    public static final String PEAK_ACTIVATION_BYTES = "peakActivationBytes";
    /** Exact multiply-accumulates for one sample. */
    public static final String MACS = "macs";
    /** Exact number of trained parameters. */
    public static final String PARAMETERS = "parameters";
    /** RAM of the network as firmware: arena, stack and static data, exact. */
    public static final String PEAK_SRAM_BYTES = "peakSramBytes";
    /** Flash of the network as firmware: constants and code, an upper bound within 10 KiB. */
    public static final String FLASH_BYTES = "flashBytes";

    /** Predicted memory of the running network in bytes: what was planned, corrected by what was seen of others. */
    public static final String MEMORY_BYTES = "memoryBytes";

    /** Every metric there can be, in order; {@link #metrics()} leaves out those that there are not. */
    public static final List<String> METRICS = List.of(
            TOP1,
            LATENCY_MS,
            LATENCY_UPPER_MS,
            PEAK_ACTIVATION_BYTES,
            MACS,
            PARAMETERS,
            PEAK_SRAM_BYTES,
            FLASH_BYTES,
            MEMORY_BYTES);

    /** No network takes less than this, so that ratios and logarithms of a prediction stay finite. */
    private static final double LEAST_LATENCY_MS = 1e-6;

    private static final double MOST_LATENCY_MS = 1e9;

    private final SearchSpace space;
    private final ArchitectureFeatures features;
    private final @Nullable Column top1;
    private final @Nullable Column latency;
    private final @Nullable LookupPredictor lookup;
    private final @Nullable FewShotColumn fewShot;
    private final @Nullable MemoryPredictor memory;
    private final @Nullable Long ramLimitBytes;
    private final List<String> metrics;

    /** @throws InvalidInputException if the space is unknown, or a predictor is broken or made for other features */
    public ArchitectureScorer(ScorerBundle bundle) {
        this(
                SearchSpaces.create(bundle.space(), bundle.task()),
                isLookup(bundle.latencyMojo()) ? null : load(bundle.latencyMojo(), LATENCY_MS),
                load(bundle.top1Mojo(), TOP1),
                isLookup(bundle.latencyMojo()) ? bundle.latencyMojo() : null,
                bundle.fewShotLatency(),
                bundle.confidence(),
                bundle.ramLimitBytes(),
                bundle.memory());
    }

    /**
     * @param space where the architectures come from
     * @param latency predictor of {@code latencyMs}, or null
     * @param top1 predictor of {@code top1}, or null
     * @throws InvalidInputException if a predictor wants a feature that the space does not have
     */
    public ArchitectureScorer(SearchSpace space, @Nullable Predictor latency, @Nullable Predictor top1) {
        this(space, latency, top1, null, null, 0, null, null);
    }

    private ArchitectureScorer(
            SearchSpace space,
            @Nullable Predictor latency,
            @Nullable Predictor top1,
            byte @Nullable [] lookupLatency,
            byte @Nullable [] fewShotLatency,
            double confidence,
            @Nullable Long ramLimitBytes,
            byte @Nullable [] memory) {
        this.space = space;
        this.ramLimitBytes = ramLimitBytes;
        this.features = new ArchitectureFeatures(space);
        this.latency = latency == null ? null : new Column(latency, features, LATENCY_MS);
        this.top1 = top1 == null ? null : new Column(top1, features, TOP1);
        this.lookup = lookupLatency == null ? null : lookup(lookupLatency, space);
        this.fewShot = fewShotLatency == null ? null : new FewShotColumn(fewShotLatency, space, confidence);
        this.memory = memory == null ? null : memory(memory, space);
        List<String> names = new ArrayList<>(METRICS);
        if (latency == null && lookup == null && fewShot == null) {
            names.remove(LATENCY_MS);
        }
        if (confidence == 0) {
            names.remove(LATENCY_UPPER_MS);
        }
        if (top1 == null) {
            names.remove(TOP1);
        }
        if (ramLimitBytes == null) {
            names.removeAll(List.of(PEAK_SRAM_BYTES, FLASH_BYTES));
        }
        if (memory == null) {
            names.remove(MEMORY_BYTES);
        }
        this.metrics = List.copyOf(names);
    }

    @Override
    public SearchSpace space() {
        return space;
    }

    /** Names of the values of {@link #score}, in order: {@link #METRICS} without those that have no predictor, or no firmware. */
    @Override
    public List<String> metrics() {
        return metrics;
    }

    /**
     * The metrics of an architecture, in the order of {@link #metrics()}.
     *
     * @throws IllegalArgumentException if it is not of this space
     */
    @Override
    public double[] score(Architecture architecture) {
        Architecture a = space.canonical(architecture);
        Graph graph = space.lower(a);
        ExactCosts costs = ExactCosts.of(graph);
        double[] values = new double[metrics.size()];
        int at = 0;
        if (top1 != null || latency != null) {
            boolean isRead = top1 != null && top1.readsGraph() || latency != null && latency.readsGraph();
            double[] row = isRead ? features.of(a, graph, costs) : new double[0];
            if (top1 != null) {
                values[at++] = top1.predict(row, a, 0, 1);
            }
            if (latency != null) {
                values[at++] = latency.predict(row, a, LEAST_LATENCY_MS, MOST_LATENCY_MS);
            }
        }
        if (lookup != null) {
            values[at++] = bounded(lookup.predictMs(graph), "look-up table", a);
        }
        if (fewShot != null) {
            at = fewShot.fill(a, values, at);
        }
        values[at++] = costs.peakActivationBytes();
        values[at++] = costs.macs();
        values[at++] = costs.parameters();
        if (ramLimitBytes != null) {
            CFootprint firmware = CFootprint.of(graph, ramLimitBytes);
            values[at++] = firmware.ramBytes();
            values[at++] = firmware.flashBytes();
        }
        if (memory != null) {
            values[at] = memory.predictBytes(graph);
        }
        return values;
    }

    private static @Nullable Predictor load(byte @Nullable [] mojo, String metric) {
        return mojo == null ? null : Predictor.of(mojo, metric + " predictor");
    }

    private static boolean isLookup(byte @Nullable [] model) {
        return model != null && LookupFile.is(model);
    }

    private static LookupPredictor lookup(byte[] content, SearchSpace space) {
        LookupFile file = LookupFile.of(content, "the look-up table");
        if (!file.space().equals(space.name())) {
            throw new InvalidInputException("the look-up table is for space %s, not for %s; profile this space"
                    .formatted(Names.shown(file.space()), space.name()));
        }
        return file.predictor();
    }

    private static MemoryPredictor memory(byte[] content, SearchSpace space) {
        MemoryFile file = MemoryFile.of(content, "the memory predictor");
        if (!file.space().equals(space.name())) {
            throw new InvalidInputException("the memory predictor is for space %s, not for %s; profile this space"
                    .formatted(Names.shown(file.space()), space.name()));
        }
        return file.predictor();
    }

    private static double bounded(double ms, String what, Architecture a) {
        if (Double.isNaN(ms)) {
            throw new InvalidInputException("the %s gives no number for %s; profile again".formatted(what, a));
        }
        return Math.min(MOST_LATENCY_MS, Math.max(LEAST_LATENCY_MS, ms));
    }

    /** A predictor that was adapted from a few measurements: it knows architectures by their choices. */
    private static final class FewShotColumn {
        private final TransferPredictor predictor;
        private final double confidence;

        FewShotColumn(byte[] content, SearchSpace space, double confidence) {
            FewShotFile file = FewShotFile.of(content, "the few-shot predictor");
            List<String> decisions =
                    space.decisions().stream().map(Decision::name).toList();
            if (!file.space().equals(space.name())
                    || !file.known().encoding().columns().equals(decisions)) {
                throw new InvalidInputException(
                        "the few-shot predictor is for space %s, not for %s; adapt one for this space"
                                .formatted(Names.shown(file.space()), space.name()));
            }
            this.predictor = file.predictor();
            this.confidence = confidence;
        }

        /** Returns the next place in the values. */
        int fill(Architecture a, double[] values, int at) {
            int[][] choices = {a.choices()};
            values[at] = bounded(predictor.predictMs(choices)[0], "few-shot predictor", a);
            if (confidence == 0) {
                return at + 1;
            }
            values[at + 1] = bounded(predictor.upperMs(choices, confidence)[0], "few-shot predictor", a);
            return at + 2;
        }
    }

    /** A predictor and where in our features its own ones stand, or that it takes choices. */
    private static final class Column {
        private final Predictor predictor;
        private final String metric;
        private final int[] order;
        private final @Nullable ChoicePredictor choices;

        Column(Predictor predictor, ArchitectureFeatures features, String metric) {
            this.predictor = predictor;
            this.metric = metric;
            if (ChoiceFeatures.areOf(predictor)) {
                choices = ChoicePredictor.of(predictor, features.space(), metric);
                order = new int[0];
                return;
            }
            choices = null;
            order = features.placesOf(predictor, metric);
        }

        boolean readsGraph() {
            return choices == null;
        }

        double predict(double[] row, Architecture a, double least, double most) {
            double value = choices == null ? ofGraph(row) : choices.predict(new int[][] {a.choices()})[0];
            if (Double.isNaN(value)) {
                throw new InvalidInputException(
                        "the %s predictor gives no number for %s; fit it again".formatted(metric, a));
            }
            return Math.min(most, Math.max(least, value));
        }

        private double ofGraph(double[] row) {
            double[] own = new double[order.length];
            for (int i = 0; i < own.length; i++) {
                own[i] = row[order[i]];
            }
            return predictor.predict(own);
        }
    }
}
