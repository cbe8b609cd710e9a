package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The book-keeping that all strategies share: what was evaluated, the archive, the curve, what came nearest to the budgets. */
final class SearchTrace {
    private static final int CURVE_POINTS = 100;

    private final SearchProblem problem;
    private final BatchEvaluator evaluator;
    private final SearchSettings settings;
    private final int limit;
    private final ArchitectureSet known = new ArchitectureSet();
    private final ParetoArchive archive;
    private final List<SearchResult.CurvePoint> curve = new ArrayList<>();
    private final @Nullable Evaluation[] nearest;
    private final StoppingClock stopping;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private int count;
    private int feasible;

    SearchTrace(SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings) {
        if (!evaluator.metrics().equals(problem.metrics())) {
            throw new IllegalArgumentException("The problem's metrics are %s, the evaluator's %s"
                    .formatted(problem.metrics(), evaluator.metrics()));
        }
        this.problem = problem;
        this.evaluator = evaluator;
        this.settings = settings;
        this.limit = problem.space()
                .size()
                .min(BigInteger.valueOf(settings.evaluations()))
                .intValueExact();
        this.archive = new ParetoArchive(problem);
        this.stopping = new StoppingClock(settings.stop());
        this.nearest = new Evaluation[problem.budgets().size()];
    }

    /** The number of evaluations this search can make: those asked for, or all there are in a small space. */
    int limit() {
        return limit;
    }

    /** Evaluations that may still be made; none where a stopping rule holds. */
    int remaining() {
        return stopping.isOver() ? 0 : limit - known.size();
    }

    int count() {
        return count;
    }

    boolean isKnown(Architecture a) {
        return known.contains(a);
    }

    /** Evaluates architectures that are new, distinct and no more than {@link #remaining}, in one batch, in its order. */
    List<Evaluation> evaluate(List<Architecture> batch) {
        if (batch.size() > limit - known.size()) {
            throw new IllegalArgumentException(
                    "A batch of %d, but only %d evaluations are left".formatted(batch.size(), limit - known.size()));
        }
        List<Evaluation> evaluated = Evaluations.checked(problem.metrics(), evaluator, batch);
        record(evaluated);
        return evaluated;
    }

    /** Takes in evaluations that were made elsewhere. */
    void record(List<Evaluation> evaluated) {
        for (Evaluation e : evaluated) {
            claim(e.architecture());
            incorporate(e);
        }
    }

    /** What was decided at this point in an earlier life of this search, if that was kept. */
    Optional<SearchDecision> recall(int size) {
        return evaluator.recall(count, size);
    }

    void remember(SearchDecision decision) {
        evaluator.remember(count, decision);
    }

    /** Has a new architecture evaluated in the background; from now on it is known. */
    void submit(Architecture a) {
        claim(a);
        pending.add(evaluator.submit(a));
    }

    /** Evaluations under way. */
    int inFlight() {
        return pending.size();
    }

    /** Waits for the one that was submitted first. */
    Evaluation take() {
        Evaluation e = pending.remove().await();
        incorporate(e);
        return e;
    }

    private void claim(Architecture a) {
        if (!known.add(a)) {
            throw new IllegalArgumentException(a + " was evaluated before");
        }
    }

    private void incorporate(Evaluation e) {
        count++;
        archive.offer(e);
        feasible += problem.isFeasible(e) ? 1 : 0;
        for (int i = 0; i < nearest.length; i++) {
            Evaluation n = nearest[i];
            if (n == null || problem.budgetValue(i, e) < problem.budgetValue(i, n)) {
                nearest[i] = e;
            }
        }
        if (count % Math.max(1, limit / CURVE_POINTS) == 0) {
            sample();
        }
        stopping.evaluated(count, archive, settings.reference());
    }

    private void sample() {
        curve.add(new SearchResult.CurvePoint(count, archive.hypervolume(settings.reference())));
    }

    String progressNote() {
        return feasible == 0 ? "nothing within budget yet" : "front " + archive.size();
    }

    SearchResult result(String strategy, int generations) {
        if (count > 0 && (curve.isEmpty() || curve.get(curve.size() - 1).evaluations() != count)) {
            sample();
        }
        return new SearchResult(
                strategy,
                problem,
                archive.front().members(),
                count,
                feasible,
                curve,
                settings.reference(),
                generations,
                settings.seed());
    }

    /** @throws InfeasibleBudgetException if nothing evaluated meets all budgets */
    void requireFeasible() {
        if (feasible > 0 || count == 0) {
            return;
        }
        List<String> limits = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < nearest.length; i++) {
            Budget b = problem.budgets().get(i);
            Evaluation n = nearest[i];
            if (n != null) {
                limits.add("%s <= %s".formatted(b.metric(), shown(b.limit())));
                seen.add("%s of %s".formatted(shown(problem.budgetValue(i, n)), n.architecture()));
            }
        }
        StringBuilder message = new StringBuilder("no network of %d in %s meets %s: "
                .formatted(count, problem.space().name(), String.join(" and ", limits)));
        for (int i = 0; i < seen.size(); i++) {
            message.append(i == 0 ? "the smallest " : ", the smallest ")
                    .append(problem.budgets().get(i).metric())
                    .append(" seen is ")
                    .append(seen.get(i));
        }
        throw new InfeasibleBudgetException(
                message.append(limits.size() > 1 ? "; raise one of the budgets" : "; raise the budget")
                        .toString());
    }

    /** Four significant digits, whole numbers whole: a message is read, not computed with. */
    private static String shown(double value) {
        return Math.rint(value) == value && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : new BigDecimal(value)
                        .round(new MathContext(4))
                        .stripTrailingZeros()
                        .toPlainString();
    }
}
