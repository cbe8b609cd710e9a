package dev.lathe.predict.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingTableTest {
    private static final List<String> NAMES = List.of("a", "b");

    private static double[][] rows(int n) {
        return IntStream.range(0, n).mapToObj(i -> new double[] {i, -i}).toArray(double[][]::new);
    }

    private static double[] targets(int n) {
        return IntStream.range(0, n).mapToDouble(i -> 1 + i).toArray();
    }

    private static void assertRefused(List<String> names, double[][] rows, double[] targets, String... parts) {
        assertThatThrownBy(() -> new TrainingTable(names, rows, "latencyMs", targets))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(parts)
                .hasMessageContaining("latencyMs")
                .hasMessageContaining("; ")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void refusesTooFewRows() {
        assertRefused(NAMES, rows(9), targets(9), "9 rows", "at least 10");
        assertRefused(NAMES, new double[0][], new double[0], "0 rows");
        assertRefused(NAMES, rows(20), targets(19), "20", "19");
    }

    @Test
    void refusesWhatIsNoNumberAndSaysWhere() {
        double[][] rows = rows(12);
        rows[7][1] = Double.NaN;
        assertRefused(NAMES, rows, targets(12), "row 7", "NaN", "'b'");
        double[] targets = targets(12);
        targets[11] = Double.POSITIVE_INFINITY;
        assertRefused(NAMES, rows(12), targets, "row 11", "Infinity");
    }

    @Test
    void refusesWhatHasNothingToLearn() {
        assertRefused(NAMES, rows(12), new double[12], "0.0 in all 12 rows");
        assertRefused(NAMES, new double[12][2], targets(12), "same features");
    }

    @Test
    void refusesColumnsThatDoNotFit() {
        double[][] rows = rows(12);
        rows[4] = new double[3];
        assertRefused(NAMES, rows, targets(12), "row 4", "3 features");
        assertRefused(List.of("a", "a"), rows(12), targets(12), "twice");
    }

    @Test
    void theChecksumIsThatOfTheContent() {
        TrainingTable table = new TrainingTable(NAMES, rows(12), "latencyMs", targets(12));
        assertThat(new TrainingTable(NAMES, rows(12), "latencyMs", targets(12)).sha256())
                .isEqualTo(table.sha256());
        double[][] rows = rows(12);
        rows[0][0] = 1e-9;
        assertThat(List.of(
                        new TrainingTable(NAMES, rows, "latencyMs", targets(12)).sha256(),
                        new TrainingTable(List.of("b", "a"), rows(12), "latencyMs", targets(12)).sha256(),
                        new TrainingTable(NAMES, rows(12), "top1", targets(12)).sha256(),
                        new TrainingTable(NAMES, rows(13), "latencyMs", targets(13)).sha256()))
                .doesNotContain(table.sha256())
                .doesNotHaveDuplicates();
    }
}
