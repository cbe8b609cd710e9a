package dev.lathe.space.custom;

import dev.lathe.base.Names;
import dev.lathe.space.custom.Expression.Function;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses expressions by recursive descent: {@code or, and, not}, one comparison, {@code + -}, {@code * / %}, minus, functions and
 * parentheses, bound ever closer. Length and nesting are bounded.
 */
final class ExpressionParser {
    private static final int MOST_CHARACTERS = 400;
    private static final int MOST_DEPTH = 40;

    /** Words that name no decision. */
    static final List<String> RESERVED =
            List.of("and", "or", "not", "if", "min", "max", "pick", "round", "floor", "ceil", "input", "index");

    private static final Map<String, Function> COMPARISONS = new LinkedHashMap<>();
    private static final Map<String, Function> CALLS = new LinkedHashMap<>();

    static {
        COMPARISONS.put("==", Function.EQUAL);
        COMPARISONS.put("!=", Function.UNEQUAL);
        COMPARISONS.put("<=", Function.AT_MOST);
        COMPARISONS.put(">=", Function.AT_LEAST);
        COMPARISONS.put("<", Function.LESS);
        COMPARISONS.put(">", Function.GREATER);
        CALLS.put("if", Function.IF);
        CALLS.put("min", Function.MIN);
        CALLS.put("max", Function.MAX);
        CALLS.put("pick", Function.PICK);
        CALLS.put("round", Function.ROUND);
        CALLS.put("floor", Function.FLOOR);
        CALLS.put("ceil", Function.CEIL);
    }

    /** An expression that cannot be read; the message says what and what to do. */
    static final class BadExpression extends Exception {
        private static final long serialVersionUID = 1L;

        BadExpression(String message) {
            super(message);
        }
    }

    /** What a name stands for. */
    @FunctionalInterface
    interface Scope {
        /** @throws BadExpression if there is no such name here */
        Expression resolve(String name) throws BadExpression;
    }

    private final String text;
    private final Scope scope;
    private int at;
    private int depth;

    private ExpressionParser(String text, Scope scope) {
        this.text = text;
        this.scope = scope;
    }

    /** @throws BadExpression if the text is no expression over the names of the scope */
    static Expression parse(String text, Scope scope) throws BadExpression {
        if (text.length() > MOST_CHARACTERS) {
            throw new BadExpression("an expression of %d characters; write one of at most %d"
                    .formatted(text.length(), MOST_CHARACTERS));
        }
        ExpressionParser p = new ExpressionParser(text, scope);
        Expression e = p.either();
        if (p.peek() != 0) {
            throw p.bad("'%s' is not expected there".formatted(Names.shown(text.substring(p.at))));
        }
        return e;
    }

    private BadExpression bad(String problem) {
        return new BadExpression("'%s' is no expression: %s; write for example 16 * width or if(depth > 2, 5, 3)"
                .formatted(Names.shown(text), problem));
    }

    /** The next character that is no space, or 0 at the end. */
    private char peek() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private boolean take(String symbol) {
        peek();
        if (text.startsWith(symbol, at)) {
            at += symbol.length();
            return true;
        }
        return false;
    }

    private boolean takeWord(String word) {
        peek();
        int end = at + word.length();
        if (text.startsWith(word, at) && (end == text.length() || !isNamePart(text.charAt(end)))) {
            at = end;
            return true;
        }
        return false;
    }

    private static boolean isNameStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isNamePart(char c) {
        return isNameStart(c) || (c >= '0' && c <= '9') || c == '_' || c == '.';
    }

    private Expression either() throws BadExpression {
        Expression e = both();
        while (takeWord("or")) {
            e = apply(Function.OR, e, both());
        }
        return e;
    }

    private Expression both() throws BadExpression {
        Expression e = negated();
        while (takeWord("and")) {
            e = apply(Function.AND, e, negated());
        }
        return e;
    }

    private Expression negated() throws BadExpression {
        if (takeWord("not")) {
            enter();
            Expression e = apply(Function.NOT, negated());
            depth--;
            return e;
        }
        return comparison();
    }

    private Expression comparison() throws BadExpression {
        Expression e = sum();
        for (Map.Entry<String, Function> c : COMPARISONS.entrySet()) {
            if (take(c.getKey())) {
                return apply(c.getValue(), e, sum());
            }
        }
        return e;
    }

    private Expression sum() throws BadExpression {
        Expression e = product();
        while (true) {
            if (take("+")) {
                e = apply(Function.ADD, e, product());
            } else if (take("-")) {
                e = apply(Function.SUBTRACT, e, product());
            } else {
                return e;
            }
        }
    }

    private Expression product() throws BadExpression {
        Expression e = signed();
        while (true) {
            if (take("*")) {
                e = apply(Function.MULTIPLY, e, signed());
            } else if (take("/")) {
                e = apply(Function.DIVIDE, e, signed());
            } else if (take("%")) {
                e = apply(Function.REMAINDER, e, signed());
            } else {
                return e;
            }
        }
    }

    private Expression signed() throws BadExpression {
        if (take("-")) {
            enter();
            Expression e = apply(Function.NEGATE, signed());
            depth--;
            return e;
        }
        return primary();
    }

    private Expression primary() throws BadExpression {
        char c = peek();
        if (c == '(') {
            at++;
            enter();
            Expression e = either();
            depth--;
            close();
            return e;
        }
        if (isNameStart(c)) {
            int from = at;
            while (at < text.length() && isNamePart(text.charAt(at))) {
                at++;
            }
            String name = text.substring(from, at);
            return peek() == '(' ? call(name) : scope.resolve(name);
        }
        if ((c >= '0' && c <= '9') || c == '.') {
            return number();
        }
        throw bad(c == 0 ? "it ends too early" : "'%s' is not expected there".formatted(Names.shown("" + c)));
    }

    private Expression number() throws BadExpression {
        int from = at;
        while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
                at++;
            }
            while (at < text.length() && Character.isDigit(text.charAt(at))) {
                at++;
            }
        }
        String number = text.substring(from, at);
        double v;
        try {
            v = Double.parseDouble(number);
        } catch (NumberFormatException e) {
            throw bad("'%s' is no finite number".formatted(Names.shown(number)));
        }
        if (!Double.isFinite(v) || (at < text.length() && isNamePart(text.charAt(at)))) {
            throw bad("'%s' is no finite number".formatted(Names.shown(text.substring(from))));
        }
        return new Expression.Constant(v, false);
    }

    private Expression call(String name) throws BadExpression {
        Function f = CALLS.get(name);
        if (f == null) {
            String nearest = Names.nearest(name, CALLS.keySet());
            throw bad("there is no function '%s'%s, only %s"
                    .formatted(
                            Names.shown(name),
                            nearest == null ? "" : " (did you mean '" + nearest + "'?)",
                            String.join(", ", CALLS.keySet())));
        }
        at++;
        enter();
        List<Expression> operands = new ArrayList<>();
        do {
            operands.add(either());
        } while (take(","));
        depth--;
        close();
        int n = operands.size();
        boolean right = switch (f) {
            case IF -> n == 3;
            case ROUND, FLOOR, CEIL -> n == 1;
            default -> n >= 2;
        };
        if (!right) {
            throw bad("%s does not take %d values".formatted(name, n));
        }
        return checked(f, operands);
    }

    private void close() throws BadExpression {
        if (!take(")")) {
            throw bad("a ) is missing");
        }
    }

    private void enter() throws BadExpression {
        if (++depth > MOST_DEPTH) {
            throw bad("it is nested more than %d deep".formatted(MOST_DEPTH));
        }
    }

    private Expression apply(Function f, Expression... operands) throws BadExpression {
        return checked(f, List.of(operands));
    }

    private Expression checked(Function f, List<Expression> operands) throws BadExpression {
        for (int i = 0; i < operands.size(); i++) {
            boolean wanted = f.takesConditions() || (f == Function.IF && i == 0);
            boolean free = f == Function.IF && i > 0;
            if (!free && operands.get(i).isCondition() != wanted) {
                throw bad(
                        wanted
                                ? "a condition such as kernel == 3 is needed where a number stands"
                                : "a number is needed where a condition stands");
            }
        }
        if (f == Function.IF && operands.get(1).isCondition() != operands.get(2).isCondition()) {
            throw bad("if has a number on one side and a condition on the other");
        }
        return Expression.apply(f, operands);
    }
}
