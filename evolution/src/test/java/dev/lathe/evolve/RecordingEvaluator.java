package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Keeps the batches it was given. */
final class RecordingEvaluator implements BatchEvaluator {
    final List<List<Architecture>> batches = new ArrayList<>();
    private final List<String> metrics;
    private final Function<Architecture, double[]> scorer;

    RecordingEvaluator() {
        this(ToySpace.METRICS, ToySpace::score);
    }

    RecordingEvaluator(List<String> metrics, Function<Architecture, double[]> scorer) {
        this.metrics = metrics;
        this.scorer = scorer;
    }

    @Override
    public List<String> metrics() {
        return metrics;
    }

    @Override
    public List<Evaluation> evaluate(List<Architecture> batch) {
        batches.add(List.copyOf(batch));
        return batch.stream().map(a -> Evaluation.of(a, scorer.apply(a))).toList();
    }

    double[] score(Architecture a) {
        return scorer.apply(a);
    }

    List<Architecture> all() {
        return batches.stream().flatMap(List::stream).toList();
    }
}
