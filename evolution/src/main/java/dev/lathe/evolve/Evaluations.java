package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.List;

/** What every caller of a {@link BatchEvaluator} relies on, checked in one place. */
final class Evaluations {
    private Evaluations() {}

    /** @throws IllegalStateException if the evaluator dropped, moved or added something: its values would be another's */
    static List<Evaluation> checked(List<String> metrics, BatchEvaluator evaluator, List<Architecture> batch) {
        if (batch.isEmpty()) {
            return List.of();
        }
        List<Evaluation> results = evaluator.evaluate(batch);
        if (results.size() != batch.size()) {
            throw new IllegalStateException("The evaluator was given %d architectures and answered with %d evaluations"
                    .formatted(batch.size(), results.size()));
        }
        for (int i = 0; i < batch.size(); i++) {
            Evaluation e = results.get(i);
            if (!e.architecture().equals(batch.get(i)) || e.size() != metrics.size()) {
                throw new IllegalStateException(
                        "The evaluator answered for %s with %s; expected the same architecture and a value for each of %s"
                                .formatted(batch.get(i), e, metrics));
            }
        }
        return results;
    }
}
