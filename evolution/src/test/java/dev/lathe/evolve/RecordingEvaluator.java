package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;

/** Keeps the batches it was given. */
final class RecordingEvaluator implements BatchEvaluator {
    final List<List<Architecture>> batches = new ArrayList<>();

    @Override
    public List<String> metrics() {
        return ToySpace.METRICS;
    }

    @Override
    public List<Evaluation> evaluate(List<Architecture> batch) {
        batches.add(List.copyOf(batch));
        return batch.stream().map(a -> Evaluation.of(a, ToySpace.score(a))).toList();
    }

    List<Architecture> all() {
        return batches.stream().flatMap(List::stream).toList();
    }
}
