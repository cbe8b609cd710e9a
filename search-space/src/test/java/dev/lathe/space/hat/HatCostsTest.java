package dev.lathe.space.hat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Comparison;
import dev.lathe.space.TranslationTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HatCostsTest {
    private static final String FILE = "hat-latency/searched_subnets.csv";

    private static Path data() {
        String set = System.getenv("LATHE_DATA");
        Path data = set == null ? Path.of("../../shared/data") : Path.of(set);
        Assumptions.assumeTrue(
                Files.exists(data.resolve(FILE)), "no searched networks of HAT; set LATHE_DATA to their folder");
        return data;
    }

    @Test
    void allPublishedNetworksHaveTheirPublishedCosts() {
        List<Comparison> all = HatCosts.compare(data());
        assertThat(all).filteredOn(c -> c.what().startsWith("HAT_")).hasSize(44);
        assertThat(all).hasSize(44 + 1 + 2 * 3).allMatch(Comparison::agrees);
    }

    @Test
    void costsFollowTheClosedFormulae() {
        SplittableRandom random = new SplittableRandom(9);
        for (HatSettings settings : List.of(HatSettings.WMT_EN_DE, HatSettings.IWSLT_DE_EN, HatSettings.MINI)) {
            for (int sourceLength : new int[] {5, 23}) {
                HatSpace space = new HatSpace(settings, new TranslationTask(99, 99, sourceLength, 17));
                for (int i = 0; i < 100; i++) {
                    var a = space.random(random);
                    long[] expected = formulae(space.configuration(a), settings.attentionWidth(), sourceLength, 17);
                    HatCosts.Cost c = HatCosts.of(space, a);
                    assertThat(c.parameters()).isEqualTo(expected[0]);
                    assertThat(c.flops()).isEqualTo(2 * expected[1]);
                }
            }
        }
    }

    /** Parameters and multiply-accumulates: of each matrix what it has, of each product what it takes. */
    private static long[] formulae(HatConfiguration c, long q, long s, long t) {
        long e = c.encoderWidth();
        long d = c.decoderWidth();
        long parameters = 0;
        long macs = 0;
        for (long f : c.encoderFeedForward()) {
            parameters += 3 * e * q + 3 * q + q * e + e + 4 * e + 2 * e * f + f + e;
            macs += s * (4 * e * q + 2 * e * f) + 2 * s * s * q;
        }
        for (int l = 0; l < c.decoderLayers(); l++) {
            long f = c.decoderFeedForward().get(l);
            long memory = s * c.attended().get(l);
            parameters += 3 * d * q + 3 * q + q * d + d;
            parameters += d * q + 2 * e * q + 3 * q + q * d + d;
            parameters += 6 * d + 2 * d * f + f + d;
            macs += t * (4 * d * q + 2 * d * f) + 2 * t * t * q;
            macs += 2 * t * d * q + 2 * memory * e * q + 2 * t * memory * q;
        }
        return new long[] {parameters, macs};
    }

    @Test
    void aMalformedRowIsNamedWithItsFileAndLine(@TempDir Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        Files.createDirectories(folder.resolve("hat-latency"));
        assertThatThrownBy(() -> HatCosts.compare(folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("searched_subnets.csv");
        String header = "name,task,hardware,latency_ms,params_m,flops_g,bleu,sacrebleu,enc_embed,dec_embed,enc_layers,"
                + "dec_layers,enc_ffn,dec_ffn,enc_heads,dec_self_heads,dec_cross_heads,dec_arbitrary,"
                + "params_formula,flops_formula";
        String row = "n,WMT'14 En-De,pi,1,25.22,1.53,1,1,512,512,6,1,1024 3072 3072 2048 2048 2048,3072,"
                + "4 8 4 4 4 8,8,8,-1,25217536,1524695040";
        Files.writeString(file, header + "\n" + row + "\n");
        assertThat(HatCosts.compare(folder)).hasSize(1 + 1 + 2 * 3).allMatch(Comparison::agrees);

        refused(file, "x" + header + "\n" + row, "line 1: ", "header");
        refused(file, header + "\n" + row + "\n" + row + ",1", "line 3: ", "21 columns");
        refused(file, header + "\n" + row.replace("8,8,-1", "8,8,3"), "line 2: ", "dec_arbitrary has 3");
        refused(file, header + "\n" + row.replace("1.53", "much"), "line 2: ");
        refused(file, header + "\n" + row.replace(",6,1,", ",6,2,"), "line 2: ", "dec_layers");
        refused(file, header + "\n" + row.replace("4 8 4 4 4 8", "4 8 4 4 4"), "line 2: ", "one entry for each layer");
        refused(file, header + "\n" + row.replace("14 En-De", "15 En-De"), "searched_subnets.csv", "network n", "task");
        refused(file, header + "\n" + row.replace(",3072,4", ",3073,4"), "searched_subnets.csv", "network n", "3073");
    }

    private static void refused(Path file, String text, String... expected) throws IOException {
        Files.writeString(file, text + "\n");
        assertThatThrownBy(() -> HatCosts.compare(file.getParent().getParent()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(expected)
                .hasMessageNotContaining("\n");
    }

    @Test
    void aFigureThatIsWrongDoesNotAgree(@TempDir Path folder) throws IOException {
        String text = Files.readString(data().resolve(FILE));
        Files.createDirectories(folder.resolve("hat-latency"));
        Files.writeString(folder.resolve(FILE), text.replaceFirst(",25.22,1.53,", ",25.22,1.52,"));
        assertThat(HatCosts.compare(folder)).filteredOn(c -> !c.agrees()).hasSize(1);
    }
}
