package dev.lathe.space.spaceevo;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/** Reads a gzip-compressed table row by row, strictly: a wrong header or row is refused with file and line. */
final class CsvRows {
    private CsvRows() {}

    /** One row: its fields, and where it stands. */
    record Row(Path file, int line, String[] fields) {
        String text(int i) {
            return fields[i];
        }

        int whole(int i) {
            return whole(fields[i]);
        }

        int whole(String text) {
            try {
                return Integer.parseInt(text);
            } catch (NumberFormatException e) {
                throw wrong("'" + Names.shown(text) + "' is no whole number");
            }
        }

        double decimal(int i) {
            return decimal(fields[i]);
        }

        double decimal(String text) {
            try {
                double v = Double.parseDouble(text);
                if (Double.isFinite(v)) {
                    return v;
                }
            } catch (NumberFormatException e) {
                // The message below covers it.
            }
            throw wrong("'" + Names.shown(text) + "' is no number");
        }

        /** A number printed with four decimals, in units of the last one. */
        long fourDecimals(int i) {
            return Math.round(decimal(i) * 10_000);
        }

        InvalidInputException wrong(String what) {
            return new InvalidInputException(
                    "%s, line %d: %s; fetch the published file again".formatted(file, line, what));
        }
    }

    /** @throws InvalidInputException naming file and line if the file cannot be read, or a row lacks fields */
    static void read(Path file, String header, Consumer<Row> reader) {
        int columns = header.split(",").length;
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file), 1 << 16), StandardCharsets.UTF_8))) {
            String first = in.readLine();
            if (!header.equals(first)) {
                throw new InvalidInputException(
                        "%s, line 1: the header is '%s', not '%s'; fetch the published file again"
                                .formatted(file, Names.shown(String.valueOf(first)), header));
            }
            int number = 1;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                Row row = new Row(file, number, line.split(",", -1));
                if (row.fields().length != columns) {
                    throw row.wrong("%d fields instead of %d".formatted(row.fields().length, columns));
                }
                reader.accept(row);
            }
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }
}
