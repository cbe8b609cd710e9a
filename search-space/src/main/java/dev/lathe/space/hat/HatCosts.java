package dev.lathe.space.hat;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.Comparison;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Costs as HAT counts them, and beside the published ones.
 *
 * @see <a href="https://github.com/mit-han-lab/hardware-aware-transformers">The repository, whose tables are compared</a>
 */
public final class HatCosts {
    /**
     * Costs without embeddings and output layer.
     *
     * @param parameters weights and biases
     * @param flops 2 for each multiply-accumulate of a matrix product, teacher-forced
     * @param profiledFlops as the authors' profiler counts: also 2 for each element that layer normalization writes, and for
     *     each that is scaled, of queries and of token vectors
     */
    public record Cost(long parameters, long flops, long profiledFlops) {}

    /** A published size of a space's extreme networks and number of networks. */
    private record Extremes(HatSettings settings, String largestM, String smallestM, String networks) {}

    private static final List<Extremes> EXTREMES = List.of(
            new Extremes(HatSettings.WMT_EN_DE, "70.90", "15.77", "4.18E+14"),
            new Extremes(HatSettings.IWSLT_DE_EN, "55.16", "12.10", "4.18E+14"));

    private static final int MILLION = 6;
    private static final int BILLION = 9;

    private HatCosts() {}

    /** The costs of a network, read off its graph. */
    public static Cost of(HatSpace space, Architecture a) {
        Graph graph = space.lower(a);
        CostModel.Cost all = CostModel.of(graph);
        Map<String, Long> tables = new HashMap<>();
        long scores = 0;
        long scaledOrNormalized = 0;
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Operator.Embedding e) {
                table(tables, e.table());
                scaledOrNormalized += node.output().shape().elements();
            } else if (node.op() instanceof Operator.LayerNorm) {
                scaledOrNormalized += node.output().shape().elements();
            } else if (node.op() instanceof Operator.MatMul m && m.scale() != 1f) {
                // The authors scale the queries before the product.
                scaledOrNormalized += node.inputs().get(0).shape().elements();
            } else if (node.op() instanceof Operator.Linear l
                    && node.output().id() == graph.output().id()) {
                table(tables, l.weight());
                scores = node.macs();
            }
        }
        long inTables = tables.values().stream().mapToLong(Long::longValue).sum();
        long macs = all.macs() - scores;
        return new Cost(all.parameters() - inTables, 2 * macs, 2 * (macs + scaledOrNormalized));
    }

    /** Slices of a table are leading columns of it, so the widest holds the others. */
    private static void table(Map<String, Long> tables, WeightSlice slice) {
        tables.merge(slice.parameter(), slice.elements(), Math::max);
    }

    /**
     * Parameters and FLOPs of the published networks, the extremes of the spaces and their sizes.
     *
     * @param data folder that holds {@code hat-latency}
     * <p>The published FLOPs are those of the authors' profiler, which see {@link Cost#profiledFlops}.
     *
     * @throws InvalidInputException if the data is missing or malformed
     */
    public static List<Comparison> compare(Path data) {
        Map<String, HatSpace> spaces = new HashMap<>();
        // WMT'19 has the choices of WMT'14 En-De; the vocabulary, which differs, does not enter.
        spaces.put("WMT'19 En-De", usual(HatSettings.WMT_EN_DE));
        spaces.put("WMT'14 En-De", usual(HatSettings.WMT_EN_DE));
        spaces.put("WMT'14 En-Fr", usual(HatSettings.WMT_EN_FR));
        spaces.put("IWSLT'14 De-En", usual(HatSettings.IWSLT_DE_EN));
        List<Comparison> all = new ArrayList<>();
        int byFormula = 0;
        Path file = data.resolve("hat-latency/searched_subnets.csv");
        List<SearchedSubnets.Row> rows = SearchedSubnets.read(file);
        for (SearchedSubnets.Row row : rows) {
            Cost c = of(row, spaces, file);
            boolean agrees = rounds(c.parameters(), MILLION, row.parametersM())
                    && rounds(c.profiledFlops(), BILLION, row.flopsG());
            all.add(new Comparison(
                    row.name(),
                    "%s M parameters, %s GFLOPs"
                            .formatted(
                                    row.parametersM().toPlainString(),
                                    row.flopsG().toPlainString()),
                    "%s M parameters, %s GFLOPs"
                            .formatted(show(c.parameters(), MILLION, 3), show(c.profiledFlops(), BILLION, 4)),
                    "to 2 decimals",
                    agrees));
            byFormula += c.parameters() == row.parametersByFormula() && c.flops() == row.flopsByFormula() ? 1 : 0;
        }
        all.add(new Comparison(
                "parameters and FLOPs of matrix products by closed formulae",
                rows.size() + " rows",
                byFormula + " equal",
                "equal",
                byFormula == rows.size()));
        for (Extremes e : EXTREMES) {
            HatSpace space = usual(e.settings());
            all.add(extreme(space, "largest", space.largest(), e.largestM()));
            all.add(extreme(space, "smallest", space.smallest(), e.smallestM()));
            BigDecimal size = new BigDecimal(space.size());
            all.add(new Comparison(
                    space.name() + ", networks",
                    e.networks(),
                    String.format(Locale.ROOT, "%,d", space.size()),
                    "to 3 digits",
                    size.round(new MathContext(3)).compareTo(new BigDecimal(e.networks())) == 0));
        }
        return all;
    }

    private static Cost of(SearchedSubnets.Row row, Map<String, HatSpace> spaces, Path file) {
        try {
            HatSpace space = spaces.get(row.task());
            if (space == null) {
                throw InvalidInputException.unknown("task", row.task(), spaces.keySet());
            }
            return of(space, space.architecture(row.configuration()));
        } catch (InvalidInputException e) {
            throw new InvalidInputException(
                    "%s, network %s: %s".formatted(file, Names.shown(row.name()), e.getMessage()), e);
        }
    }

    private static HatSpace usual(HatSettings settings) {
        return new HatSpace(settings, settings.usualTask());
    }

    private static Comparison extreme(HatSpace space, String which, Architecture a, String publishedM) {
        long parameters = of(space, a).parameters();
        return new Comparison(
                "%s, parameters of the %s network".formatted(space.name(), which),
                publishedM + " M",
                show(parameters, MILLION, 3) + " M",
                "to 2 decimals",
                rounds(parameters, MILLION, new BigDecimal(publishedM)));
    }

    /** Whether a count, in units of 10^{@code power}, rounds to a published figure of two decimals. */
    private static boolean rounds(long count, int power, BigDecimal published) {
        return BigDecimal.valueOf(count, power)
                        .setScale(2, RoundingMode.HALF_UP)
                        .compareTo(published)
                == 0;
    }

    private static String show(long count, int power, int decimals) {
        return BigDecimal.valueOf(count, power)
                .setScale(decimals, RoundingMode.HALF_UP)
                .toPlainString();
    }
}
