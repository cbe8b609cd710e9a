package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers from a log what the log holds, and has the rest evaluated and appended, one forced write a batch. So a search is
 * resumed by running it again from its seed: it takes the same path, and no evaluation that was written is made twice.
 */
public final class LoggedEvaluator implements BatchEvaluator {
    private final EvaluationLog log;
    private final BatchEvaluator evaluator;

    /** Takes over the evaluator, which is closed with this one; the log stays the caller's. */
    public LoggedEvaluator(EvaluationLog log, BatchEvaluator evaluator) {
        if (!log.metrics().equals(evaluator.metrics())) {
            throw new IllegalArgumentException(
                    "The log's metrics are %s, the evaluator's %s".formatted(log.metrics(), evaluator.metrics()));
        }
        this.log = log;
        this.evaluator = evaluator;
    }

    @Override
    public List<String> metrics() {
        return evaluator.metrics();
    }

    @Override
    public List<Evaluation> evaluate(List<Architecture> batch) {
        List<Architecture> missing =
                batch.stream().filter(a -> log.find(a) == null).toList();
        List<Evaluation> made = Evaluations.checked(metrics(), evaluator, missing);
        log.append(made);
        List<Evaluation> answers = new ArrayList<>(batch.size());
        for (Architecture a : batch) {
            Evaluation e = log.find(a);
            if (e == null) {
                throw new IllegalStateException(a + " was evaluated but is not in the log");
            }
            answers.add(e);
        }
        return answers;
    }

    @Override
    public void close() {
        evaluator.close();
    }
}
