package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationLogTest {
    private static final ToySpace SPACE = new ToySpace(4, 4);
    private static final SearchProblem PROBLEM = SPACE.problem(new Budget("latencyMs", 1));
    private static final String HEADER = "index,architecture,top1,latencyMs,peakActivationBytes,check\n";
    private static final String ONE = "toy:0-1-0-0-0-0-0-0-0-0-0-0-0";

    private static final String FIRST = "0,toy:0-0-0-0-0-0-0-0-0-0-0-0-0,0.5,1.0,2.0,d6e642a6\n";

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("evaluations.csv");
    }

    private SearchResult search(BatchEvaluator evaluator, int evaluations) {
        ReferencePoint reference = ReferencePoint.sampled(PROBLEM, new RecordingEvaluator(), 100, 1);
        return new Nsga2Strategy(20)
                .search(PROBLEM, evaluator, new SearchSettings(evaluations, reference, 4), ProgressListener.SILENT);
    }

    private SearchResult loggedSearch(RecordingEvaluator recorder) throws IOException {
        try (EvaluationLog log = EvaluationLog.open(file(), SPACE, ToySpace.METRICS);
                LoggedEvaluator evaluator = new LoggedEvaluator(log, recorder)) {
            return search(evaluator, 400);
        }
    }

    @Test
    void aKilledSearchIsResumedWithoutLosingOrRepeatingAnEvaluation() throws IOException {
        RecordingEvaluator whole = new RecordingEvaluator();
        SearchResult expected = loggedSearch(whole);
        byte[] complete = Files.readAllBytes(file());
        for (long seed = 0; seed < 60; seed++) {
            int cut = seed == 0 ? 0 : new Random(seed).nextInt(complete.length + 1);
            Files.write(file(), complete);
            try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
                channel.truncate(cut);
            }
            int lines = 0;
            for (int i = 0; i < cut; i++) {
                lines += complete[i] == '\n' ? 1 : 0;
            }
            int written = Math.max(0, lines - 1);
            RecordingEvaluator rest = new RecordingEvaluator();
            assertThat(loggedSearch(rest)).isEqualTo(expected);
            assertThat(rest.all()).isEqualTo(whole.all().subList(written, 400));
            assertThat(Files.readAllBytes(file())).isEqualTo(complete);
        }
    }

    @Test
    void aCompleteLogAnswersEverything() throws IOException {
        SearchResult expected = loggedSearch(new RecordingEvaluator());
        RecordingEvaluator idle = new RecordingEvaluator();
        assertThat(loggedSearch(idle)).isEqualTo(expected);
        assertThat(idle.batches).isEmpty();
    }

    @Test
    void valuesReadBackExactly() throws IOException {
        Random random = new Random(1);
        List<Evaluation> written = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            written.add(Evaluation.of(
                    Architecture.of("toy", 0, i / 16, i / 4 % 4, i % 4, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                    Math.scalb(random.nextDouble(), random.nextInt(2000) - 1000),
                    -0.0,
                    i == 0 ? Double.MIN_VALUE : random.nextLong()));
        }
        try (EvaluationLog log = EvaluationLog.open(file(), SPACE, ToySpace.METRICS)) {
            log.append(written.subList(0, 10));
            log.append(List.of());
            log.append(written.subList(10, 64));
        }
        try (EvaluationLog log = EvaluationLog.open(file(), SPACE, ToySpace.METRICS)) {
            assertThatThrownBy(() -> log.append(written)).hasMessageContaining("rows that were not read");
            assertThat(rows(log)).isEqualTo(written);
            assertThat(log.size()).isEqualTo(64);
            assertThat(log.next()).isNull();
        }
    }

    private List<Evaluation> rows() throws IOException {
        try (EvaluationLog log = EvaluationLog.open(file(), SPACE, ToySpace.METRICS)) {
            return rows(log);
        }
    }

    private static List<Evaluation> rows(EvaluationLog log) {
        return Stream.generate(log::next).takeWhile(Objects::nonNull).toList();
    }

    /** Rows that are well formed, but not those that were written. */
    @Test
    void whatWasChangedAfterwardsIsNoticed() throws IOException {
        loggedSearch(new RecordingEvaluator());
        List<String> lines = Files.readAllLines(file());
        String changed = lines.get(50).replaceFirst(",0\\.", ",0.1");
        List<List<String>> poisoned = List.of(
                with(lines, 50, changed),
                with(lines, 50, lines.get(50).replaceFirst("-0,", "-1,")),
                without(lines, 50));
        assertThat(changed).isNotEqualTo(lines.get(50));
        for (List<String> p : poisoned) {
            Files.write(file(), p);
            assertThatThrownBy(() -> loggedSearch(new RecordingEvaluator()))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(file() + ", line 51")
                    .hasMessageNotContaining("\n");
        }
    }

    private static List<String> with(List<String> lines, int at, String line) {
        List<String> copy = new ArrayList<>(lines);
        copy.set(at, line);
        return copy;
    }

    private static List<String> without(List<String> lines, int at) {
        List<String> copy = new ArrayList<>(lines);
        copy.remove(at);
        return copy;
    }

    @Test
    void theLogOfAnotherSearchIsNotTakenForThisOne() throws IOException {
        loggedSearch(new RecordingEvaluator());
        assertThatThrownBy(() -> {
                    try (EvaluationLog log = EvaluationLog.open(file(), SPACE, ToySpace.METRICS);
                            LoggedEvaluator evaluator = new LoggedEvaluator(log, new RecordingEvaluator())) {
                        new RandomStrategy()
                                .search(
                                        PROBLEM,
                                        evaluator,
                                        new SearchSettings(
                                                100,
                                                ReferencePoint.sampled(PROBLEM, new RecordingEvaluator(), 100, 1),
                                                4),
                                        ProgressListener.SILENT);
                    }
                })
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(file() + ", before line 3, is of another search: it holds toy:0-0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1,ONE,0.5,1.0; it has 5 columns, expected 6",
                "1,ONE,0.5,1.0,2.0,3.0; it has 7 columns, expected 6",
                "2,ONE,0.5,1.0,2.0; its index is '2', expected 1",
                "1,ONE,0.5,NaN,2.0; latencyMs is 'NaN', not a finite number",
                "1,ONE,Infinity,1.0,2.0; top1 is 'Infinity', not a finite number",
                "1,ONE,0.5,1.0,two; peakActivationBytes is 'two', not a number",
                "1,ONE,0.50,1.0,2.0; top1 is '0.50', not a finite number as it was written",
                "1,other:0-1-0-0-0-0-0-0-0-0-0-0-0,0.5,1.0,2.0; 'other:0-1-0-0-0-0-0-0-0-0-0-0-0' is no architecture of toy",
                "1,toy:0-9-0-0-0-0-0-0-0-0-0-0-0,0.5,1.0,2.0; 'toy:0-9-0-0-0-0-0-0-0-0-0-0-0' is no architecture of toy",
                "1,toy,0.5,1.0,2.0; 'toy' is no architecture of toy",
                "1,toy:0-1-0-0-1-0-0-0-0-0-0-0-0,0.5,1.0,2.0; toy:0-1-0-0-1-0-0-0-0-0-0-0-0 is not in canonical form",
                "1,ONE,0.5,1.0,2.0; its check is '00000000', expected",
            })
    void aCorruptRowIsNamedByFileAndLine(String row, String reason) throws IOException {
        Files.writeString(file(), HEADER + FIRST + row.replace("ONE", ONE) + ",00000000\n");
        assertThatThrownBy(this::rows)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(file() + ", line 3 is corrupt: " + reason)
                .hasMessageNotContaining("\n");
    }

    @Test
    void anotherKindOfLogIsRefused() throws IOException {
        Files.writeString(file(), "index,architecture,top1\n");
        assertThatThrownBy(() -> EvaluationLog.open(file(), SPACE, ToySpace.METRICS))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("its first line is 'index,architecture,top1'");
    }
}
