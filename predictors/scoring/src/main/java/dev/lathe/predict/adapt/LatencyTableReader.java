package dev.lathe.predict.adapt;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads latency tables: comma-separated text, one header line, no quotes, gzip where the name ends in {@code .gz}. The
 * first column is {@code index}, an integer that names the architecture; then integer choices and milliseconds a device.
 */
public final class LatencyTableReader {
    /** More characters in one file than any table of measurements has: an archive that unpacks to more is refused. */
    private static final long MOST_CHARACTERS = 1L << 28;

    private LatencyTableReader() {}

    /**
     * One file with choices and devices.
     *
     * @param choices names of the columns that are choices; all others but {@code index} are devices
     * @throws InvalidInputException in one line, with file, line and column
     */
    public static LatencyTable read(Path file, List<String> choices) throws IOException {
        Cells cells = Cells.read(file);
        List<Integer> choiceColumns = new ArrayList<>();
        for (String name : choices) {
            int c = cells.header.indexOf(name);
            if (c < 1) {
                throw new InvalidInputException("%s: %s"
                        .formatted(
                                file,
                                InvalidInputException.unknown(
                                                "column", name, cells.header.subList(1, cells.header.size()))
                                        .getMessage()));
            }
            choiceColumns.add(c);
        }
        List<Integer> devices = new ArrayList<>();
        for (int c = 1; c < cells.header.size(); c++) {
            if (!choiceColumns.contains(c)) {
                devices.add(c);
            }
        }
        return table(cells, choiceColumns, cells, devices);
    }

    /**
     * Two files with the same {@code index} column: the architectures' choices, and the devices' latencies. Columns of the
     * first whose first value is no number, such as the architecture as text, are left out.
     *
     * @throws InvalidInputException in one line, with file, line and column
     */
    public static LatencyTable read(Path architectures, Path latencies) throws IOException {
        Cells a = Cells.read(architectures);
        Cells l = Cells.read(latencies);
        if (a.rows.size() != l.rows.size()) {
            throw new InvalidInputException("%s has %d architectures and %s has %d; give the same ones in both"
                    .formatted(architectures, a.rows.size(), latencies, l.rows.size()));
        }
        for (int i = 0; i < a.rows.size(); i++) {
            if (a.integer(i, 0) != l.integer(i, 0)) {
                throw new InvalidInputException("%s line %d has index %s, %s has %s there; give both in one order"
                        .formatted(architectures, i + 2, a.shown(i, 0), latencies, l.shown(i, 0)));
            }
        }
        List<Integer> choices = new ArrayList<>();
        for (int c = 1; c < a.header.size(); c++) {
            if (isInteger(a.rows.get(0)[c])) {
                choices.add(c);
            }
        }
        List<Integer> devices = new ArrayList<>();
        for (int c = 1; c < l.header.size(); c++) {
            devices.add(c);
        }
        return table(a, choices, l, devices);
    }

    private static LatencyTable table(Cells a, List<Integer> choices, Cells l, List<Integer> devices) {
        int n = a.rows.size();
        Set<Integer> indices = new HashSet<>();
        int[][] c = new int[n][choices.size()];
        double[][] latency = new double[devices.size()][n];
        for (int i = 0; i < n; i++) {
            if (!indices.add(a.integer(i, 0))) {
                throw new InvalidInputException("%s line %d repeats index %s; give each architecture once"
                        .formatted(a.file, i + 2, a.shown(i, 0)));
            }
            for (int k = 0; k < choices.size(); k++) {
                c[i][k] = a.integer(i, choices.get(k));
            }
            for (int d = 0; d < devices.size(); d++) {
                latency[d][i] = l.milliseconds(i, devices.get(d));
            }
        }
        try {
            return new LatencyTable(
                    choices.stream().map(a.header::get).toList(),
                    c,
                    devices.stream().map(l.header::get).toList(),
                    latency);
        } catch (InvalidInputException e) {
            throw new InvalidInputException("%s: %s".formatted(l.file, e.getMessage()), e);
        }
    }

    private static boolean isInteger(String s) {
        return s.matches("-?\\d{1,9}");
    }

    /** A file as text cells; every row as long as the header. */
    private record Cells(Path file, List<String> header, List<String[]> rows) {
        static Cells read(Path file) throws IOException {
            if (!Files.isRegularFile(file)) {
                throw new InvalidInputException("no file %s; give a latency table".formatted(file));
            }
            List<String[]> rows = new ArrayList<>();
            List<String> header = List.of();
            try (InputStream raw = Files.newInputStream(file);
                    InputStream plain =
                            String.valueOf(file.getFileName()).endsWith(".gz") ? new GZIPInputStream(raw) : raw;
                    BufferedReader in =
                            new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8.newDecoder()))) {
                long characters = 0;
                String line;
                while ((line = in.readLine()) != null) {
                    characters += line.length();
                    if (characters > MOST_CHARACTERS) {
                        throw new InvalidInputException("%s has more than %d characters; give a smaller table"
                                .formatted(file, MOST_CHARACTERS));
                    }
                    String[] cells = line.split(",", -1);
                    if (header.isEmpty()) {
                        header = List.copyOf(Arrays.asList(cells));
                    } else if (cells.length != header.size()) {
                        throw new InvalidInputException(
                                "%s line %d has %d cells, the header %d; mend or remove the line"
                                        .formatted(file, rows.size() + 2, cells.length, header.size()));
                    } else {
                        rows.add(cells);
                    }
                }
            } catch (EOFException | ZipException | CharacterCodingException e) {
                throw new InvalidInputException(
                        "%s is damaged (%s); fetch it again"
                                .formatted(file, Names.shown(String.valueOf(e.getMessage()))),
                        e);
            }
            if (rows.isEmpty()) {
                throw new InvalidInputException(
                        "%s has no architectures; give a header and at least one line".formatted(file));
            }
            if (!header.get(0).equals("index")) {
                throw new InvalidInputException("%s begins with column '%s', not 'index'; name the first column index"
                        .formatted(file, Names.shown(header.get(0))));
            }
            return new Cells(file, header, rows);
        }

        String shown(int row, int column) {
            return Names.shown(rows.get(row)[column]);
        }

        int integer(int row, int column) {
            String s = rows.get(row)[column];
            if (!isInteger(s)) {
                throw wrong(row, column, "is no integer");
            }
            return Integer.parseInt(s);
        }

        double milliseconds(int row, int column) {
            double v;
            try {
                v = Double.parseDouble(rows.get(row)[column]);
            } catch (NumberFormatException e) {
                throw wrong(row, column, "is no number of milliseconds");
            }
            if (!(v >= 0 && Double.isFinite(v))) {
                throw wrong(row, column, "is no latency");
            }
            return v;
        }

        private InvalidInputException wrong(int row, int column, String what) {
            return new InvalidInputException("%s line %d: '%s' in column '%s' %s; mend or remove the line"
                    .formatted(file, row + 2, shown(row, column), Names.shown(header.get(column)), what));
        }
    }
}
