package dev.lathe.space.mcuformer;

/** The three sizes in which the spaces are published. */
public enum TransformerSize {
    TINY("t"),
    SMALL("s"),
    BASE("b");

    private final String letter;

    TransformerSize(String letter) {
        this.letter = letter;
    }

    /** Last letter of a space's name. */
    String letter() {
        return letter;
    }
}
