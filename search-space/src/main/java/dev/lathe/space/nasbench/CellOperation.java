package dev.lathe.space.nasbench;

/** What an edge of a cell does to the value of its source node; choices of a decision in this order. */
public enum CellOperation {
    /** No connection. */
    NONE("none"),
    /** The value itself. */
    SKIP("skip_connect"),
    /** ReLU, 1x1 convolution, batch normalization. */
    CONV_1X1("nor_conv_1x1"),
    /** ReLU, 3x3 convolution, batch normalization. */
    CONV_3X3("nor_conv_3x3"),
    /** Mean over 3x3 windows, of the pixels within the image. */
    AVERAGE_POOL("avg_pool_3x3");

    private static final CellOperation[] ALL = values();

    private final String text;

    CellOperation(String text) {
        this.text = text;
    }

    /** The name that the benchmark uses. */
    public String text() {
        return text;
    }

    static int count() {
        return ALL.length;
    }

    static CellOperation at(int choice) {
        return ALL[choice];
    }
}
