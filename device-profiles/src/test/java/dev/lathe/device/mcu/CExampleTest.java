package dev.lathe.device.mcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.c.CExample;
import dev.lathe.graph.c.CFiles;
import dev.lathe.graph.c.CModel;
import dev.lathe.graph.c.CWriter;
import dev.lathe.graph.quant.Calibration;
import dev.lathe.graph.quant.IntegerExecutor;
import dev.lathe.graph.quant.QuantizedGraph;
import dev.lathe.graph.quant.Quantizer;
import dev.lathe.graph.quant.RandomTrial;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program around an exported network: it says of a picture what the reference says, whatever classes and data are called. */
class CExampleTest {
    private static final int SIDE = 8;
    private static final float[] MEAN = {0.49f, 0.48f, 0.45f};
    private static final float[] DEVIATION = {0.25f, 0.24f, 0.26f};

    /** Names that would end a comment or a literal, join lines, turn the direction of text, or be no text. */
    private static final List<String> NAMES = List.of(
            "\"};int main(void){return 7;}//",
            "*/ #error \"out\" /*",
            "a\\",
            "??/",
            "????/ */\n#include </etc/passwd>",
            "%s%n\\n\\\"",
            "\u202Etxt.exe\u2066\u05E9\u05DC\u05D5\u05DD",
            "\u0000\u0007\u2028\uD800",
            "n".repeat(10_240),
            "\u732B \u72AC*");

    @TempDir
    Path folder;

    @BeforeAll
    static void needsACompiler() {
        assumeTrue(Firmware.hasHost(), () -> Firmware.missing().orElse(""));
    }

    private static CModel model(int channels) {
        SearchSpace space = SearchSpaces.create("mbconv-tiny", new TaskShape(channels, SIDE, SIDE, NAMES.size()));
        Graph graph = space.lower(space.smallest());
        WeightProvider weights = RandomExports.weights(3);
        RandomGenerator random = Seeds.generator(4, "example", channels);
        QuantizedGraph q = Quantizer.quantize(
                graph, weights, Calibration.of(graph, weights, RandomTrial.inputs(graph, 4, random), 100));
        Map<String, String> notes = new HashMap<>();
        NAMES.forEach(n -> notes.put("k" + n, n));
        notes.put("classes", String.join(",", NAMES));
        return CWriter.write(q, "net_01", notes);
    }

    private Path compiled(CModel model, int channels) throws Exception {
        Map<String, String> files = new HashMap<>(model.files());
        files.putAll(CFiles.kernels());
        files.put(
                CExample.FILE,
                CExample.source(
                                model,
                                java.util.Arrays.copyOf(MEAN, channels),
                                java.util.Arrays.copyOf(DEVIATION, channels),
                                NAMES)
                        .orElseThrow());
        for (Map.Entry<String, String> f : files.entrySet()) {
            Path p = folder.resolve(f.getKey());
            Files.createDirectories(p.getParent());
            Files.writeString(p, f.getValue());
        }
        // The user's own command, with every warning an error.
        String command = CExample.compile(folder.toString(), "net_01")
                .replace("-O2", "-O1 -Wall -Wextra -Werror -pedantic -fsanitize=address,undefined")
                .replace("-o classify", "-o " + folder.resolve("classify"));
        Process p = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(p.waitFor()).as(said).isZero();
        return folder.resolve("classify");
    }

    private record Ran(int exitCode, String out) {}

    private static Ran run(Path program, byte[] picture) throws Exception {
        Process p =
                new ProcessBuilder(program.toString()).redirectErrorStream(true).start();
        try (var in = p.getOutputStream()) {
            in.write(picture);
        } catch (IOException closedEarly) {
            // It has seen enough.
        }
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(p.waitFor(), out);
    }

    private static byte[] picture(String head, byte[] pixels) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(pixels);
        return out.toByteArray();
    }

    private static byte[] pixels(int n, int seed) {
        byte[] p = new byte[n];
        RandomGenerator random = Seeds.generator(seed, "pixels", 0);
        random.nextBytes(p);
        return p;
    }

    /** As the data reader and the normalization give it, (C, H, W). */
    private static float[] standardized(byte[] rgb, int channels) {
        int plane = SIDE * SIDE;
        float[] x = new float[channels * plane];
        for (int k = 0; k < plane; k++) {
            float r = Byte.toUnsignedInt(rgb[3 * k]) / 255f;
            float g = Byte.toUnsignedInt(rgb[3 * k + 1]) / 255f;
            float b = Byte.toUnsignedInt(rgb[3 * k + 2]) / 255f;
            float[] v = channels == 3
                    ? new float[] {r, g, b}
                    : new float[] {r == g && g == b ? r : 0.299f * r + 0.587f * g + 0.114f * b};
            for (int c = 0; c < channels; c++) {
                x[c * plane + k] = (v[c] - MEAN[c]) * (1 / DEVIATION[c]);
            }
        }
        return x;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aPictureIsClassifiedAsByTheReference(int channels) throws Exception {
        CModel model = model(channels);
        Path program = compiled(model, channels);
        IntegerExecutor reference = new IntegerExecutor(model.network());
        for (int seed = 0; seed < 5; seed++) {
            byte[] rgb = pixels(3 * SIDE * SIDE, seed);
            int[] logits = reference.run(standardized(rgb, channels));
            List<String> expected = new ArrayList<>();
            java.util.stream.IntStream.range(0, logits.length)
                    .boxed()
                    .sorted(java.util.Comparator.comparingInt(c -> -logits[c]))
                    .limit(5)
                    .forEach(c -> expected.add(String.format(
                            Locale.ROOT, "%9.4f", model.network().logits().real(logits[c]))));
            Ran r = run(program, picture("P6\n# a comment\n8 8\n255\n", rgb));
            assertThat(r.exitCode()).as(r.out()).isZero();
            assertThat(r.out().lines().map(l -> l.substring(0, 9)))
                    .isEqualTo(expected)
                    .isNotEmpty();
            assertThat(r.out()).doesNotContain("\u202E", "\u0000", "\u0007");
        }
        byte[] gray = pixels(SIDE * SIDE, 9);
        byte[] rgb = new byte[3 * gray.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = gray[i / 3];
        }
        assertThat(run(program, picture("P5 8 8 255\n", gray))).isEqualTo(run(program, picture("P6 8 8 255\n", rgb)));
    }

    @Test
    void whatIsNoSuchPictureIsRefused() throws Exception {
        Path program = compiled(model(1), 1);
        for (String head : List.of(
                "",
                "P",
                "P4 8 8\n",
                "P5 8 9 255\n",
                "P5 8 8 65535\n",
                "P5 999999999999999 8 255\n",
                "P5 8 8 255\n",
                "#",
                "P5 # no end")) {
            Ran r = run(program, picture(head, new byte[10]));
            assertThat(r.exitCode()).as(head + r.out()).isEqualTo(2);
            assertThat(r.out()).startsWith("classify: ").hasLineCount(1);
        }
    }
}
