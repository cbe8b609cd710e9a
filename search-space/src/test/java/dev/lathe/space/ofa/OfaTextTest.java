package dev.lathe.space.ofa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OfaTextTest {
    private final OfaMobileSpace space = OfaMobileSpace.mobileNetV3(OfaMobileNetV3Test.IMAGENET);
    private final OfaMobileText text = new OfaMobileText(space);
    private final OfaResNetSpace resNet = new OfaResNetSpace(OfaMobileNetV3Test.IMAGENET);
    private final OfaResNetText resNetText = new OfaResNetText(resNet);

    private static String repeated(String value, int n) {
        return "[" + String.join(", ", Collections.nCopies(n, value)) + "]";
    }

    private static String mobile(String ks, String e, String d, String rest) {
        return "{\"ks\": " + ks + ", \"e\": " + e + ", \"d\": " + d + rest + "}";
    }

    @Test
    void theSmallestAndLargestAreWrittenAsOnceForAllDoes() {
        String used = "3, 3, 0, 0";
        String list = "[" + String.join(", ", Collections.nCopies(5, used)) + "]";
        assertThat(text.toText(space.smallest())).isEqualTo(mobile(list, list, "[2, 2, 2, 2, 2]", ", \"r\": 128"));
        assertThat(text.toText(space.largest()))
                .isEqualTo(mobile(repeated("7", 20), repeated("6", 20), "[4, 4, 4, 4, 4]", ", \"r\": 224"));
        assertThat(resNetText.toText(resNet.largest()))
                .isEqualTo("{\"d\": [2, 2, 2, 2, 2], \"e\": " + repeated("0.35", 18)
                        + ", \"w\": [2, 2, 2, 2, 2, 2], \"image_size\": 224}");
        assertThat(resNetText.toText(resNet.smallest()))
                .isEqualTo(
                        "{\"d\": [0, 0, 0, 0, 0], \"e\": [0.2, 0.2, 0, 0, 0.2, 0.2, 0, 0, 0.2, 0.2, 0.2, 0.2, 0, 0, 0.2,"
                                + " 0.2, 0, 0], \"w\": [0, 0, 0, 0, 0, 0], \"image_size\": 128}");
    }

    @Test
    void writtenTextIsReadBackAndWrittenAgainTheSame() {
        SplittableRandom random = new SplittableRandom(1);
        OfaMobileSpace proxyless = OfaMobileSpace.proxylessNas(new TaskShape(3, 64, 64, 10));
        OfaMobileText proxylessText = new OfaMobileText(proxyless);
        for (int i = 0; i < 500; i++) {
            Architecture a = space.random(random);
            assertThat(text.parse(text.toText(a))).isEqualTo(a);
            assertThat(text.toText(text.parse(text.toText(a)))).isEqualTo(text.toText(a));
            Architecture b = proxyless.random(random);
            assertThat(proxylessText.parse(proxylessText.toText(b))).isEqualTo(b);
            Architecture c = resNet.random(random);
            assertThat(resNetText.parse(resNetText.toText(c))).isEqualTo(c);
            assertThat(resNetText.toText(resNetText.parse(resNetText.toText(c))))
                    .isEqualTo(resNetText.toText(c));
        }
    }

    @Test
    void anArchitectureThatIsNotCanonicalIsWrittenAsItsCanonicalForm() {
        int[] c = space.smallest().choices();
        c[space.units().get(0).kernelIndex(3)] = 2;
        assertThat(text.toText(Architecture.of(space.name(), c))).isEqualTo(text.toText(space.smallest()));
    }

    @Test
    void blocksBeyondTheDepthMayHaveAnyValueThatIsOffered() {
        String d = "[2, 2, 2, 2, 2]";
        String list = "[" + String.join(", ", Collections.nCopies(5, "3, 3, 0, 0")) + "]";
        Architecture a = text.parse(mobile(list, list, d, ", \"r\": 128"));
        assertThat(a).isEqualTo(space.smallest());
        String other = "[" + String.join(", ", Collections.nCopies(5, "3, 3, 5, 7")) + "]";
        assertThat(text.parse(mobile(other, list, d, ", \"r\": 128"))).isEqualTo(a);
        String wrong = "[" + String.join(", ", Collections.nCopies(5, "3, 3, 9, 0")) + "]";
        assertThatThrownBy(() -> text.parse(mobile(wrong, list, d, ", \"r\": 128")))
                .hasMessageContainingAll("ks[2]", "9", "3, 5, 7");
    }

    @Test
    void theSpellingsOfOnceForAllsSamplersAreRead() {
        String ks = repeated("7", 20);
        String e = repeated("6", 20);
        String d = repeated("4", 5);
        for (String r : List.of(
                ", \"r\": [224]",
                ", \"image_size\": 224",
                ", \"r\": 224.0, \"wid\": null",
                ", \"r\": [224], \"wid\": null")) {
            assertThat(text.parse(mobile(ks, e, d, r))).isEqualTo(space.largest());
        }
    }

    @Test
    void theFirstTwoWidthsOfTheStemAreOne() {
        String form =
                "{\"d\": [0, 0, 0, 0, 0], \"e\": " + repeated("0.2", 18) + ", \"w\": [%d, 0, 0, 0, 0, 0], \"r\": 128}";
        assertThat(resNetText.parse(form.formatted(0))).isEqualTo(resNet.smallest());
        assertThat(resNetText.parse(form.formatted(1))).isEqualTo(resNet.smallest());
        assertThat(resNetText.parse(form.formatted(2))).isNotEqualTo(resNet.smallest());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[4,4,4,4]|, \"r\": 224|'d' of 5 numbers",
                "[4,4,4,4,5]|, \"r\": 224|d[4]",
                "[4,4,4,4,\"4\"]|, \"r\": 224|d[4]",
                "[4,4,4,4,null]|, \"r\": 224|d[4]",
                "[4,4,4,4,4.5]|, \"r\": 224|4.5",
                "[4,4,4,4,1e400]|, \"r\": 224|d[4]",
                "[4,4,4,4,4]|, \"r\": 225|225",
                "[4,4,4,4,4]|, \"r\": [128, 224]|[128,224]",
                "[4,4,4,4,4]|, \"r\": 224, \"image_size\": 224|both",
                "[4,4,4,4,4]|, \"wid\": 1, \"r\": 224|wid",
                "[4,4,4,4,4]|, \"x\": 1, \"r\": 224|unknown 'x'",
                "[4,4,4,4,4]|, \"r\": 224, \"r\": 224|JSON",
                "[4,4,4,4,4]|, \"q\": {}|unknown 'q'",
                "{}|, \"r\": 224|'d' of 5 numbers",
            })
    void aWrongMemberIsNamed(String d, String rest, String named) {
        assertThatThrownBy(() -> text.parse(mobile(repeated("7", 20), repeated("6", 20), d, rest)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(space.name(), named)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void aMissingResolutionIsAskedFor() {
        assertThatThrownBy(() -> text.parse(mobile(repeated("7", 20), repeated("6", 20), repeated("4", 5), "")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("\"r\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "1",
                "\"ks\"",
                "{",
                "{}",
                "{\"ks\": 3}",
                "{}{}",
                "\u0000\u202e\n",
                "{\"d\": NaN}"
            })
    void foreignTextIsRefusedInOneLine(String foreign) {
        assertThatThrownBy(() -> text.parse(foreign))
                .isInstanceOf(InvalidInputException.class)
                .message()
                .doesNotContain("\n", "\u0000", "\u202e");
        assertThatThrownBy(() -> resNetText.parse(foreign))
                .isInstanceOf(InvalidInputException.class)
                .message()
                .doesNotContain("\n", "\u0000", "\u202e");
    }

    @Test
    void veryLongAndVeryDeepTextIsRefused() {
        assertThatThrownBy(() -> text.parse("[".repeat(4000))).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> text.parse("{\"ks\":" + "[".repeat(2000) + "]".repeat(2000) + "}"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageMatching(".{1,400}");
        assertThatThrownBy(() -> text.parse(" ".repeat(100_000) + "{}"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("100002 characters");
    }
}
