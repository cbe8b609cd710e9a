package dev.lathe.supernet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetsTest {
    private static int[] counts(ImageDataset d) {
        int[] n = new int[d.shape().classes()];
        for (int l : d.labels()) {
            n[l]++;
        }
        return n;
    }

    private static Set<String> keys(ImageDataset d) {
        Set<String> keys = new HashSet<>();
        float[] image = new float[d.imageLength()];
        for (int i = 0; i < d.size(); i++) {
            d.copyImage(i, image, 0);
            keys.add(Arrays.toString(image));
        }
        return keys;
    }

    @Test
    void givenEmbeddedDigits_whenLoaded_thenPartsHaveTheirSizesAndDoNotMeet() {
        DataSplit d = Datasets.digits(1);
        assertThat(d.test().size()).isEqualTo(450);
        assertThat(d.train().size() + d.validation().size()).isEqualTo(1347);
        assertThat(d.validation().size()).isBetween(295, 305);
        assertThat(keys(d.train())).doesNotContainAnyElementsOf(keys(d.validation()));
        assertThat(keys(d.train())).doesNotContainAnyElementsOf(keys(d.test()));
        assertThat(d.train().attribution()).contains("Alpaydin").contains("CC BY 4.0");
        assertThat(Datasets.class.getResource("ATTRIBUTION.txt")).isNotNull();
    }

    @Test
    void givenEmbeddedDigits_whenCut_thenEveryClassHasItsShare() {
        DataSplit d = Datasets.digits(3);
        int[] train = counts(d.train());
        int[] validation = counts(d.validation());
        for (int c = 0; c < 10; c++) {
            assertThat(validation[c] / (double) (validation[c] + train[c])).isCloseTo(300.0 / 1347, within(0.006));
        }
    }

    @Test
    void givenTwoSeeds_whenCut_thenValidationDiffersAndTestIsTheSame() {
        DataSplit one = Datasets.digits(1);
        DataSplit again = Datasets.digits(1);
        DataSplit two = Datasets.digits(2);
        assertThat(one.fingerprint()).isEqualTo(again.fingerprint()).isNotEqualTo(two.fingerprint());
        assertThat(one.test().fingerprint()).isEqualTo(two.test().fingerprint());
    }

    @Test
    void givenEmbeddedDigits_whenStandardized_thenTrainHasMeanZeroAndDeviationOne() {
        DataSplit d = Datasets.digits(1);
        float[] x = d.normalization().standardized(d.train(), 0, d.train().size());
        double sum = 0;
        double squares = 0;
        for (float v : x) {
            sum += v;
            squares += v * v;
        }
        assertThat(sum / x.length).isCloseTo(0, within(1e-4));
        assertThat(squares / x.length).isCloseTo(1, within(1e-3));
    }

    @Test
    void givenUciFiles_whenLoaded_thenCountsAreThePublishedOnes() {
        Path folder = data().resolve("digits");
        Assumptions.assumeTrue(
                Files.exists(folder.resolve("optdigits.tra.gz")), "no UCI digits; set LATHE_DATA to their folder");
        DataSplit d = Datasets.uciDigits(folder, 1);
        assertThat(d.train().size() + d.validation().size()).isEqualTo(3823);
        assertThat(counts(d.test())).containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
    }

    private static Path data() {
        String set = System.getenv("LATHE_DATA");
        if (set != null) {
            return Path.of(set);
        }
        Path near = Path.of("../shared/data");
        return Files.exists(near) ? near : Path.of("../../shared/data");
    }

    @Test
    void givenNoUciFiles_whenLoaded_thenTheMessageNamesTheFile(@TempDir Path folder) {
        assertThatThrownBy(() -> Datasets.uciDigits(folder, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("optdigits.tra.gz")
                .hasMessageNotContaining("\n");
    }

    @Test
    void givenAForeignLine_whenLoaded_thenTheMessageNamesTheLine(@TempDir Path folder) throws IOException {
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve("optdigits.tra.gz")))) {
            out.write("1,2,x\n".getBytes(StandardCharsets.US_ASCII));
        }
        Files.writeString(folder.resolve("optdigits.tes.gz"), "no gzip");
        assertThatThrownBy(() -> Datasets.uciDigits(folder, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("line 1")
                .hasMessageContaining("1,2,x");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 37, 299})
    void givenASample_whenDrawn_thenClassesKeepTheirSharesAndTheSeedDecides(int count) {
        ImageDataset all = Datasets.digits(1).validation();
        ImageDataset some = all.sample(count, 3);
        assertThat(some.size()).isEqualTo(count);
        for (int c = 0; c < 10; c++) {
            int k = c;
            double whole = Arrays.stream(all.labels()).filter(l -> l == k).count();
            double part = Arrays.stream(some.labels()).filter(l -> l == k).count();
            assertThat(Math.abs(part - whole * count / all.size())).isLessThan(1);
        }
        assertThat(all.sample(count, 3).fingerprint()).isEqualTo(some.fingerprint());
        assertThat(all.sample(count, 4).fingerprint()).isNotEqualTo(some.fingerprint());
        assertThat(all.sample(all.size(), 3).fingerprint()).isEqualTo(all.fingerprint());
    }
}
