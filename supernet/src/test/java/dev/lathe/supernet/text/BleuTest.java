package dev.lathe.supernet.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against sacreBLEU 2.6.0. */
class BleuTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Hello, world! | Hello , world !",
                "1,000.5 kg - 20-year T-Shirt. | 1,000.5 kg - 20 - year T-Shirt .",
                "Ein \"Mann\" &amp; sein Hund (3-4 m). | Ein \" Mann \" & sein Hund ( 3 - 4 m ) .",
                "a.b c,d 5. x | a . b c , d 5 . x",
                "$5 50% don't Büsche;„ja“ z.B. | $ 5 50 % don't Büsche ; „ja“ z . B ."
            })
    void givenALine_whenTokenized_thenAsByTokenizer13a(String line, String tokens) {
        assertThat(String.join(" ", Bleu.tokens(line))).isEqualTo(tokens);
    }

    private static void check(
            List<String> translations, List<String> references, double score, List<Double> precisions, double penalty) {
        Bleu b = Bleu.of(translations, references);
        assertThat(b.score()).isCloseTo(score, within(1e-9));
        assertThat(b.brevityPenalty()).isCloseTo(penalty, within(1e-9));
        for (int i = 0; i < 4; i++) {
            assertThat(b.precisions().get(i)).isCloseTo(precisions.get(i), within(1e-9));
        }
    }

    @Test
    void givenTranslations_whenScored_thenAsBySacreBleu() {
        check(
                List.of(
                        "Ein Mann sitzt auf der Bank.",
                        "Zwei Hunde laufen im Schnee .",
                        "Eine Frau mit rotem T-Shirt hält Äpfel."),
                List.of(
                        "Ein Mann sitzt auf einer Bank.",
                        "Zwei Hunde spielen im Schnee.",
                        "Eine Frau in rotem T-Shirt hält 2,5 kg Äpfel."),
                29.862684085685807,
                List.of(85.71428571428571, 61.111111111111114, 26.666666666666668, 8.333333333333334),
                0.909156442876713);
        check(
                List.of("a b c d x y"),
                List.of("a b q c d r"),
                22.957488466614336,
                List.of(66.66666666666667, 40.0, 12.5, 8.333333333333334),
                1);
        check(
                List.of("das Haus ist"),
                List.of("das Auto ist hier"),
                0,
                List.of(200 / 3.0, 25.0, 25.0, 0.0),
                Math.exp(-1 / 3.0));
        check(List.of("Ja"), List.of("Ja"), 0, List.of(100.0, 0.0, 0.0, 0.0), 1);
        check(List.of("x y z w v"), List.of("a b c d e"), 0, List.of(0.0, 0.0, 0.0, 0.0), 1);
        check(List.of(""), List.of("a b"), 0, List.of(0.0, 0.0, 0.0, 0.0), 0);
    }

    @Test
    void givenTheReferencesThemselves_whenScored_thenAHundred() {
        List<String> r = List.of("Ein Mann sitzt auf einer Bank.", "Zwei Hunde spielen im Schnee.");
        assertThat(Bleu.of(r, r).score()).isCloseTo(100, within(1e-9));
        assertThat(Bleu.of(r, r)).hasToString("100.00 100.0/100.0/100.0/100.0 (BP 1.000, 13 of 13 tokens)");
    }

    @Test
    void givenFewerTranslations_whenScored_thenRefused() {
        assertThatThrownBy(() -> Bleu.of(List.of("a"), List.of("a", "b")))
                .hasMessage("1 translations have 2 references");
    }
}
