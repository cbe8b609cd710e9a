package dev.lathe.evolve;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers from a log what the log holds, and has the rest evaluated and appended, one write a batch. So a search is resumed by
 * running it again from its seed: it takes the same path, and no evaluation that was written is made twice.
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

    /** @throws InvalidInputException if the log is that of a search that took another path */
    @Override
    public List<Evaluation> evaluate(List<Architecture> batch) {
        List<Evaluation> answers = answered(batch);
        List<Evaluation> made = Evaluations.checked(metrics(), evaluator, batch.subList(answers.size(), batch.size()));
        log.append(made);
        answers.addAll(made);
        return answers;
    }

    /** The evaluations of the batch's start that the log holds. */
    private List<Evaluation> answered(List<Architecture> batch) {
        List<Evaluation> answers = new ArrayList<>(batch.size());
        for (Architecture a : batch) {
            Evaluation e = log.next();
            if (e == null) {
                break;
            }
            if (!e.architecture().equals(a)) {
                throw new InvalidInputException(
                        "%s, line %d is of another search: it holds %s where this one comes to %s; resume with the version and predictors that began it, or remove the file"
                                .formatted(log.file(), log.size() + 1, e.architecture(), a));
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
