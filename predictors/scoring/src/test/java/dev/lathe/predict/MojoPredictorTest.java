package dev.lathe.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MojoPredictorTest {
    private static final String[] NAMES = {"a", "b"};

    private static void assertRefused(byte[] mojo, String... parts) {
        assertThatThrownBy(() -> MojoPredictor.of(mojo, "the file"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("the file is no usable MOJO: ")
                .hasMessageEndingWith("; fit the predictor again")
                .satisfies(e -> assertThat(e.getMessage())
                        .satisfies(m -> assertThat(List.of(parts)).allMatch(m::contains))
                        .doesNotContain("\n")
                        .hasSizeLessThan(300));
    }

    private static byte[] described(String description) {
        return Mojos.zip(Map.of("model.ini", description.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void predictsWhatTheArchiveSays() {
        MojoPredictor p = MojoPredictor.of(Mojos.linear(NAMES, 2, 3, 1), "test");
        assertThat(p.featureNames()).containsExactly("a", "b");
        assertThat(p.algorithm()).isEqualTo("glm");
        double[] row = {10, 100};
        assertThat(p.predict(row)).isEqualTo(321);
        assertThat(p.predict(new double[][] {{0, 0}, {1, 0}, {0, 1}})).containsExactly(1, 3, 4);
        assertThat(row).containsExactly(10, 100);
    }

    @Test
    void leavesTheCallersRowAloneWhenAValueIsMissing() {
        double[] row = {Double.NaN, 1};
        assertThat(MojoPredictor.of(Mojos.linear(NAMES, 2, 3, 1), "test").predict(row))
                .isEqualTo(4);
        assertThat(row[0]).isNaN();
    }

    @Test
    void refusesARowOfAnotherLength() {
        MojoPredictor p = MojoPredictor.of(Mojos.linear(NAMES, 2, 3, 1), "test");
        assertThatThrownBy(() -> p.predict(new double[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("takes 2", "got 3");
    }

    @Test
    void refusesWhatIsNoArchive() {
        assertRefused(new byte[0], "no model.ini");
        assertRefused("not a zip".getBytes(StandardCharsets.UTF_8), "no model.ini");
        assertRefused(Mojos.zip(Map.of("other.txt", new byte[3])), "no model.ini");
        RandomGenerator random = Seeds.generator(1, "noise", 0);
        for (int i = 0; i < 50; i++) {
            byte[] noise = new byte[1 + random.nextInt(2000)];
            random.nextBytes(noise);
            assertRefused(noise);
        }
    }

    @Test
    void refusesAnArchiveCutAnywhereInItsContent() {
        byte[] whole = Mojos.linear(NAMES, 2, 3, 1);
        int content = indexOf(whole, new byte[] {'P', 'K', 1, 2});
        assertThat(content).isPositive();
        for (int length = 0; length < content - 20; length++) {
            assertRefused(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void refusesAFlippedBitInTheContent() {
        byte[] whole = Mojos.linear(NAMES, 2, 3, 1);
        int content = indexOf(whole, new byte[] {'P', 'K', 1, 2});
        for (int i = 60; i < content - 20; i += 7) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x10;
            assertRefused(damaged);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "algo = glm, algo = word2vec, word2vec",
        "algo = glm, algo = ensemble, ensemble",
        "category = Regression, category = Binomial, one number",
        "n_columns = 3, n_columns = 2000000000, n_columns",
        "n_features = 2, n_features = -1, n_features",
        "n_features = 2, n_features = 3, coefficients",
        "'beta = [2.0, 3.0, 1.0]', 'beta = [2.0, x, 1.0]', damaged",
        "'beta = [2.0, 3.0, 1.0]', 'beta = [2.0]', coefficients"
    })
    void refusesADescriptionThatLies(String right, String wrong, String part) {
        String description = Mojos.description(NAMES, 2, 3, 1);
        assertThat(description).contains(right);
        assertRefused(described(description.replace(right, wrong)), part);
    }

    @Test
    void refusesWhatUnpacksToTooMuch() {
        assertRefused(Mojos.zip(Map.of("model.ini", new byte[(128 << 20) + 1])), "unpacks to more than");
        assertRefused(new byte[MojoPredictor.MOST_BYTES + 1], "more than");
    }

    private static int indexOf(byte[] all, byte[] part) {
        for (int i = 0; i + part.length <= all.length; i++) {
            if (Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        return -1;
    }
}
