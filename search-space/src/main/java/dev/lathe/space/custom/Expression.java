package dev.lathe.space.custom;

import java.util.BitSet;
import java.util.List;

/**
 * A number or condition computed from the decisions' values. A condition is 1 where it holds, else 0. Parts without a decision
 * are computed once, when the expression is made.
 */
sealed interface Expression {
    /** @param values the value of each decision, by its index */
    double value(double[] values);

    /** Adds the indices of the decisions that it is computed from. */
    void collect(BitSet decisions);

    /** Whether it is true or false rather than a number. */
    boolean isCondition();

    /** Indices of the decisions that it is computed from, increasing. */
    default int[] decisions() {
        BitSet set = new BitSet();
        collect(set);
        return set.stream().toArray();
    }

    /** The same number whatever the decisions. */
    record Constant(double number, boolean isCondition) implements Expression {
        @Override
        public double value(double[] values) {
            return number;
        }

        @Override
        public void collect(BitSet decisions) {}
    }

    /** The value of a decision. */
    record Variable(int decision) implements Expression {
        @Override
        public double value(double[] values) {
            return values[decision];
        }

        @Override
        public void collect(BitSet decisions) {
            decisions.set(decision);
        }

        @Override
        public boolean isCondition() {
            return false;
        }
    }

    /** What can be applied to operands. */
    enum Function {
        ADD,
        SUBTRACT,
        MULTIPLY,
        DIVIDE,
        REMAINDER,
        NEGATE,
        EQUAL,
        UNEQUAL,
        LESS,
        AT_MOST,
        GREATER,
        AT_LEAST,
        AND,
        OR,
        NOT,
        IF,
        MIN,
        MAX,
        PICK,
        ROUND,
        FLOOR,
        CEIL;

        boolean makesCondition() {
            return ordinal() >= EQUAL.ordinal() && ordinal() <= NOT.ordinal();
        }

        boolean takesConditions() {
            return this == AND || this == OR || this == NOT;
        }
    }

    /** A function of operands. */
    record Applied(Function function, List<Expression> operands) implements Expression {
        @Override
        public double value(double[] v) {
            double a = operands.get(0).value(v);
            return switch (function) {
                case ADD -> a + second(v);
                case SUBTRACT -> a - second(v);
                case MULTIPLY -> a * second(v);
                case DIVIDE -> a / second(v);
                case REMAINDER -> a % second(v);
                case NEGATE -> -a;
                case EQUAL -> truth(a == second(v));
                case UNEQUAL -> truth(a != second(v));
                case LESS -> truth(a < second(v));
                case AT_MOST -> truth(a <= second(v));
                case GREATER -> truth(a > second(v));
                case AT_LEAST -> truth(a >= second(v));
                case AND -> truth(a != 0 && second(v) != 0);
                case OR -> truth(a != 0 || second(v) != 0);
                case NOT -> truth(a == 0);
                case IF -> operands.get(a != 0 ? 1 : 2).value(v);
                case MIN -> extreme(v, a, false);
                case MAX -> extreme(v, a, true);
                case PICK ->
                    a == Math.rint(a) && a >= 0 && a < operands.size() - 1
                            ? operands.get((int) a + 1).value(v)
                            : Double.NaN;
                case ROUND -> Math.floor(a + 0.5);
                case FLOOR -> Math.floor(a);
                case CEIL -> Math.ceil(a);
            };
        }

        private double second(double[] v) {
            return operands.get(1).value(v);
        }

        private double extreme(double[] v, double first, boolean largest) {
            double e = first;
            for (int i = 1; i < operands.size(); i++) {
                double o = operands.get(i).value(v);
                e = largest ? Math.max(e, o) : Math.min(e, o);
            }
            return e;
        }

        private static double truth(boolean b) {
            return b ? 1 : 0;
        }

        @Override
        public void collect(BitSet decisions) {
            for (Expression o : operands) {
                o.collect(decisions);
            }
        }

        @Override
        public boolean isCondition() {
            return function.makesCondition()
                    || (function == Function.IF && operands.get(1).isCondition());
        }
    }

    /** The function applied to operands; its value where they are all constant. */
    static Expression apply(Function function, List<Expression> operands) {
        Applied applied = new Applied(function, List.copyOf(operands));
        for (Expression o : operands) {
            if (!(o instanceof Constant)) {
                return applied;
            }
        }
        return new Constant(applied.value(new double[0]), applied.isCondition());
    }
}
