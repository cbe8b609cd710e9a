package dev.lathe.predict;

import dev.lathe.base.InvalidInputException;
import dev.lathe.predict.DecisionKinds.Kind;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.stat.regression.OLSMultipleLinearRegression;

/**
 * What each option does to a quantity of a network, such as its latency: an additive model over random networks, by least squares on
 * the numbers of decisions that chose each option. Additive is a simplification, and {@link #rSquared} says how good a one. It
 * asks what Profiling Neural Blocks asks by forcing blocks and sampling anew, of a sample that is there already. Immutable.
 *
 * @see <a href="https://arxiv.org/abs/2109.12426">Mills et al., Profiling Neural Blocks and Design Spaces for Mobile Neural
 *     Architecture Search, CIKM 2021</a>
 */
public final class OptionEffects {
    private final int networks;
    private final double rSquared;
    private final Map<String, Fitted> fitted;

    /**
     * @param perDecision what an option of one decision adds to the quantity, over the first option; 0 for the first
     * @param covariance of these
     * @param copies decisions of the kind that are there in a network, on average
     * @param share of the quantity's variance that the kind's part of the model has
     */
    private record Fitted(double[] perDecision, double[][] covariance, double copies, double share) {}

    /**
     * A difference.
     *
     * @param value in the quantity's unit
     * @param standardError of {@code value}
     */
    public record Effect(double value, double standardError) {
        /** The lower end of the 95 % interval. */
        public double low() {
            return value - 1.96 * standardError;
        }

        /** The upper end of the 95 % interval. */
        public double high() {
            return value + 1.96 * standardError;
        }
    }

    private OptionEffects(int networks, double rSquared, Map<String, Fitted> fitted) {
        this.networks = networks;
        this.rSquared = rSquared;
        this.fitted = fitted;
    }

    /**
     * Fits the model.
     *
     * @param values of canonical architectures that were drawn at random
     * @throws InvalidInputException if there are too few networks to tell the options apart
     */
    public static OptionEffects fit(DecisionKinds kinds, Map<Architecture, Double> values) {
        List<Column> columns = new ArrayList<>();
        List<Architecture> networks = List.copyOf(values.keySet());
        Map<String, Double> copies = new LinkedHashMap<>();
        for (Kind k : kinds.kinds()) {
            int[][] counts = networks.stream().map(a -> kinds.counts(a, k)).toArray(int[][]::new);
            copies.put(
                    k.name(),
                    Arrays.stream(counts)
                            .mapToInt(c -> Arrays.stream(c).sum())
                            .average()
                            .orElse(0));
            for (int option = 1; option < k.choices().size(); option++) {
                int o = option;
                columns.add(new Column(
                        k, o, Arrays.stream(counts).mapToDouble(c -> c[o]).toArray()));
            }
        }
        double[] y = networks.stream().mapToDouble(values::get).toArray();
        if (y.length < columns.size() + 10) {
            throw tooFew(y.length, columns.size());
        }
        double[][] x = new double[y.length][columns.size()];
        for (int c = 0; c < columns.size(); c++) {
            for (int r = 0; r < y.length; r++) {
                x[r][c] = columns.get(c).values()[r];
            }
        }
        OLSMultipleLinearRegression model = new OLSMultipleLinearRegression(1e-9);
        try {
            model.newSampleData(y, x);
            double[] beta = model.estimateRegressionParameters();
            double[][] covariance = model.estimateRegressionParametersVariance();
            double noise = model.estimateErrorVariance();
            Map<String, Fitted> fitted = new LinkedHashMap<>();
            for (Kind k : kinds.kinds()) {
                fitted.put(
                        k.name(), fitted(k, columns, beta, covariance, noise, y, copies.getOrDefault(k.name(), 0.0)));
            }
            return new OptionEffects(y.length, variance(y) == 0 ? 1 : model.calculateRSquared(), fitted);
        } catch (MathRuntimeException e) {
            throw tooFew(y.length, columns.size());
        }
    }

    /** How many copies of the kind chose the option, by network. */
    private record Column(Kind kind, int option, double[] values) {}

    private static Fitted fitted(
            Kind k,
            List<Column> columns,
            double[] beta,
            double[][] covariance,
            double noise,
            double[] y,
            double copies) {
        int n = k.choices().size();
        double[] effects = new double[n];
        double[][] own = new double[n][n];
        double[] part = new double[y.length];
        for (int c = 0; c < columns.size(); c++) {
            Column column = columns.get(c);
            if (!column.kind().equals(k)) {
                continue;
            }
            // Parameter 0 is the intercept.
            effects[column.option()] = beta[c + 1];
            for (int r = 0; r < y.length; r++) {
                part[r] += beta[c + 1] * column.values()[r];
            }
            for (int d = 0; d < columns.size(); d++) {
                if (columns.get(d).kind().equals(k)) {
                    own[column.option()][columns.get(d).option()] = noise * covariance[c + 1][d + 1];
                }
            }
        }
        double all = variance(y);
        return new Fitted(effects, own, copies, all == 0 ? 0 : variance(part) / all);
    }

    private static double variance(double[] v) {
        double mean = Arrays.stream(v).average().orElse(0);
        return Arrays.stream(v).map(a -> (a - mean) * (a - mean)).average().orElse(0);
    }

    private static InvalidInputException tooFew(int networks, int options) {
        return new InvalidInputException(
                "%d networks are too few to tell %d options apart; measure more, for example --set profile.networks=%d"
                        .formatted(networks, options, Math.max(200, 4 * options)));
    }

    /** Networks that the model was fitted to. */
    public int networks() {
        return networks;
    }

    /** Share of the quantity's variance that the model explains. */
    public double rSquared() {
        return rSquared;
    }

    /** Share of the quantity's variance that choices of this kind make. */
    public double share(Kind kind) {
        return of(kind).share();
    }

    /** How much more the quantity is where every decision of the kind takes {@code option} and not {@code other}. */
    public Effect everywhere(Kind kind, int option, int other) {
        Fitted f = of(kind);
        double[][] c = f.covariance();
        double variance = c[option][option] + c[other][other] - 2 * c[option][other];
        return new Effect(
                f.copies() * (f.perDecision()[option] - f.perDecision()[other]),
                f.copies() * Math.sqrt(Math.max(0, variance)));
    }

    private Fitted of(Kind kind) {
        Fitted f = fitted.get(kind.name());
        if (f == null) {
            throw new IllegalArgumentException("There is no kind of decision " + kind.name());
        }
        return f;
    }
}
