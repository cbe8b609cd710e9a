package dev.lathe.space.spaceevo;

import dev.lathe.space.Comparison;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Compares every row of a hyperspace's published table of stages with the stage's lowered graph. */
final class StageComparison {
    private static final int BATCH = 4_000;
    /** Published figures have four decimals: half a unit of the last one, in multiply-accumulates or parameters. */
    private static final long HALF_UNIT = 50;
    /** Two scales and an offset. */
    private static final int QUANTIZER_SCALARS_PER_LAYER = 3;
    /** From here on single precision, in which the published counter adds, does not hold every whole number. */
    private static final long EXACT_IN_SINGLE_PRECISION = 1L << 24;
    /** Relative rounding of sums of some dozen numbers in single precision. */
    private static final double SINGLE_PRECISION = 5e-7;
    /** Half a unit of the last published decimal, and the rounding of a block table given to six decimals. */
    private static final double LATENCY_TOLERANCE_MS = 0.5e-4 + 8 * 0.5e-6;

    private enum Latency {
        EQUAL,
        DIFFERENT,
        NOT_IN_TABLE
    }

    /** How one row compares. */
    private record Outcome(
            boolean singlePrecisionMacs,
            boolean macs,
            double macsError,
            boolean parameters,
            boolean roundedParameters,
            Latency latency) {}

    private final Hyperspace hyperspace;
    private final VnniBlockTable blocks;
    private int rows;
    private int singlePrecisionMacs;
    private int macs;
    private double worstMacsError;
    private int parameters;
    private int roundedParameters;
    private final int[] latencies = new int[Latency.values().length];

    private StageComparison(Hyperspace hyperspace, VnniBlockTable blocks) {
        this.hyperspace = hyperspace;
        this.blocks = blocks;
    }

    static List<Comparison> of(Path folder, Hyperspace hyperspace, VnniBlockTable blocks) {
        StageComparison c = new StageComparison(hyperspace, blocks);
        List<LookupTable.Entry> batch = new ArrayList<>(BATCH);
        LookupTable.read(folder, hyperspace, e -> {
            batch.add(e);
            if (batch.size() == BATCH) {
                c.addAll(batch);
                batch.clear();
            }
        });
        c.addAll(batch);
        return c.comparisons();
    }

    private void addAll(List<LookupTable.Entry> batch) {
        batch.parallelStream().map(this::outcome).forEachOrdered(this::add);
    }

    private Outcome outcome(LookupTable.Entry e) {
        StageCost cost = StageCost.of(e.stage());
        long theirs = e.macs() * 100;
        long ours = cost.parameters() + (long) QUANTIZER_SCALARS_PER_LAYER * cost.layers();
        long parameterError = Math.abs(ours - e.parameters() * 100);
        return new Outcome(
                Math.abs((double) cost.singlePrecisionMacs() - theirs) <= HALF_UNIT,
                Math.abs(cost.macs() - theirs) <= HALF_UNIT,
                Math.max(0.0, Math.abs(cost.macs() - theirs) - HALF_UNIT) / cost.macs(),
                parameterError <= HALF_UNIT,
                ours > EXACT_IN_SINGLE_PRECISION && parameterError <= 2 * HALF_UNIT,
                latency(e));
    }

    private Latency latency(LookupTable.Entry e) {
        OptionalDouble ours = blocks.latencyMs(e.stage());
        if (ours.isEmpty()) {
            return Latency.NOT_IN_TABLE;
        }
        return Math.abs(ours.getAsDouble() - e.latency() * 1e-4) <= LATENCY_TOLERANCE_MS
                ? Latency.EQUAL
                : Latency.DIFFERENT;
    }

    private void add(Outcome o) {
        rows++;
        singlePrecisionMacs += o.singlePrecisionMacs() ? 1 : 0;
        macs += o.macs() ? 1 : 0;
        worstMacsError = Math.max(worstMacsError, o.macsError());
        parameters += o.parameters() ? 1 : 0;
        roundedParameters += !o.parameters() && o.roundedParameters() ? 1 : 0;
        latencies[o.latency().ordinal()]++;
    }

    private List<Comparison> comparisons() {
        String h = hyperspace.id();
        String all = rows(rows);
        List<Comparison> c = new ArrayList<>();
        c.add(new Comparison(
                h + ": MACs of stages, added in single precision as published",
                all,
                rows(singlePrecisionMacs) + " equal",
                "equal to 4 decimals of a million",
                rows > 0 && singlePrecisionMacs == rows));
        c.add(new Comparison(
                h + ": MACs of stages, added exactly",
                all,
                "%s equal to 4 decimals, the others within %.1e".formatted(rows(macs), worstMacsError),
                "the rounding of single precision, within %.0e".formatted(SINGLE_PRECISION),
                rows > 0 && worstMacsError <= SINGLE_PRECISION));
        c.add(new Comparison(
                h + ": parameters of stages, with 3 quantizer scalars per layer",
                all,
                "%s equal to 4 decimals, %s one unit of the last decimal apart"
                        .formatted(rows(parameters), rows(roundedParameters)),
                "equal to 4 decimals; one unit apart from 2^24 parameters on, where the published sum is rounded",
                rows > 0 && parameters + roundedParameters == rows));
        if (hyperspace == Hyperspace.ONNXW) {
            int timed = latencies[Latency.EQUAL.ordinal()] + latencies[Latency.DIFFERENT.ordinal()];
            c.add(new Comparison(
                    h + ": INT8 latency of stages as the sum of published block latencies (the block table lacks "
                            + "Fused-MB and some widths: %s left out)"
                                    .formatted(rows(latencies[Latency.NOT_IN_TABLE.ordinal()])),
                    rows(timed),
                    rows(latencies[Latency.EQUAL.ordinal()]) + " equal",
                    "equal to 4 decimals of a millisecond",
                    timed > 0 && latencies[Latency.EQUAL.ordinal()] == timed));
        }
        return c;
    }

    private static String rows(int n) {
        return String.format(Locale.ROOT, "%,d rows", n);
    }
}
