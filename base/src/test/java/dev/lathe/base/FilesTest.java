package dev.lathe.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
    @TempDir
    Path folder;

    @Test
    void anAtomicWriteReplacesAndLeavesNothingBeside() throws Exception {
        Path f = folder.resolve("a/b.txt");
        AtomicFiles.writeString(f, "one");
        AtomicFiles.writeString(f, "two");
        assertThat(f).hasContent("two");
        try (var files = Files.list(f.getParent())) {
            assertThat(files).containsExactly(f);
        }
    }

    @Test
    void aLogCutAtAnyByteKeepsExactlyItsWholeLines() throws Exception {
        Path f = folder.resolve("log.csv");
        try (AppendLog log = AppendLog.open(f, "head")) {
            log.append(List.of("first", "second", "third"));
        }
        byte[] whole = Files.readAllBytes(f);
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 50; i++) {
            int cut = random.nextInt(whole.length + 1);
            Files.write(f, java.util.Arrays.copyOf(whole, cut));
            List<String> expected = new String(whole, 0, cut, java.nio.charset.StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            boolean torn = cut > 0 && whole[cut - 1] != '\n';
            List<String> kept = expected.isEmpty() ? expected : expected.subList(0, expected.size() - (torn ? 1 : 0));
            try (AppendLog log = AppendLog.open(f, "head")) {
                assertThat(log.existing()).isEqualTo(kept.isEmpty() ? List.of() : kept.subList(1, kept.size()));
                log.append(List.of("next"));
            }
            assertThat(Files.readAllLines(f)).startsWith("head").endsWith("next");
        }
    }

    @Test
    void anotherKindOfFileIsNotTakenForTheLog() throws Exception {
        Path f = folder.resolve("log.csv");
        Files.writeString(f, "something else\n1\n");
        assertThatThrownBy(() -> AppendLog.open(f, "head"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("log.csv", "something else", "head");
        assertThat(f).hasContent("something else\n1\n");
        Files.writeString(f, "no line end");
        assertThatThrownBy(() -> AppendLog.open(f, "head")).hasMessageContaining("no line end");
        assertThat(f).hasContent("no line end");
    }

    @Test
    void seedsDifferByPurposeAndIndexAndAreFixedForEver() {
        assertThat(Seeds.derive(1, "a", 0))
                .isNotEqualTo(Seeds.derive(1, "b", 0))
                .isNotEqualTo(Seeds.derive(1, "a", 1));
        assertThat(Seeds.derive(1, "a", 0)).isEqualTo(Seeds.derive(1, "a", 0));
    }

    @Test
    void theNearestNameIsSuggestedAndControlCharactersAreNotShown() {
        assertThat(Names.nearest("latencyMS", List.of("latencyMs", "macs"))).isEqualTo("latencyMs");
        assertThat(Names.nearest("zzzzzz", List.of("latencyMs", "macs"))).isNull();
        assertThat(Names.shown("a\nb\u001b[31m")).isEqualTo("a?b?[31m");
        assertThat(Names.shown("x".repeat(500))).hasSizeLessThan(100);
    }
}
