package dev.lathe.space.custom;

import dev.lathe.space.Decision;
import dev.lathe.space.custom.Definition.Text;
import java.util.List;

/** Which values an expression takes: found by trying all choices of its decisions, so that no network meets a bad number. */
final class Ranges {
    private static final int MOST_COMBINATIONS = 20_000;

    private Ranges() {}

    /**
     * The values an expression takes.
     *
     * @param whole whether all are whole numbers
     * @param odd whether all are odd whole numbers
     * @param best choices, one per decision of the expression, that give the largest
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Range(double least, double most, boolean whole, boolean odd, int[] best) {}

    /** @throws dev.lathe.base.InvalidInputException if it has too many decisions, or is not finite for some choices */
    static Range of(Expression e, List<Decision> decisions, Source source, Text text) {
        int[] used = e.decisions();
        long combinations = 1;
        for (int d : used) {
            combinations *= decisions.get(d).size();
            if (combinations > MOST_COMBINATIONS) {
                throw source.error(
                        text.line(),
                        text.key(),
                        "the expression depends on %d decisions with more than %d combinations; use fewer"
                                .formatted(used.length, MOST_COMBINATIONS));
            }
        }
        double[] values = new double[decisions.size()];
        int[] choice = new int[used.length];
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        boolean whole = true;
        boolean odd = true;
        int[] best = choice.clone();
        for (long n = 0; n < combinations; n++) {
            long rest = n;
            for (int i = 0; i < used.length; i++) {
                Decision d = decisions.get(used[i]);
                choice[i] = (int) (rest % d.size());
                rest /= d.size();
                values[used[i]] = d.value(choice[i]);
            }
            double v = e.value(values);
            if (!Double.isFinite(v)) {
                throw source.error(
                        text.line(),
                        text.key(),
                        "'%s' is no finite number for %s; do not divide by 0 nor pick beyond the list"
                                .formatted(text.text(), assignment(used, choice, decisions)));
            }
            least = Math.min(least, v);
            if (v > most) {
                most = v;
                best = choice.clone();
            }
            whole &= v == Math.rint(v);
            odd &= v == Math.rint(v) && Math.abs(v % 2) == 1;
        }
        return new Range(least, most, whole, odd, best);
    }

    private static String assignment(int[] used, int[] choice, List<Decision> decisions) {
        if (used.length == 0) {
            return "every network";
        }
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < used.length; i++) {
            Decision d = decisions.get(used[i]);
            b.append(i == 0 ? "" : ", ").append(d.name()).append(" = ").append(Compiler.shown(d.value(choice[i])));
        }
        return b.toString();
    }
}
