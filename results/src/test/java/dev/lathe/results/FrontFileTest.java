package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.evolve.Evaluation;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrontFileTest {
    private static final List<String> METRICS = List.of("top1", "latencyMs", "peakActivationBytes");

    @TempDir
    Path folder;

    @Test
    void givenAnyOrderOfAnyValues_whenWritten_thenBytesAreTheSameAndReadBackExactly() throws IOException {
        Path file = folder.resolve("front.csv");
        for (int seed = 0; seed < 50; seed++) {
            Random r = new Random(seed);
            List<Evaluation> members = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                // Values repeat, so that the architecture must break ties.
                members.add(Evaluation.of(
                        Architecture.of("s", i, r.nextInt(4)),
                        r.nextInt(3) / 3.0,
                        Double.longBitsToDouble(r.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL),
                        r.nextInt(1 << 20)));
            }
            FrontFile.write(file, METRICS, members);
            String bytes = Files.readString(file);
            FrontFile.Front front = FrontFile.read(file);
            assertThat(front.metrics()).isEqualTo(METRICS);
            assertThat(front.members()).containsExactlyInAnyOrderElementsOf(members);
            Collections.shuffle(members, r);
            FrontFile.write(file, METRICS, members);
            assertThat(Files.readString(file)).isEqualTo(bytes);
        }
    }

    @Test
    void givenAFront_whenWritten_thenItIsThisText() {
        assertThat(FrontFile.format(
                        METRICS,
                        List.of(
                                Evaluation.of(Architecture.of("s", 1, 2), 0.5, 0.25, 2048),
                                Evaluation.of(Architecture.of("s", 0, 0), 0.1, 1.0 / 3, 64))))
                .isEqualTo("""
                        architecture,top1,latencyMs,peakActivationBytes
                        s:0-0,0.1,0.3333333333333333,64.0
                        s:1-2,0.5,0.25,2048.0
                        """);
        assertThatThrownBy(() -> FrontFile.format(METRICS, List.of(Evaluation.of(Architecture.of("s", 1), 1))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "s:1,0.5 | 2 fields",
                "s:1,0.5,NaN,3 | not finite",
                "s:1,0.5,x,3 | no number",
                "what,0.5,1,3 | no architecture",
                "s:0,0.5,1,3 | earlier line",
            })
    void givenABadRow_whenRead_thenOneLineNamesFileAndLine(String row, String expected) throws IOException {
        Path file = folder.resolve("front.csv");
        Files.writeString(file, "architecture,top1,latencyMs,peakActivationBytes\ns:0,0.5,1,3\n" + row + "\n");
        assertThatThrownBy(() -> FrontFile.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("front.csv line 3", expected)
                .hasMessageNotContaining("\n");
    }

    @Test
    void givenAnotherFile_whenRead_thenItIsRefused() throws IOException {
        Path file = folder.resolve("front.csv");
        for (String content : List.of("", "a,b\n", "architecture\n")) {
            Files.writeString(file, content);
            assertThatThrownBy(() -> FrontFile.read(file))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("is no front");
        }
    }
}
