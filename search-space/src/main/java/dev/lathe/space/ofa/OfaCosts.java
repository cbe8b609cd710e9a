package dev.lathe.space.ofa;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.CostModel;
import dev.lathe.space.Comparison;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * Sizes of the spaces and costs of measured subnets, beside what is published. MACs and parameters count as the cost model
 * counts them: squeeze-and-excitation and the classifier are in both, gains and shifts of batch normalization are parameters,
 * kernel transforms are not.
 *
 * @see <a href="https://github.com/IntelLabs/DyNAS-T">DyNAS-T, whose searches measured the subnets</a>
 */
public final class OfaCosts {
    private static final TaskShape IMAGENET = new TaskShape(3, 224, 224, 1000);

    private OfaCosts() {}

    /**
     * @param data the folder that has {@code ofa-replay}
     * @throws InvalidInputException if the file is not there or malformed
     */
    public static List<Comparison> compare(Path data) {
        OfaMobileSpace space = OfaMobileSpace.mobileNetV3(IMAGENET);
        List<OfaReplay.Row> rows =
                OfaReplay.read(data.resolve("ofa-replay").resolve("ofa_mbv3_w10_imagenet.csv.gz"), space);
        List<CostModel.Cost> costs = rows.stream()
                .map(row -> CostModel.of(space.lower(row.architecture())))
                .toList();
        BigInteger units = BigInteger.valueOf(9 * 9 + 9 * 9 * 9 + 9 * 9 * 9 * 9).pow(5);
        return List.of(
                columns("MACs", rows, OfaReplay.Row::macs, costs, CostModel.Cost::macs),
                columns("parameters", rows, OfaReplay.Row::parameters, costs, CostModel.Cost::parameters),
                size("ofa-mobilenetv3, networks at one resolution: 7371^5", units, space.sizePerResolution()),
                size(
                        "ofa-mobilenetv3-w12, networks at one resolution: 7371^5",
                        units,
                        OfaMobileSpace.mobileNetV3W12(IMAGENET).sizePerResolution()),
                size(
                        "proxylessnas, networks: 6^6 * 7^15",
                        BigInteger.valueOf(6)
                                .pow(6)
                                .multiply(BigInteger.valueOf(7).pow(15)),
                        new ProxylessNasSpace(IMAGENET).size()));
    }

    private static Comparison columns(
            String what,
            List<OfaReplay.Row> rows,
            ToLongFunction<OfaReplay.Row> theirs,
            List<CostModel.Cost> costs,
            ToLongFunction<CostModel.Cost> ours) {
        int equal = 0;
        String different = "";
        for (int i = 0; i < rows.size(); i++) {
            long published = theirs.applyAsLong(rows.get(i));
            long counted = ours.applyAsLong(costs.get(i));
            if (published == counted) {
                equal++;
            } else if (different.isEmpty()) {
                different = String.format(
                        Locale.ROOT,
                        ", first different: id %d has %,d, not %,d",
                        rows.get(i).id(),
                        counted,
                        published);
            }
        }
        return new Comparison(
                "ofa-mobilenetv3, %s of the measured subnets".formatted(what),
                String.format(Locale.ROOT, "%,d rows", rows.size()),
                String.format(Locale.ROOT, "%,d of %,d rows equal%s", equal, rows.size(), different),
                "equal",
                equal == rows.size() && !rows.isEmpty());
    }

    private static Comparison size(String what, BigInteger theirs, BigInteger ours) {
        return new Comparison(what, grouped(theirs), grouped(ours), "equal", theirs.equals(ours));
    }

    private static String grouped(BigInteger n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}
