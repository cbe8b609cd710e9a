package dev.lathe.supernet.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytePairVocabularyTest {
    /** The example of the paper that brought byte pairs to translation. */
    private static final List<String> LOW = List.of(
            "low low low low low", "lower lower", "newest newest newest newest newest newest", "widest widest widest");

    @TempDir
    Path folder;

    private static String text(BytePairVocabulary v, String line) {
        return String.join(" ", Arrays.stream(v.encode(line)).mapToObj(v::token).toList());
    }

    /** Worked by hand: counts of neighbours, ties by text; the mark of the blank takes part as a character. */
    @Test
    void givenThePapersWords_whenLearnt_thenTheMostFrequentPairsAreMergedFirst() {
        // es 9, st 9, then est; lo 7, ow 7, ▁l 7; ne ew we ▁n 6 ...
        assertThat(text(BytePairVocabulary.learn(List.of(LOW), 1), "newest")).isEqualTo("▁ n e w es t");
        assertThat(text(BytePairVocabulary.learn(List.of(LOW), 2), "newest")).isEqualTo("▁ n e w est");
        assertThat(text(BytePairVocabulary.learn(List.of(LOW), 3), "lower newest"))
                .isEqualTo("▁ lo w e r ▁ n e w est");
        assertThat(text(BytePairVocabulary.learn(List.of(LOW), 4), "lower")).isEqualTo("▁ low e r");
        assertThat(text(BytePairVocabulary.learn(List.of(LOW), 5), "lower low")).isEqualTo("▁low e r ▁low");
        BytePairVocabulary all = BytePairVocabulary.learn(List.of(LOW), 1000);
        assertThat(text(all, "newest lower slow xi")).isEqualTo("▁newest ▁lower ▁ s low ▁ <unk> i");
        // Learning ends where no pair is there twice: ▁, d e i l n o r s t w and at most 14 merges.
        assertThat(all.size()).isLessThan(4 + 11 + 20);
    }

    @Test
    void givenAPlainAndACountedSlowLearner_whenBothLearn_thenTheSameTokens() {
        List<String> lines = List.of(
                "aaa aab abab baba aaaa bbb abba", "aaa abab abab ccc cac cab aabb bbaa", "caca acac ab ab ab ba ba");
        for (int merges = 1; merges < 25; merges++) {
            BytePairVocabulary v = BytePairVocabulary.learn(List.of(lines), merges);
            List<List<String>> slow = SlowBytePairs.split(lines, merges);
            int i = 0;
            for (String line : lines) {
                for (String word : line.split(" ")) {
                    assertThat(text(v, word)).isEqualTo(String.join(" ", slow.get(i++)));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Ein Mann, der \"Hallo\" sagt: „Na?“ (T-Shirt, 3,5 kg)…",
                "(a)(b) -- don't!",
                "e\u0301 wird é",
                "▁ und <s> </s> <pad>"
            })
    void givenAnyLine_whenEncodedAndDecoded_thenTheSameButForBlanks(String line) {
        BytePairVocabulary v = BytePairVocabulary.learn(List.of(List.of(line, line)), 10);
        String blanks = "  " + line.replace(" ", " \t\u00a0") + "\u2003";
        String expected = java.text.Normalizer.normalize(line, java.text.Normalizer.Form.NFC)
                .replace('▁', ' ')
                .strip();
        assertThat(v.decode(v.encode(blanks))).isEqualTo(expected);
        assertThat(v.encode(line)).doesNotContain(0, 1, 2, 3);
        assertThat(v.decode(new int[] {1, 3, 2, 0})).isEqualTo("\uFFFD");
    }

    @Test
    void givenAVocabulary_whenWrittenAndRead_thenTheSame() throws IOException {
        BytePairVocabulary v = BytePairVocabulary.learn(List.of(LOW), 8);
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, v.toJson());
        BytePairVocabulary read = BytePairVocabulary.read(file);
        assertThat(read.toJson()).isEqualTo(v.toJson());
        assertThat(read.encode("lowest newer")).isEqualTo(v.encode("lowest newer"));
    }

    @Test
    void givenDamagedVocabularies_whenRead_thenOneClearLine() throws IOException {
        String good = BytePairVocabulary.learn(List.of(LOW), 8).toJson();
        for (String bad : List.of(
                "",
                "[]",
                "7",
                good.substring(0, good.length() / 2),
                good.replace("\"BPE\"", "\"WordPiece\""),
                good.replace("\"Isolated\"", "\"Removed\""),
                good.replace("\"<s>\":1", "\"<s>\":2").replace("\"<s>\" : 1", "\"<s>\" : 2"),
                good.replaceFirst("\"<unk>\" ?: ?3", "\"<unk>\":99999999999"),
                good.replace("\"e s\"", "\"e\""),
                good.replace("\"e s\"", "\"e q\""))) {
            Path file = folder.resolve("bad.json");
            Files.writeString(file, bad);
            assertThatThrownBy(() -> BytePairVocabulary.read(file))
                    .as(bad)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith("vocabulary " + file)
                    .hasMessageNotContaining("\n");
        }
        assertThatThrownBy(() -> BytePairVocabulary.read(folder.resolve("none")))
                .isInstanceOf(InvalidInputException.class);
    }
}
