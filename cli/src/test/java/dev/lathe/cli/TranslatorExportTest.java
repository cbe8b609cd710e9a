package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.device.OnnxTranslator;
import dev.lathe.graph.IncrementalOnnx;
import dev.lathe.graph.quant.OnnxQuantizer;
import dev.lathe.results.Checksums;
import dev.lathe.results.QuantizedTranslatorCard;
import dev.lathe.results.TranslatorCard;
import dev.lathe.space.TranslationTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small supernet of translators, exported: what is written, what is refused, and that whatever is changed is found. */
class TranslatorExportTest {
    @TempDir
    static Path folder;

    private static Path run;
    private static String data = "";
    private static String printed = "";

    @BeforeAll
    static void oneExport() throws IOException {
        StringBuilder s = new StringBuilder();
        StringBuilder t = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            s.append("a man and ")
                    .append(i % 5)
                    .append(" dogs, number ")
                    .append(i % 7)
                    .append('\n');
            t.append(i % 5).append(" Hunde und ein Mann, Nummer ").append(i % 7).append('\n');
        }
        data = "parallel:" + Files.writeString(folder.resolve("s.txt"), s) + ","
                + Files.writeString(folder.resolve("t.txt"), t);
        run = folder.resolve("run");
        Lathe.Result train = Lathe.run(
                "train", "-q", "--space", "hat-mini", "--data", data, "--set", "training.steps=2", "--out", run);
        assertThat(train.exitCode()).as(train.err()).isZero();
        Lathe.Result export = Lathe.run("export", "-q", "--out", run);
        assertThat(export.exitCode()).as(export.err()).isZero();
        printed = export.out();
    }

    private static List<String> names(Path dir) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(p -> String.valueOf(p.getFileName())).sorted().toList();
        }
    }

    private static Path copy(String name) throws IOException {
        Path to = Files.createDirectories(folder.resolve(name));
        for (String file : names(run.resolve("export"))) {
            Files.copy(run.resolve("export").resolve(file), to.resolve(file));
        }
        return to;
    }

    private static JsonNode verify(Path dir, int exitCode) throws IOException {
        Lathe.Result r = Lathe.run("verify", "-q", "--json", dir);
        assertThat(r.exitCode()).as(r.out() + r.err()).isEqualTo(exitCode);
        return Json.json().readTree(r.out());
    }

    @Test
    void givenATrainedSupernet_whenExported_thenTheExtremesStandThereWithCardsAndTokenizer() throws IOException {
        assertThat(names(run.resolve("export")))
                .containsExactlyInAnyOrder(
                        "SHA256SUMS",
                        "experiment.yaml",
                        "largest-decoder.onnx",
                        "largest-encoder.onnx",
                        "largest.json",
                        "largest.safetensors",
                        "smallest-decoder.onnx",
                        "smallest-encoder.onnx",
                        "smallest.json",
                        "smallest.safetensors",
                        "tokenizer.json",
                        "translators.json");
        TranslatorCard card = TranslatorCard.read(run.resolve("export").resolve("largest.json"));
        assertThat(card.agreement().largestDifference()).isLessThan(1e-4);
        assertThat(card.agreement().sameTranslations())
                .isEqualTo(card.agreement().sentences());
        assertThat(card.decisions()).containsEntry("decoder.layers", 4.0);
        assertThat(card.quality().testSentences()).isEqualTo(card.quality().testPart());
        assertThat(card.quality().method()).contains("the first 2 of 2 test sentences");
        assertThat(printed).contains("largest", "smallest", "of 2 test sentences");
        assertThat(verify(run, 0).get("checked").toString()).contains("byte for byte", "BLEU of the test part");
    }

    @Test
    void givenAnArchitecture_whenExportedTwice_thenItAloneByTheSameBytes() throws IOException {
        Path other = folder.resolve("other");
        Lathe.run("train", "-q", "--space", "hat-mini", "--data", data, "--set", "training.steps=2", "--out", other);
        String a = TranslatorCard.read(run.resolve("export").resolve("smallest.json"))
                .architecture();
        for (int i = 0; i < 2; i++) {
            Lathe.Result r = Lathe.run("export", "-q", "--json", "--out", other, "--architecture", a);
            assertThat(r.exitCode()).as(r.err()).isZero();
            assertThat(Json.json()
                            .readTree(r.out())
                            .at("/translators/net-01/architecture")
                            .asText())
                    .isEqualTo(a);
        }
        assertThat(names(other.resolve("export")))
                .contains("net-01-encoder.onnx")
                .doesNotContain("largest.json");
        for (String part : List.of("encoder", "decoder")) {
            assertThat(other.resolve("export").resolve("net-01-" + part + ".onnx"))
                    .hasSameBinaryContentAs(run.resolve("export").resolve("smallest-" + part + ".onnx"));
        }
    }

    @Test
    void givenAChangedExport_whenVerified_thenTheFileIsNamed() throws IOException {
        Path flipped = copy("flipped");
        Path decoder = flipped.resolve("largest-decoder.onnx");
        flip(decoder, 1);
        assertThat(verify(flipped, 1).at("/faults/0/file").asText()).isEqualTo("largest-decoder.onnx");
        flip(decoder, 1);
        for (String name : names(flipped)) {
            Path file = flipped.resolve(name);
            for (int bit : new int[] {1, 32, 128}) {
                flip(file, bit);
                if (name.equals(Checksums.FILE)) {
                    assertThat(Checksums.faults(flipped)).as(name).isNotEmpty();
                } else {
                    assertThat(Checksums.faults(flipped)).as(name).containsOnlyKeys(name);
                }
                flip(file, bit);
            }
            if (!name.equals(Checksums.FILE)) {
                Files.move(file, folder.resolve("away"));
                assertThat(Checksums.faults(flipped)).as(name).containsOnlyKeys(name);
                Files.move(folder.resolve("away"), file);
            }
        }
        assertThat(Checksums.faults(flipped)).isEmpty();

        // Another network's files under this one's names, with checksums that fit.
        Path swapped = copy("swapped");
        Files.delete(swapped.resolve("largest-encoder.onnx"));
        Files.copy(swapped.resolve("smallest-encoder.onnx"), swapped.resolve("largest-encoder.onnx"));
        List<Path> all = names(swapped).stream()
                .filter(n -> !n.equals(Checksums.FILE))
                .map(swapped::resolve)
                .toList();
        Checksums.update(swapped, path -> true, all);
        assertThat(verify(swapped, 1).at("/faults/0/file").asText()).isEqualTo("largest-encoder.onnx");
        Files.delete(swapped.resolve("SHA256SUMS"));
        assertThat(verify(swapped, 1).at("/faults/0/file").asText()).isEqualTo("SHA256SUMS");
    }

    /** Each score of the 8-bit files is near the float32 one's, by the spread of scores; the files are what verify can write again. */
    @Test
    void givenEightBits_whenExported_thenScoresStayNearAndVerifyWritesThemAgain() throws IOException {
        Path other = Files.createDirectories(folder.resolve("int8"));
        Lathe.run("train", "-q", "--space", "hat-mini", "--data", data, "--set", "training.steps=2", "--out", other);
        Lathe.Result r = Lathe.run("export", "-q", "--out", other, "--precision", "int8");
        assertThat(r.exitCode()).as(r.err()).isZero();
        assertThat(r.out()).contains("BLEU int8", "largest-int8", "smallest-int8");
        Path export = other.resolve("export");
        assertThat(names(export.resolve("int8")))
                .containsExactlyInAnyOrder(
                        "largest-int8-decoder.onnx",
                        "largest-int8-encoder.onnx",
                        "largest-int8.json",
                        "smallest-int8-decoder.onnx",
                        "smallest-int8-encoder.onnx",
                        "smallest-int8.json");
        QuantizedTranslatorCard card = QuantizedTranslatorCard.read(export.resolve("int8/largest-int8.json"));
        assertThat(card.encoder().bytes() + card.decoder().bytes()).isLessThan(card.float32Bytes() * 2 / 5);
        IncrementalOnnx.Files float32 = files(export, "largest");
        IncrementalOnnx.Files int8 = files(export.resolve("int8"), "largest-int8");
        try (OnnxTranslator a = OnnxTranslator.load(float32, "float32");
                OnnxTranslator b = OnnxTranslator.load(int8, "int8")) {
            assertThat(b.metadata()).containsEntry("precision", "int8").containsEntry("part", "decoder");
            long[] source = {4, 5, 6, 7, TranslationTask.END, 5, 8, TranslationTask.END, 0, 0};
            a.begin(source, 2);
            b.begin(source, 2);
            for (long token : new long[] {TranslationTask.BEGIN, 5, 9, 4}) {
                float[] x = a.scores(new long[] {token, token});
                float[] y = b.scores(new long[] {token, token});
                double spread = 0;
                double off = 0;
                for (int i = 0; i < x.length; i++) {
                    spread += x[i] * x[i];
                    off += (x[i] - y[i]) * (x[i] - y[i]);
                }
                assertThat(Math.sqrt(off / spread)).isPositive().isLessThan(0.1);
            }
        }
        assertThat(verify(other, 0).get("checked").toString())
                .contains("2 translators in 8-bit ONNX", "2 translators in 8 bits: BLEU");

        // Scales of another network, with a checksum that fits.
        Path decoder = export.resolve("int8/largest-int8-decoder.onnx");
        Files.write(decoder, Files.readAllBytes(export.resolve("int8/smallest-int8-decoder.onnx")));
        Checksums.update(export, path -> false, List.of(decoder));
        assertThat(verify(other, 1).at("/faults/0/file").asText()).isEqualTo("int8/largest-int8-decoder.onnx");
        Files.write(decoder, new byte[] {1, 2, 3});
        Checksums.update(export, path -> false, List.of(decoder));
        assertThat(verify(other, 1).at("/faults/0/what").asText()).contains("not an ONNX model");
    }

    private static IncrementalOnnx.Files files(Path dir, String name) throws IOException {
        return new IncrementalOnnx.Files(
                Files.readAllBytes(dir.resolve(name + TranslatorExportStep.ENCODER)),
                Files.readAllBytes(dir.resolve(name + TranslatorExportStep.DECODER)));
    }

    @Test
    void givenRangesThatAreNone_whenQuantized_thenTheTensorIsNamed() throws IOException {
        byte[] encoder = files(run.resolve("export"), "smallest").encoder();
        List<String> points = OnnxQuantizer.points(encoder);
        assertThat(points).isNotEmpty().doesNotHaveDuplicates();
        for (double[] bad : new double[][] {null, {1, -1}, {Double.NaN, 1}, {0, Double.POSITIVE_INFINITY}}) {
            Map<String, double[]> ranges = new HashMap<>();
            points.forEach(p -> ranges.put(p, new double[] {-1, 2}));
            byte[] whole = OnnxQuantizer.quantized(encoder, ranges);
            assertThat(OnnxQuantizer.rescaled(encoder, OnnxQuantizer.scales(whole)))
                    .isEqualTo(whole);
            ranges.put(points.get(0), bad);
            assertThatThrownBy(() -> OnnxQuantizer.quantized(encoder, ranges)).hasMessageContaining(points.get(0));
        }
    }

    private static void flip(Path file, int bit) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= (byte) bit;
        Files.write(file, bytes);
    }

    private static void refused(Object command, String... parts) {
        Lathe.Result r = Lathe.run("export", "-q", "--out", run, command);
        assertThat(r.exitCode()).isEqualTo(2);
        assertThat(r.err().strip()).doesNotContain("\n").contains(parts);
    }

    @Test
    void givenWhatTranslatorsHaveNot_whenExported_thenOneClearLine() {
        refused(List.of("--format", "c"), "translators are exported as ONNX files; leave --format out");
        refused(List.of("--sentences", "0"), "--sentences is 0");
        refused(List.of("--architecture", "hat-mini:1-2"), "decisions");
        refused(List.of("--architecture", "mbconv"), "mbconv");
        Path none = folder.resolve("none");
        Lathe.Result r = Lathe.run("export", "-q", "--space", "hat-mini", "--data", data, "--out", none);
        assertThat(r.exitCode()).isEqualTo(2);
        assertThat(r.err()).contains("has no supernet; run lathe train");
        Lathe.Result images = Lathe.run("export", "-q", "--architecture", "x:1", "--out", folder.resolve("images"));
        assertThat(images.exitCode()).isEqualTo(2);
        assertThat(images.err()).contains("are for translators");
    }
}
