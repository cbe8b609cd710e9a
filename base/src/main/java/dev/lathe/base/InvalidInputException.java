package dev.lathe.base;

/**
 * Something the user gave cannot be used: a value, a file, a budget. The message is one line that says what, which value
 * and what to do; the command prints it without a stack trace and exits with code 2.
 */
public class InvalidInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidInputException(String message) {
        super(message);
    }

    public InvalidInputException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * An unknown name, with the nearest known one suggested.
     *
     * @param what what kind of name it is, for example {@code search space}
     * @param given the name that was given
     * @param known all names that would have been right
     */
    public static InvalidInputException unknown(String what, String given, Iterable<String> known) {
        String nearest = Names.nearest(given, known);
        String hint = nearest == null ? "" : "did you mean '" + nearest + "'? ";
        return new InvalidInputException(
                "unknown %s '%s': %sknown are %s".formatted(what, Names.shown(given), hint, String.join(", ", known)));
    }
}
