package dev.lathe.evolve;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers from a log what the log holds, and has the rest evaluated and appended, one write a batch. So a search is resumed by
 * running it again from its seed: it takes the same path, and no evaluation that was written is made twice. What takes a strategy
 * time to decide can be kept in a log as well.
 */
public final class LoggedEvaluator implements BatchEvaluator {
    private final EvaluationLog log;
    private final @Nullable DecisionLog decisions;
    private final BatchEvaluator evaluator;

    /** Takes over the evaluator, which is closed with this one; the log stays the caller's. */
    public LoggedEvaluator(EvaluationLog log, BatchEvaluator evaluator) {
        this(log, null, evaluator);
    }

    /** The same, with the decisions of the same search; the logs stay the caller's. */
    public LoggedEvaluator(EvaluationLog log, @Nullable DecisionLog decisions, BatchEvaluator evaluator) {
        if (!log.metrics().equals(evaluator.metrics())) {
            throw new IllegalArgumentException(
                    "The log's metrics are %s, the evaluator's %s".formatted(log.metrics(), evaluator.metrics()));
        }
        this.log = log;
        this.decisions = decisions;
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

    @Override
    public Optional<SearchDecision> recall(int evaluations, int size) {
        return decisions == null ? Optional.empty() : decisions.recall(evaluations, log.check(), size);
    }

    @Override
    public void remember(int evaluations, SearchDecision decision) {
        if (decisions != null) {
            decisions.append(evaluations, log.check(), decision);
        }
    }

    @Override
    public Pending submit(Architecture architecture) {
        List<Evaluation> answers = answered(List.of(architecture));
        if (!answers.isEmpty()) {
            return () -> answers.get(0);
        }
        Pending pending = evaluator.submit(architecture);
        return () -> {
            Evaluation made = pending.await();
            log.append(List.of(made));
            return made;
        };
    }

    /** Rows of an epoch stand in the log island by island. */
    @Override
    public List<IslandOutcome> evolve(SearchProblem problem, List<IslandTask> tasks) {
        List<List<Evaluation>> stored = new ArrayList<>();
        List<IslandTask> answered = new ArrayList<>();
        for (IslandTask t : tasks) {
            List<Evaluation> rows = new ArrayList<>();
            for (Evaluation e = log.peek();
                    e != null
                            && rows.size() < t.evaluations()
                            && IslandTask.owner(e.architecture(), t.islands()) == t.island();
                    e = log.peek()) {
                rows.add(e);
                log.next();
            }
            stored.add(rows);
            answered.add(t.withAnswers(IslandOutcome.values(rows)));
        }
        List<IslandOutcome> outcomes = evaluator.evolve(problem, answered);
        for (int i = 0; i < tasks.size(); i++) {
            List<Evaluation> made = IslandTask.evaluations(
                    problem.space().name(),
                    outcomes.get(i).genes(),
                    outcomes.get(i).values());
            List<Evaluation> rows = stored.get(i);
            for (int r = 0; r < rows.size(); r++) {
                if (r >= made.size() || !rows.get(r).equals(made.get(r))) {
                    throw ofAnother(rows.get(r), r < made.size() ? made.get(r).architecture() : null);
                }
            }
            log.append(made.subList(rows.size(), made.size()));
        }
        return outcomes;
    }

    private InvalidInputException ofAnother(Evaluation stored, @Nullable Architecture here) {
        return new InvalidInputException(
                "%s, before line %d, is of another search: it holds %s where this one comes to %s; resume with the version and predictors that began it, or remove the file"
                        .formatted(log.file(), log.size() + 2, stored.architecture(), here == null ? "nothing" : here));
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
                throw ofAnother(e, a);
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
