package dev.lathe.space.nasbench;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What was measured of all 15,625 cells: validation accuracy after 200 epochs, and the cost on one device by HW-NAS-Bench. Immutable.
 *
 * @see <a href="https://arxiv.org/abs/2103.10584">Li et al., HW-NAS-Bench, ICLR 2021</a>
 */
public final class NasBench201Table {
    /** Data sets, by the names of HW-NAS-Bench. */
    public static final List<String> DATA_SETS = List.of("cifar10", "cifar100", "ImageNet16-120");

    private static final List<String> ACCURACIES = List.of("c10_val_200", "c100_val_200", "in16_val_200");

    private final Map<Architecture, double[]> rows = new HashMap<>(2 * Cells.COUNT);

    private NasBench201Table() {}

    /**
     * @param data folder of data sets, with nasbench201/ in it
     * @param dataSet one of {@link #DATA_SETS}
     * @param cost a column of that data set's table, for example {@code edgegpu_latency}
     * @throws InvalidInputException if the data set or cost is unknown, or a file is not as published; names file and line
     */
    public static NasBench201Table read(Path data, String dataSet, String cost) {
        int index = DATA_SETS.indexOf(dataSet);
        if (index < 0) {
            throw InvalidInputException.unknown("data set", dataSet, DATA_SETS);
        }
        Path folder = data.resolve("nasbench201");
        List<Architecture> cells = new ArrayList<>(Cells.COUNT);
        double[] accuracies = new double[Cells.COUNT];
        read(folder.resolve("nasbench201_accuracy.csv"), List.of("arch", ACCURACIES.get(index)), row -> {
            try {
                cells.add(NasBench201Text.parse(row.cells[0]));
            } catch (InvalidInputException e) {
                throw row.wrong(String.valueOf(e.getMessage()));
            }
            accuracies[row.index] = row.number(1) / 100;
        });
        NasBench201Table table = new NasBench201Table();
        read(
                folder.resolve("hwnasbench_" + dataSet + ".csv"),
                List.of(cost),
                row -> table.rows.put(cells.get(row.index), new double[] {accuracies[row.index], row.number(0)}));
        if (table.rows.size() != Cells.COUNT) {
            throw new InvalidInputException("%s: an architecture stands in several rows; fetch the file again"
                    .formatted(folder.resolve("nasbench201_accuracy.csv")));
        }
        return table;
    }

    /** Top-1 on the validation images, 0 to 1. */
    public double accuracy(Architecture cell) {
        return row(cell)[0];
    }

    /** In the cost's own unit, milliseconds or millijoules. */
    public double cost(Architecture cell) {
        return row(cell)[1];
    }

    /** All cells. */
    public Iterable<Architecture> cells() {
        return rows.keySet().stream().sorted().toList();
    }

    private double[] row(Architecture cell) {
        double[] row = rows.get(cell);
        if (row == null) {
            throw new IllegalArgumentException(cell + " is no cell of NAS-Bench-201");
        }
        return row;
    }

    /** @param cells of the wanted columns */
    // The array is read once, by the reader it is made for.
    @SuppressWarnings("ArrayRecordComponent")
    private record Row(Path file, int index, String[] cells) {
        double number(int column) {
            try {
                double v = Double.parseDouble(cells[column]);
                if (Double.isFinite(v)) {
                    return v;
                }
            } catch (NumberFormatException e) {
                // The message below covers it.
            }
            throw wrong("'%s' is no number".formatted(Names.shown(cells[column])));
        }

        InvalidInputException wrong(String what) {
            return new InvalidInputException("%s, line %d: %s; fetch the file again".formatted(file, index + 2, what));
        }
    }

    private static void read(Path file, List<String> columns, Consumer<Row> reader) {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            String first = in.readLine();
            List<String> header = Arrays.asList((first == null ? "" : first).split(",", -1));
            int[] at = columns.stream().mapToInt(header::indexOf).toArray();
            for (int i = 0; i < at.length; i++) {
                if (at[i] < 0) {
                    throw InvalidInputException.unknown("column of " + file.getFileName(), columns.get(i), header);
                }
            }
            int rows = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] cells = line.split(",", -1);
                Row row = new Row(file, rows, new String[at.length]);
                if (rows == Cells.COUNT || cells.length != header.size() || !cells[0].equals(Integer.toString(rows))) {
                    throw row.wrong("row %d of %d with its index and %d cells is expected"
                            .formatted(rows, Cells.COUNT, header.size()));
                }
                for (int i = 0; i < at.length; i++) {
                    row.cells[i] = cells[at[i]];
                }
                reader.accept(row);
                rows++;
            }
            if (rows != Cells.COUNT) {
                throw new InvalidInputException(
                        "%s has %d rows, not %d; fetch the file again".formatted(file, rows, Cells.COUNT));
            }
        } catch (IOException e) {
            throw new InvalidInputException("cannot read %s (%s); give the folder of data sets".formatted(file, e), e);
        }
    }
}
