package dev.lathe.results;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.evolve.Evaluation;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The Pareto front as a table: {@code front.csv} with the architecture and a column a metric, values written so that they are
 * read back bit for bit. One set of evaluations gives one sequence of bytes, in whatever order it comes.
 */
public final class FrontFile {
    private static final String ARCHITECTURE = "architecture";
    private static final Comparator<Evaluation> ORDER =
            Comparator.comparing(Evaluation::values, Arrays::compare).thenComparing(Evaluation::architecture);

    private FrontFile() {}

    /**
     * A front that was read.
     *
     * @param metrics names of the values, in order
     * @param members in the order of the file
     */
    public record Front(List<String> metrics, List<Evaluation> members) {
        public Front {
            metrics = List.copyOf(metrics);
            members = List.copyOf(members);
        }
    }

    /** The file's content: rows ordered by the values, the first metric first. */
    static String format(List<String> metrics, List<Evaluation> members) {
        StringBuilder b = new StringBuilder(ARCHITECTURE);
        for (String m : metrics) {
            b.append(',').append(m);
        }
        b.append('\n');
        for (Evaluation e : members.stream().sorted(ORDER).toList()) {
            double[] values = e.values();
            if (values.length != metrics.size()) {
                throw new IllegalArgumentException("Evaluation %s has not the metrics %s".formatted(e, metrics));
            }
            b.append(e.architecture());
            for (double v : values) {
                b.append(',').append(v);
            }
            b.append('\n');
        }
        return b.toString();
    }

    /**
     * Writes the table whole or not at all.
     *
     * @param metrics names of the evaluations' values, in order
     */
    public static void write(Path file, List<String> metrics, List<Evaluation> members) throws IOException {
        AtomicFiles.writeString(file, format(metrics, members));
    }

    /**
     * Reads a table.
     *
     * @throws InvalidInputException naming the line, if it is no front or a row is damaged or repeated
     */
    public static Front read(Path file) throws IOException {
        List<String> lines =
                Files.readString(file, StandardCharsets.UTF_8).lines().toList();
        String[] header = lines.isEmpty() ? new String[0] : lines.get(0).split(",", -1);
        if (header.length < 2 || !header[0].equals(ARCHITECTURE)) {
            throw new InvalidInputException(
                    "%s is no front: its first line is '%s', expected 'architecture,' and metrics; search again"
                            .formatted(file, lines.isEmpty() ? "" : Names.shown(lines.get(0))));
        }
        List<Evaluation> members = new ArrayList<>();
        Set<Architecture> seen = new HashSet<>();
        for (int i = 1; i < lines.size(); i++) {
            String[] f = lines.get(i).split(",", -1);
            if (f.length != header.length) {
                throw damaged(file, i + 1, "%d fields, not the %d of its header".formatted(f.length, header.length));
            }
            try {
                double[] values = new double[f.length - 1];
                for (int v = 0; v < values.length; v++) {
                    values[v] = Double.parseDouble(f[v + 1]);
                }
                Evaluation e = Evaluation.of(architecture(file, i + 1, f[0]), values);
                if (!seen.add(e.architecture())) {
                    throw damaged(file, i + 1, "an architecture of an earlier line");
                }
                members.add(e);
            } catch (NumberFormatException e) {
                throw damaged(file, i + 1, "a value that is no number");
            } catch (IllegalArgumentException e) {
                throw damaged(file, i + 1, "a value that is not finite");
            }
        }
        return new Front(List.of(header).subList(1, header.length), members);
    }

    private static Architecture architecture(Path file, int line, String text) {
        try {
            return Architecture.parse(text);
        } catch (InvalidInputException e) {
            throw damaged(file, line, "no architecture: " + e.getMessage());
        }
    }

    private static InvalidInputException damaged(Path file, int line, String has) {
        return new InvalidInputException(
                "%s line %d has %s; mend the line, or search again".formatted(file, line, has));
    }
}
