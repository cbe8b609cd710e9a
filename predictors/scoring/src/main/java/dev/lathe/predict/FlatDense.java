package dev.lathe.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A small dense network of rectifiers, a block of rows at a time, column by column, so that the vector units of a processor work
 * on rows side by side. Its sums are in single precision, as its weights are: results agree with the archive's code to about a
 * millionth of what the network was trained to tell apart, and do not depend on the other rows of a batch. Immutable and
 * thread-safe.
 */
final class FlatDense implements FlatModel {
    /** Rows at a time: few enough for the cache, enough that a loop over them is worth its start. */
    private static final int BLOCK = 256;

    private static final int FEW = 16;

    private static final int SIDE_BY_SIDE = 4;
    private static final int MOST_UNITS = 4096;

    private final double[] means;
    private final double[] perDeviation;
    private final List<Layer> layers;
    private final double outputMean;
    private final double outputDeviation;

    /**
     * One layer.
     *
     * @param weights by output, then by input
     * @param biases by output
     */
    @SuppressWarnings("ArrayRecordComponent") // within the package, never compared
    record Layer(float[][] weights, float[] biases) {
        int inputs() {
            return weights[0].length;
        }

        int outputs() {
            return weights.length;
        }
    }

    private FlatDense(
            double[] means, double[] perDeviation, List<Layer> layers, double outputMean, double outputDeviation) {
        this.means = means;
        this.perDeviation = perDeviation;
        this.layers = layers;
        this.outputMean = outputMean;
        this.outputDeviation = outputDeviation;
    }

    /**
     * Reads a network from an archive's description.
     *
     * @return null where the model is more than numbers, rectifiers and one number
     */
    static @Nullable FlatDense of(Map<String, String> description) {
        boolean isPlain = "gaussian".equals(description.get("distribution"))
                && "Rectifier".equals(description.get("activation"))
                && "0".equals(description.get("cats"));
        double[] units = numbers(description.get("neural_network_sizes"));
        double[] by = numbers(description.get("norm_mul"));
        double[] less = numbers(description.get("norm_sub"));
        double[] outBy = numbers(description.get("norm_resp_mul"));
        double[] outLess = numbers(description.get("norm_resp_sub"));
        if (!isPlain || units.length < 2 || units[units.length - 1] != 1 || outBy.length != 1 || outLess.length != 1) {
            return null;
        }
        int n = (int) units[0];
        if (Arrays.stream(units).anyMatch(u -> !(u >= 1 && u <= MOST_UNITS && u == (int) u))
                || by.length != n
                || less.length != n) {
            return null;
        }
        List<Layer> layers = new ArrayList<>();
        for (int l = 0; l + 1 < units.length; l++) {
            int in = (int) units[l];
            int out = (int) units[l + 1];
            double[] w = numbers(description.get("weight_layer" + l));
            double[] b = numbers(description.get("bias_layer" + l));
            if (w.length != in * out || b.length != out) {
                return null;
            }
            float[][] rows = new float[out][in];
            float[] biases = new float[out];
            for (int j = 0; j < out; j++) {
                biases[j] = (float) b[j];
                for (int i = 0; i < in; i++) {
                    rows[j][i] = (float) w[j * in + i];
                }
            }
            layers.add(new Layer(rows, biases));
        }
        return new FlatDense(less, by, List.copyOf(layers), outLess[0], 1 / outBy[0]);
    }

    /** The finite numbers of {@code [1.0, 2.0]}; none where the text is none such. */
    private static double[] numbers(@Nullable String text) {
        if (text == null || !text.startsWith("[") || !text.endsWith("]")) {
            return new double[0];
        }
        try {
            double[] all = Arrays.stream(text.substring(1, text.length() - 1).split(",", -1))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            return Arrays.stream(all).allMatch(Double::isFinite) ? all : new double[0];
        } catch (NumberFormatException e) {
            return new double[0];
        }
    }

    /** Features. */
    int inputs() {
        return means.length;
    }

    /** A row like those that it was trained on: the features' means and as many deviations. */
    double[] row(double[] deviations) {
        double[] row = new double[means.length];
        Arrays.setAll(row, i -> means[i] + deviations[i] / perDeviation[i]);
        return row;
    }

    /** What the first layer sees of a value. */
    float normalized(int feature, double value) {
        return (float) ((value - means[feature]) * perDeviation[feature]);
    }

    /** Deviation of what it was trained to predict. */
    double outputDeviation() {
        return outputDeviation;
    }

    Layer first() {
        return layers.get(0);
    }

    Layer last() {
        return layers.get(layers.size() - 1);
    }

    @Override
    public boolean predict(double[][] rows, double[] out) {
        if (!FlatModel.isFinite(rows, 0, rows.length)) {
            return false;
        }
        if (rows.length < FEW) {
            for (int r = 0; r < rows.length; r++) {
                out[r] = predict(rows[r]);
            }
            return true;
        }
        int width = Math.max(
                inputs(), layers.stream().mapToInt(Layer::outputs).max().orElseThrow());
        float[][] x = new float[width][BLOCK];
        float[][] y = new float[width][BLOCK];
        float[] zeros = new float[BLOCK];
        for (int from = 0; from < rows.length; from += BLOCK) {
            int n = Math.min(BLOCK, rows.length - from);
            for (int r = 0; r < n; r++) {
                double[] row = rows[from + r];
                for (int i = 0; i < row.length; i++) {
                    x[i][r] = normalized(i, row[i]);
                }
            }
            for (Layer layer : layers) {
                run(layer, x, y, n);
                float[][] next = y;
                y = x;
                x = next;
                for (int j = 0; j < layer.outputs() && !isLast(layer); j++) {
                    rectify(x[j], zeros, n);
                }
            }
            for (int r = 0; r < n; r++) {
                out[from + r] = value(x[0][r]);
            }
        }
        return true;
    }

    private boolean isLast(Layer layer) {
        return layer == layers.get(layers.size() - 1);
    }

    /** What the last layer's output stands for. */
    double value(float output) {
        return output * outputDeviation + outputMean;
    }

    /**
     * One row by itself: the same sums in the same order. Loops over so few rows would have the compiler take those of {@link #run}
     * for short.
     */
    private double predict(double[] row) {
        float[] x = new float[row.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = normalized(i, row[i]);
        }
        for (Layer layer : layers) {
            float[] y = new float[layer.outputs()];
            for (int j = 0; j < y.length; j++) {
                float[] w = layer.weights()[j];
                float sum = layer.biases()[j];
                int i = 0;
                for (; i + SIDE_BY_SIDE <= x.length; i += SIDE_BY_SIDE) {
                    sum += (w[i] * x[i] + w[i + 1] * x[i + 1]) + (w[i + 2] * x[i + 2] + w[i + 3] * x[i + 3]);
                }
                for (; i < x.length; i++) {
                    sum += w[i] * x[i];
                }
                y[j] = isLast(layer) ? sum : Math.max(sum, 0);
            }
            x = y;
        }
        return value(x[0]);
    }

    @Override
    public @Nullable OfChoices of(OptionColumns options) {
        return DenseChoices.of(this, options);
    }

    boolean hasOneHiddenLayer() {
        return layers.size() == 2;
    }

    private static void run(Layer layer, float[][] x, float[][] y, int n) {
        int in = layer.inputs();
        for (int j = 0; j < layer.outputs(); j++) {
            float[] w = layer.weights()[j];
            float[] to = y[j];
            Arrays.fill(to, 0, n, layer.biases()[j]);
            int i = 0;
            for (; i + SIDE_BY_SIDE <= in; i += SIDE_BY_SIDE) {
                add(w[i], w[i + 1], w[i + 2], w[i + 3], x[i], x[i + 1], x[i + 2], x[i + 3], to, n);
            }
            for (; i < in; i++) {
                add(w[i], x[i], to, n);
            }
        }
    }

    /** Larger sums than this are too much for the compiler to make vectors of. */
    private static void add(
            float w0, float w1, float w2, float w3, float[] x0, float[] x1, float[] x2, float[] x3, float[] to, int n) {
        for (int r = 0; r < n; r++) {
            to[r] += (w0 * x0[r] + w1 * x1[r]) + (w2 * x2[r] + w3 * x3[r]);
        }
    }

    private static void add(float w, float[] x, float[] to, int n) {
        for (int r = 0; r < n; r++) {
            to[r] += w * x[r];
        }
    }

    private static void rectify(float[] to, float[] zeros, int n) {
        for (int r = 0; r < n; r++) {
            to[r] = Math.max(to[r], zeros[r]);
        }
    }
}
