package dev.lathe.predict.help;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * HELP's predictor as a function of one flat vector of parameters: graph convolutions over the cell, two dense layers over
 * the hardware embedding, three over both. ReLU everywhere, linear output. A convolution sums the states of a node's
 * inputs, without dividing by their number.
 *
 * <p>With width L, T node types and k latencies in the embedding: cell (T, L) then 3 times (L, L); hardware (k, L), (L, L);
 * head (2L, 2L), (2L, 2L), (2L, 1). 123,001 parameters for L = 100, T = 8, k = 10.
 */
public final class HelpNetwork {
    static final int CONVOLUTIONS = 4;
    private static final double FIRST_GRAPH_WEIGHT = 0.05;

    /** A matrix (in, out) and a bias (out), where they stand in the parameters. */
    record Layer(int in, int out, int weights, int bias) {}

    private final List<Layer> cell = new ArrayList<>();
    private final List<Layer> hardware = new ArrayList<>();
    private final List<Layer> head = new ArrayList<>();
    private final int width;
    private int size;

    public HelpNetwork(int types, int embedding, int width) {
        this.width = width;
        for (int i = 0; i < CONVOLUTIONS; i++) {
            cell.add(layer(i == 0 ? types : width, width));
        }
        hardware.add(layer(embedding, width));
        hardware.add(layer(width, width));
        head.add(layer(2 * width, 2 * width));
        head.add(layer(2 * width, 2 * width));
        head.add(layer(2 * width, 1));
    }

    private Layer layer(int in, int out) {
        Layer l = new Layer(in, out, size, size + in * out);
        size += in * out + out;
        return l;
    }

    /** Number of parameters. */
    public int size() {
        return size;
    }

    int width() {
        return width;
    }

    List<Layer> head() {
        return head;
    }

    /** Parameters at the start of meta-training, shape ({@link #size}). */
    public double[] initial(RandomGenerator random) {
        double[] theta = new double[size];
        for (Layer l : cell) {
            fill(theta, l.weights, l.bias, FIRST_GRAPH_WEIGHT, random);
            fill(theta, l.bias, l.bias + l.out, 1 / Math.sqrt(width), random);
        }
        for (List<Layer> part : List.of(hardware, head)) {
            for (Layer l : part) {
                fill(theta, l.weights, l.bias + l.out, 1 / Math.sqrt(l.in), random);
            }
        }
        return theta;
    }

    private static void fill(double[] theta, int from, int to, double bound, RandomGenerator random) {
        for (int i = from; i < to; i++) {
            theta[i] = bound * (2 * random.nextDouble() - 1);
        }
    }

    /** Output for each graph, shape (n). */
    double[] predict(double[] theta, GraphBatch batch, double[] embedding) {
        return new Pass(new Dual(theta, null), batch, embedding).output.value;
    }

    /**
     * Gradient of the mean square error, added to {@code gradient}.
     *
     * @return the error
     */
    double gradient(double[] theta, GraphBatch batch, double[] embedding, double[] targets, double[] gradient) {
        Pass p = new Pass(new Dual(theta, null), batch, embedding);
        p.backward(targets, new Dual(gradient, null));
        return p.loss(targets);
    }

    /** Hessian of the mean square error times {@code direction}, added to {@code product}. */
    void hessianTimes(
            double[] theta,
            double[] direction,
            GraphBatch batch,
            double[] embedding,
            double[] targets,
            double[] product) {
        Pass p = new Pass(new Dual(theta, direction), batch, embedding);
        p.backward(targets, new Dual(new double[size], product));
    }

    /** One evaluation, kept for the way back. */
    private final class Pass {
        private final Dual theta;
        private final GraphBatch batch;
        private final boolean tangent;
        private final List<Dual> sums = new ArrayList<>();
        private final List<Dual> states = new ArrayList<>();
        private final Dual embedding;
        private final Dual hardware1;
        private final Dual hardware2;
        private final Dual joined;
        private final Dual head1;
        private final Dual head2;
        private final Dual output;

        Pass(Dual theta, GraphBatch batch, double[] embedding) {
            this.theta = theta;
            this.batch = batch;
            this.tangent = theta.hasTangent();
            this.embedding = new Dual(embedding, tangent ? new double[embedding.length] : null);
            states.add(convolveTypes());
            sums.add(Dual.zeros(0, tangent));
            for (int l = 1; l < CONVOLUTIONS; l++) {
                Dual s = gather(states.get(l - 1), batch.inputs()[l]);
                sums.add(s);
                states.add(relu(dense(s, batch.inputs()[l].length, cell.get(l))));
            }
            hardware1 = relu(dense(this.embedding, 1, hardware.get(0)));
            hardware2 = relu(dense(hardware1, 1, hardware.get(1)));
            joined = join();
            head1 = relu(dense(joined, batch.size(), head.get(0)));
            head2 = relu(dense(head1, batch.size(), head.get(1)));
            output = dense(head2, batch.size(), head.get(2));
        }

        double loss(double[] targets) {
            double sum = 0;
            for (int i = 0; i < targets.length; i++) {
                sum += (output.value[i] - targets[i]) * (output.value[i] - targets[i]);
            }
            return sum / targets.length;
        }

        void backward(double[] targets, Dual gradient) {
            int n = batch.size();
            Dual g = Dual.zeros(n, tangent);
            for (int i = 0; i < n; i++) {
                g.value[i] = 2 * (output.value[i] - targets[i]) / n;
                if (tangent) {
                    g.along()[i] = 2 * output.along()[i] / n;
                }
            }
            g = back(head2, g, n, head.get(2), gradient);
            g = back(head1, mask(g, head2), n, head.get(1), gradient);
            g = back(joined, mask(g, head1), n, head.get(0), gradient);
            int last = batch.inputs()[CONVOLUTIONS - 1].length;
            Dual ofCell = Dual.zeros(last * width, tangent);
            Dual ofHardware = Dual.zeros(width, tangent);
            split(g.value, ofCell.value, ofHardware.value);
            if (tangent) {
                split(g.along(), ofCell.along(), ofHardware.along());
            }
            Dual h = back(hardware1, mask(ofHardware, hardware2), 1, hardware.get(1), gradient);
            back(embedding, mask(h, hardware1), 1, hardware.get(0), gradient);
            g = ofCell;
            for (int l = CONVOLUTIONS - 1; l > 0; l--) {
                Dual s = back(sums.get(l), mask(g, states.get(l)), batch.inputs()[l].length, cell.get(l), gradient);
                g = scatter(s, batch.inputs()[l], batch.inputs()[l - 1].length);
            }
            backTypes(mask(g, states.get(0)), gradient);
        }

        /** The first convolution: a type is one-hot, so its product with the weights is a row of them. */
        private Dual convolveTypes() {
            int[][] inputs = batch.inputs()[0];
            Dual z = Dual.zeros(inputs.length * width, tangent);
            convolveTypes(theta.value, z.value, inputs);
            if (tangent) {
                convolveTypes(theta.along(), z.along(), inputs);
            }
            return relu(z);
        }

        private void convolveTypes(double[] weights, double[] z, int[][] inputs) {
            Layer l = cell.get(0);
            for (int r = 0; r < inputs.length; r++) {
                Rows.addOne(z, r * width, width, weights, 1, l.bias);
                for (int type : inputs[r]) {
                    Rows.addOne(z, r * width, width, weights, 1, l.weights + type * width);
                }
            }
        }

        private void backTypes(Dual g, Dual gradient) {
            backTypes(g.value, gradient.value);
            if (tangent) {
                backTypes(g.along(), gradient.along());
            }
        }

        private void backTypes(double[] g, double[] gradient) {
            Layer l = cell.get(0);
            int[][] inputs = batch.inputs()[0];
            for (int r = 0; r < inputs.length; r++) {
                Rows.addOne(gradient, l.bias, width, g, 1, r * width);
                for (int type : inputs[r]) {
                    Rows.addOne(gradient, l.weights + type * width, width, g, 1, r * width);
                }
            }
        }

        private Dual gather(Dual below, int[][] inputs) {
            Dual s = Dual.zeros(inputs.length * width, tangent);
            for (int r = 0; r < inputs.length; r++) {
                for (int i : inputs[r]) {
                    Rows.addOne(s.value, r * width, width, below.value, 1, i * width);
                    if (tangent) {
                        Rows.addOne(s.along(), r * width, width, below.along(), 1, i * width);
                    }
                }
            }
            return s;
        }

        private Dual scatter(Dual g, int[][] inputs, int rows) {
            Dual below = Dual.zeros(rows * width, tangent);
            for (int r = 0; r < inputs.length; r++) {
                for (int i : inputs[r]) {
                    Rows.addOne(below.value, i * width, width, g.value, 1, r * width);
                    if (tangent) {
                        Rows.addOne(below.along(), i * width, width, g.along(), 1, r * width);
                    }
                }
            }
            return below;
        }

        private Dual join() {
            Dual j = Dual.zeros(batch.size() * 2 * width, tangent);
            Dual cells = states.get(CONVOLUTIONS - 1);
            for (int i = 0; i < batch.size(); i++) {
                System.arraycopy(cells.value, batch.last()[i] * width, j.value, 2 * i * width, width);
                System.arraycopy(hardware2.value, 0, j.value, (2 * i + 1) * width, width);
                if (tangent) {
                    System.arraycopy(cells.along(), batch.last()[i] * width, j.along(), 2 * i * width, width);
                    System.arraycopy(hardware2.along(), 0, j.along(), (2 * i + 1) * width, width);
                }
            }
            return j;
        }

        private void split(double[] g, double[] ofCell, double[] ofHardware) {
            for (int i = 0; i < batch.size(); i++) {
                Rows.addOne(ofCell, batch.last()[i] * width, width, g, 1, 2 * i * width);
                Rows.addOne(ofHardware, 0, width, g, 1, (2 * i + 1) * width);
            }
        }

        private Dual dense(Dual x, int n, Layer l) {
            Dual z = Dual.zeros(n * l.out, tangent);
            for (int i = 0; i < n; i++) {
                Rows.addOne(z.value, i * l.out, l.out, theta.value, 1, l.bias);
            }
            Rows.multiply(x.value, n, l.in, theta.value, l.weights, l.out, z.value);
            if (tangent) {
                for (int i = 0; i < n; i++) {
                    Rows.addOne(z.along(), i * l.out, l.out, theta.along(), 1, l.bias);
                }
                Rows.multiply(x.along(), n, l.in, theta.value, l.weights, l.out, z.along());
                Rows.multiply(x.value, n, l.in, theta.along(), l.weights, l.out, z.along());
            }
            return z;
        }

        /** Gradient with respect to the layer's input; that of its parameters is added to {@code gradient}. */
        private Dual back(Dual x, Dual g, int n, Layer l, Dual gradient) {
            Dual gx = Dual.zeros(n * l.in, tangent);
            double[] transposed = Rows.transposed(theta.value, l.weights, l.in, l.out);
            Rows.multiply(g.value, n, l.out, transposed, 0, l.in, gx.value);
            if (tangent) {
                double[] along = Rows.transposed(theta.along(), l.weights, l.in, l.out);
                Rows.multiply(g.along(), n, l.out, transposed, 0, l.in, gx.along());
                Rows.multiply(g.value, n, l.out, along, 0, l.in, gx.along());
                Rows.outer(x.along(), g.value, n, l.in, l.out, gradient.along(), l.weights);
                Rows.outer(x.value, g.along(), n, l.in, l.out, gradient.along(), l.weights);
                bias(g.along(), n, l, gradient.along());
            } else {
                Rows.outer(x.value, g.value, n, l.in, l.out, gradient.value, l.weights);
                bias(g.value, n, l, gradient.value);
            }
            return gx;
        }

        private void bias(double[] g, int n, Layer l, double[] gradient) {
            for (int i = 0; i < n; i++) {
                Rows.addOne(gradient, l.bias, l.out, g, 1, i * l.out);
            }
        }
    }

    /** In place. */
    private static Dual relu(Dual z) {
        for (int i = 0; i < z.value.length; i++) {
            if (!(z.value[i] > 0)) {
                z.value[i] = 0;
                clear(z.tangent, i);
            }
        }
        return z;
    }

    /** In place: the gradient where the ReLU let through. */
    private static Dual mask(Dual g, Dual state) {
        for (int i = 0; i < g.value.length; i++) {
            if (state.value[i] == 0) {
                g.value[i] = 0;
                clear(g.tangent, i);
            }
        }
        return g;
    }

    private static void clear(double @Nullable [] tangent, int i) {
        if (tangent != null) {
            tangent[i] = 0;
        }
    }
}
