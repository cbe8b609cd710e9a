package dev.lathe.supernet.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParallelTextTest {
    @TempDir
    Path folder;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    @Test
    void givenEmptyAndOverlongLines_whenRead_thenTheirPairsAreLeftOutAndCounted() throws IOException {
        Path s = file("s", "\uFEFF one \r\n\ntwo\n \n" + "x".repeat(2001) + "\nthree");
        Path t = file("t", "eins\nnichts\n zwei\t\nauch\nlang\ndrei\n");
        ParallelText text = ParallelText.read(s, t);
        assertThat(text.source()).containsExactly("one", "two", "three");
        assertThat(text.target()).containsExactly("eins", "zwei", "drei");
        assertThat(text.skipped()).isEqualTo(3);
        assertThatThrownBy(() -> ParallelText.read(s, t, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("line 2 is empty")
                .hasMessageContaining(s.toString())
                .hasMessageNotContaining("\n");
        Path whole = file("whole", "a\n" + "b".repeat(2001));
        assertThatThrownBy(() -> ParallelText.read(file("w", "a\nb"), whole, true))
                .hasMessageContaining("whole line 2 is longer than 2000 characters");
    }

    @Test
    void givenPackedFiles_whenRead_thenByTheirPlainNames() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write("Bücher\n".getBytes(StandardCharsets.UTF_8));
        }
        Files.write(folder.resolve("t.gz"), packed.toByteArray());
        assertThat(ParallelText.read(file("s", "books\n"), folder.resolve("t")).target())
                .containsExactly("Bücher");
        assertThat(ParallelText.read(folder.resolve("s"), folder.resolve("t.gz"))
                        .target())
                .containsExactly("Bücher");
    }

    private void refused(Path s, Path t, String... parts) {
        assertThatThrownBy(() -> ParallelText.read(s, t))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining("\n")
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void givenFilesThatCannotBeUsed_whenRead_thenOneClearLine() throws IOException {
        Path s = file("s", "a\nb\n");
        refused(s, file("t", "a\nb\nc"), "has 2 lines", "has 3");
        refused(s, folder.resolve("none"), "no file none");
        refused(file("e", ""), file("f", ""), "no pair of sentences");
        refused(file("g", "\n\n"), file("h", "\n\n"), "no pair of sentences");
        Files.write(folder.resolve("latin"), new byte[] {'a', '\n', 'B', (byte) 0xFC, 'c', '\n'});
        refused(s, folder.resolve("latin"), "latin line 2 is no UTF-8");
        Files.write(folder.resolve("broken.gz"), new byte[] {1, 2, 3});
        refused(s, folder.resolve("broken.gz"), "broken.gz cannot be read");
    }

    @Test
    void givenOnesOwnFiles_whenLoaded_thenAllPairsStandInOnePartAndPairsStayTogether() throws IOException {
        StringBuilder s = new StringBuilder();
        StringBuilder t = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            s.append("word").append(i).append('\n');
            t.append("Wort").append(i).append('\n');
        }
        String reference = "parallel:" + file("own.s", s.toString()) + "," + file("own.t", t.toString());
        TranslationData d = TranslationFiles.load(reference, 1);
        assertThat(d.train().size()).isEqualTo(90);
        assertThat(d.validation().size()).isEqualTo(5);
        assertThat(d.test().size()).isEqualTo(5);
        java.util.Set<String> all = new java.util.HashSet<>();
        for (SentencePairs part : List.of(d.train(), d.validation(), d.test())) {
            all.addAll(part.references());
            for (int i = 0; i < part.size(); i++) {
                assertThat(d.vocabulary()
                                .decode(part.source(i))
                                .replace("word", "Wort")
                                .replace("\uFFFD", ""))
                        .isEqualTo(d.vocabulary().decode(part.target(i)).replace("\uFFFD", ""));
            }
        }
        assertThat(all).hasSize(100);
        assertThat(TranslationFiles.load(reference, 1).fingerprint()).isEqualTo(d.fingerprint());
        assertThat(TranslationFiles.load(reference, 2).fingerprint()).isNotEqualTo(d.fingerprint());
        for (String bad : List.of("parallel:a", "parallel:", "parallel:a,b,c", "multi30k:" + folder)) {
            assertThatThrownBy(() -> TranslationFiles.load(bad, 1))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageNotContaining("\n");
        }
    }
}
