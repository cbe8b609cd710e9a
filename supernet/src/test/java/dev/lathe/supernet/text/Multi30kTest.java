package dev.lathe.supernet.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

@EnabledIfEnvironmentVariable(
        named = "LATHE_DATA",
        matches = ".+",
        disabledReason = "set LATHE_DATA to the folder of the data sets")
class Multi30kTest {
    private static TranslationData data() {
        return TranslationFiles.load("multi30k:" + Path.of(System.getenv("LATHE_DATA"), "multi30k"), 1);
    }

    /** Sizes from the data's own statistics; tokens within a tenth of those counted for 4,000 merges elsewhere. */
    @Test
    void givenMulti30k_whenLoaded_thenEverySentenceIsThereAndComesBackAsItWas() {
        TranslationData d = data();
        assertThat(List.of(d.train().size(), d.validation().size(), d.test().size()))
                .containsExactly(29_000, 1014, 1000);
        assertThat(d.train().skipped() + d.validation().skipped() + d.test().skipped())
                .isZero();
        assertThat(d.vocabulary().size()).isBetween(4_100, 4_250);
        assertThat((double) d.task().sourceLength()).isCloseTo(16.5, within(1.6));
        assertThat((double) d.task().targetLength()).isCloseTo(17.4, within(1.7));
        int known = 0;
        for (int i = 0; i < d.test().size(); i++) {
            known += d.vocabulary()
                            .decode(d.test().target(i))
                            .equals(d.test().references().get(i))
                    ? 1
                    : 0;
        }
        assertThat(known).isGreaterThanOrEqualTo(998);
    }

    /** Every fifth word dropped; sacreBLEU 2.6.0 says 53.344749267760584. */
    @Test
    void givenCorruptedReferences_whenScored_thenAsBySacreBleu() {
        List<String> references = data().test().references();
        List<String> corrupted = references.stream()
                .map(r -> {
                    String[] words = r.split("\\s+");
                    return IntStream.range(0, words.length)
                            .filter(i -> i % 5 != 4)
                            .mapToObj(i -> words[i])
                            .collect(Collectors.joining(" "));
                })
                .toList();
        Bleu b = Bleu.of(corrupted, references);
        assertThat(b.score()).isCloseTo(53.344749267760584, within(1e-9));
        assertThat(b.length()).isEqualTo(10_093);
        assertThat(b.referenceLength()).isEqualTo(12_106);
        assertThat(Arrays.asList(100.0, 82.58000659848236, 60.879772643024836, 35.76765825461723))
                .isEqualTo(b.precisions());
    }
}
