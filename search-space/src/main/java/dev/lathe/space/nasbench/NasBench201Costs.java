package dev.lathe.space.nasbench;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.space.Architecture;
import dev.lathe.space.Comparison;
import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The published FLOPs, parameters and counts of the cells of NAS-Bench-201 beside Lathe's, over all 15,625 cells. */
public final class NasBench201Costs {
    /** In the folder of data. */
    static final String FILE = "nasbench201/nasbench201_accuracy.csv";

    private static final String HEADER = "index,arch,c10_val_200,c10_test_200,c100_val_200,c100_test_200,in16_val_200,"
            + "in16_test_200,c10_val_12,c10_test_12,c100_val_12,c100_test_12,in16_val_12,in16_test_12,mflops_c10,params_m_c10,"
            + "mflops_in16,params_m_in16,reachable";
    private static final int ARCHITECTURE = 1;
    private static final int FIRST_COST = 14;
    private static final int REACHABLE = 18;
    private static final Pattern MILLIONS = Pattern.compile("[0-9]{1,9}\\.[0-9]{1,6}");
    private static final int PUBLISHED_UNIQUE = 6466;

    private NasBench201Costs() {}

    /** One row of the published table: FLOPs and parameters of CIFAR-10, then of ImageNet16-120. */
    private record Row(Architecture architecture, long[] costs, boolean isFullyUsed) {}

    /**
     * FLOPs as the benchmark's table counts them, which is more than multiply-accumulates: one for each multiply-accumulate, two
     * for each element of a batch normalization, one for each element of a ReLU, the window's size for each output of a
     * pooling, and (H + 1)(W + 1) for each channel of the global one. Biases and sums of nodes count nothing.
     */
    public static long flops(Graph graph) {
        long n = 0;
        for (Node node : graph.nodes()) {
            Operator op = node.op();
            n += node.macs();
            long outputs = node.output().shape().elements();
            if (op instanceof Operator.BatchNorm) {
                n += 2 * outputs;
            } else if (op instanceof Operator.Activate) {
                n += outputs;
            } else if (op instanceof Operator.Pool2d pool) {
                n += outputs * pool.kernelY() * pool.kernelX();
            } else if (op instanceof Operator.GlobalAveragePool) {
                Shape x = node.inputs().get(0).shape();
                n += outputs * (x.extent(1) + 1) * (x.extent(2) + 1);
            }
        }
        return n;
    }

    /**
     * Compares with every row of the table of measurements.
     *
     * @param data folder of data sets, which holds {@value #FILE}
     * @throws InvalidInputException if a row is malformed, naming file and line
     */
    public static List<Comparison> compare(Path data) {
        List<Row> rows = read(data.resolve(FILE));
        NasBench201Space cifar = new NasBench201Space(NasBench201Space.CIFAR10);
        NasBench201Space imageNet = new NasBench201Space(NasBench201Space.IMAGENET16_120);
        int[] equal = new int[4];
        int used = 0;
        Set<String> unique = new HashSet<>();
        for (Row row : rows) {
            long[] ours = new long[4];
            Graph small = cifar.lowerAsPublished(row.architecture());
            Graph large = imageNet.lowerAsPublished(row.architecture());
            ours[0] = flops(small);
            ours[1] = CostModel.of(small).parameters();
            ours[2] = flops(large);
            ours[3] = CostModel.of(large).parameters();
            for (int i = 0; i < ours.length; i++) {
                equal[i] += ours[i] == row.costs()[i] ? 1 : 0;
            }
            used += Cells.isFullyUsed(row.architecture().choices()) == row.isFullyUsed() ? 1 : 0;
            unique.add(NasBench201Text.uniqueForm(row.architecture()));
        }
        String[] names = {
            "FLOPs, CIFAR-10", "parameters, CIFAR-10", "FLOPs, ImageNet16-120", "parameters, ImageNet16-120"
        };
        List<Comparison> result = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            result.add(rows(names[i], rows.size(), equal[i]));
        }
        result.add(rows("whether every operation is on a path from input to output", rows.size(), used));
        result.add(new Comparison(
                "topologies that are unique by the authors' rule",
                grouped(PUBLISHED_UNIQUE),
                grouped(unique.size()),
                "equal",
                unique.size() == PUBLISHED_UNIQUE));
        return List.copyOf(result);
    }

    private static Comparison rows(String what, int all, int equal) {
        return new Comparison(
                "NAS-Bench-201 " + what,
                grouped(all) + " cells",
                grouped(equal) + " of " + grouped(all) + " equal",
                "equal in every printed digit",
                equal == all);
    }

    private static String grouped(int n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static List<Row> read(Path file) {
        List<Row> rows = new ArrayList<>(Cells.COUNT);
        Set<Architecture> seen = new HashSet<>(2 * Cells.COUNT);
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            if (!HEADER.equals(reader.readLine())) {
                throw malformed(file, 1, "the header differs; it is to start with index,arch,c10_val_200");
            }
            String line;
            for (int number = 2; (line = reader.readLine()) != null; number++) {
                Row row = row(file, number, line.split(",", -1));
                if (!seen.add(row.architecture())) {
                    throw malformed(file, number, "the architecture stands in an earlier row");
                }
                rows.add(row);
            }
        } catch (IOException e) {
            throw new InvalidInputException("cannot read %s (%s); give the folder of data sets".formatted(file, e), e);
        }
        if (rows.size() != Cells.COUNT) {
            throw new InvalidInputException(
                    "%s has %d rows, not %d; fetch the file again".formatted(file, rows.size(), Cells.COUNT));
        }
        return rows;
    }

    private static Row row(Path file, int number, String[] cells) {
        if (cells.length != REACHABLE + 1) {
            throw malformed(file, number, "%d columns instead of %d".formatted(cells.length, REACHABLE + 1));
        }
        Architecture a;
        try {
            a = NasBench201Text.parse(cells[ARCHITECTURE]);
        } catch (InvalidInputException e) {
            throw malformed(file, number, String.valueOf(e.getMessage()));
        }
        long[] costs = new long[4];
        for (int i = 0; i < costs.length; i++) {
            costs[i] = millions(file, number, cells[FIRST_COST + i]);
        }
        String reachable = cells[REACHABLE];
        if (!reachable.equals("0") && !reachable.equals("1")) {
            throw malformed(file, number, "'%s' is neither 0 nor 1".formatted(Names.shown(reachable)));
        }
        return new Row(a, costs, reachable.equals("1"));
    }

    /** A number of at most 6 decimals, in millions. */
    private static long millions(Path file, int line, String text) {
        if (MILLIONS.matcher(text).matches()) {
            return new BigDecimal(text).movePointRight(6).longValueExact();
        }
        throw malformed(file, line, "'%s' is no number of millions with 6 decimals".formatted(Names.shown(text)));
    }

    private static InvalidInputException malformed(Path file, int line, String what) {
        return new InvalidInputException("%s, line %d: %s; fetch the file again".formatted(file, line, what));
    }
}
