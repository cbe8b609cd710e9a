package dev.lathe.evolve;

import dev.lathe.base.AppendLog;
import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The {@link SearchDecision}s of a search whose batches take time to choose, beside its {@link EvaluationLog}:
 * {@code evaluations,log,draws,state,batch,check}, a row a batch. {@code evaluations} is how many there were before it, {@code log}
 * the check of the last of them, {@code check} the CRC-32C of the row itself.
 *
 * <p>A search that is resumed takes its decisions from here rather than fit its models again. The file is a convenience: a row that
 * is torn, changed or of other evaluations is dropped with all after it, and what it said is computed again. Not safe for use by
 * several threads or processes at once.
 */
public final class DecisionLog implements AutoCloseable {
    public static final String HEADER = "evaluations,log,draws,state,batch,check";
    private static final int COLUMNS = 6;
    private static final HexFormat HEX = HexFormat.of();

    private final Path file;
    private final List<Row> rows = new ArrayList<>();
    private @Nullable AppendLog log;
    private int next;

    private record Row(String text, int evaluations, String check, SearchDecision decision) {}

    private DecisionLog(Path file) {
        this.file = file;
    }

    /**
     * Reads what there is; the file is made with the first decision.
     *
     * @throws InvalidInputException if the file is another kind of log
     */
    public static DecisionLog open(Path file, SearchSpace space) throws IOException {
        DecisionLog all = new DecisionLog(file);
        if (!Files.exists(file)) {
            return all;
        }
        AppendLog log = AppendLog.open(file, HEADER);
        all.log = log;
        for (String text : log.existing()) {
            Row row = row(text, space);
            if (row == null) {
                all.rewrite();
                break;
            }
            all.rows.add(row);
        }
        return all;
    }

    private static @Nullable Row row(String text, SearchSpace space) {
        String[] cells = text.split(",", -1);
        int end = text.lastIndexOf(',') + 1;
        if (cells.length != COLUMNS || !cells[COLUMNS - 1].equals(checkOf(text.substring(0, end)))) {
            return null;
        }
        try {
            List<Architecture> batch =
                    words(cells[4]).stream().map(Architecture::parse).toList();
            batch.forEach(space::check);
            List<Double> state = words(cells[3]).stream().map(Double::valueOf).toList();
            return new Row(
                    text,
                    Integer.parseInt(cells[0]),
                    cells[1],
                    new SearchDecision(batch, Long.parseLong(cells[2]), state));
        } catch (InvalidInputException | IllegalArgumentException e) {
            return null;
        }
    }

    private static List<String> words(String cell) {
        return cell.isEmpty() ? List.of() : Arrays.asList(cell.split(" ", -1));
    }

    private static String checkOf(String text) {
        CRC32C check = new CRC32C();
        check.update(text.getBytes(StandardCharsets.US_ASCII));
        return HEX.toHexDigits((int) check.getValue());
    }

    /**
     * What was decided after so many evaluations, if they are those it was decided on; rows of others are dropped.
     *
     * @param check of the last evaluation, as the evaluations' log has it
     * @param size of the batch that is wanted
     */
    Optional<SearchDecision> recall(int evaluations, String check, int size) {
        if (next == rows.size()) {
            return Optional.empty();
        }
        Row row = rows.get(next);
        if (row.evaluations == evaluations
                && row.check.equals(check)
                && row.decision.batch().size() == size) {
            next++;
            return Optional.of(row.decision);
        }
        rows.subList(next, rows.size()).clear();
        try {
            rewrite();
        } catch (IOException e) {
            throw unwritable(e);
        }
        return Optional.empty();
    }

    /** Writes a decision that was not recalled. A kill of the process does not lose it; what a power cut loses is computed again. */
    void append(int evaluations, String check, SearchDecision d) {
        if (next < rows.size()) {
            throw new IllegalStateException(file + " has rows that were not read");
        }
        String text = "%d,%s,%d,%s,%s,"
                .formatted(
                        evaluations,
                        check,
                        d.draws(),
                        d.state().stream().map(Object::toString).collect(Collectors.joining(" ")),
                        d.batch().stream().map(Object::toString).collect(Collectors.joining(" ")));
        try {
            AppendLog open = log == null ? AppendLog.open(file, HEADER) : log;
            log = open;
            open.write(List.of(text + checkOf(text)));
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void rewrite() throws IOException {
        close();
        Files.delete(file);
        AppendLog fresh = AppendLog.open(file, HEADER);
        log = fresh;
        fresh.append(rows.stream().map(Row::text).toList());
    }

    private InvalidInputException unwritable(IOException e) {
        return new InvalidInputException(
                "%s cannot be written: %s; make room or choose another folder, then resume"
                        .formatted(file, e.getMessage()),
                e);
    }

    @Override
    public void close() throws IOException {
        if (log != null) {
            log.close();
        }
    }
}
