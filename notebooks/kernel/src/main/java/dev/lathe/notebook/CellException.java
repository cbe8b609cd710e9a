package dev.lathe.notebook;

/** A cell that does not compile, is not whole, or throws; its message says which, for people. */
public final class CellException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param message one or more lines */
    CellException(String message) {
        super(message);
    }
}
