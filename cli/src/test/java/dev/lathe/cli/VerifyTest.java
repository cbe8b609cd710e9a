package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.results.Checksums;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An export folder of a real, small run: whatever is changed in it is found. */
class VerifyTest {
    @TempDir
    static Path folder;

    private static Path export;

    @BeforeAll
    static void oneExport() {
        Path run = folder.resolve("run");
        Lathe.Result r = Lathe.run("run", "-q", Lathe.SMALL, "--set", "front.size=2", "--out", run);
        assertThat(r.exitCode()).as(r.err()).isZero();
        for (List<String> form : List.of(List.of("--format", "c"), List.of("--precision", "int8"))) {
            Lathe.Result r2 = Lathe.run("export", "-q", form, "--out", run);
            assertThat(r2.exitCode()).as(r2.err()).isZero();
        }
        export = run.resolve("export");
    }

    private static JsonNode verify(Path dir, int exitCode) throws IOException {
        Lathe.Result r = Lathe.run("verify", "-q", "--json", dir);
        assertThat(r.exitCode()).as(r.out() + r.err()).isEqualTo(exitCode);
        assertThat(r.err()).isEmpty();
        return Json.json().readTree(r.out());
    }

    private static List<String> faultyFiles(Path dir) throws IOException {
        List<String> files = new ArrayList<>();
        verify(dir, 1).get("faults").forEach(f -> {
            assertThat(f.get("what").asText()).isNotBlank().doesNotContain("\n");
            files.add(f.get("file").asText());
        });
        return files;
    }

    @Test
    void anExportIsWholeAsItIsAndWhenItIsAlone() throws Exception {
        JsonNode o = verify(export.getParent(), 0);
        assertThat(o.get("isWhole").asBoolean()).isTrue();
        assertThat(o.get("faults")).isEmpty();
        assertThat(o.get("checked").toString())
                .contains(
                        "SHA-256", "byte for byte", "top-1 in ONNX Runtime", "networks in C", "networks in 8-bit ONNX");
        assertThat(o.get("notChecked").toString()).contains("latency");
        Path alone = copy("alone");
        assertThat(verify(alone, 0).get("checked")).isEqualTo(o.get("checked"));
        Lathe.Result text = Lathe.run("verify", "-q", alone);
        assertThat(text.exitCode()).isZero();
        assertThat(text.out()).contains("ok  ", "not checked  latency").doesNotContain("FAULT");
    }

    /** Every file, several bytes of each, every bit in turn: checksums alone must find it. */
    @Test
    void oneFlippedBitInAnyFileIsFound() throws Exception {
        Path dir = copy("flipped");
        assertThat(Checksums.files(dir).stream().map(f -> dir.relativize(f).toString()))
                .contains("net-01.onnx", "net-01.safetensors", "net-01.json", "front.json", "measurements.csv")
                .contains("experiment.yaml", "int8/net-01-int8.onnx", "int8/net-01-int8.json", "int8/front.json")
                .contains(
                        "c/net_01/net_01.c",
                        "c/net_01/net_01_data.h",
                        "c/net_01/host/classify.c",
                        "c/net_01/card.json");
        SplittableRandom random = new SplittableRandom(5);
        int flips = 0;
        for (Path file : Checksums.files(dir)) {
            byte[] whole = Files.readAllBytes(file);
            int positions = file.endsWith(Checksums.FILE) ? 200 : 6;
            for (int i = 0; i < positions; i++) {
                byte[] flipped = whole.clone();
                int at = i == 0 ? 0 : i == 1 ? whole.length - 1 : random.nextInt(whole.length);
                flipped[at] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, flipped);
                String name = dir.relativize(file).toString();
                if (name.equals(Checksums.FILE)) {
                    assertThat(Checksums.faults(dir)).as("%s byte %d", name, at).isNotEmpty();
                } else {
                    assertThat(Checksums.faults(dir)).as("%s byte %d", name, at).containsOnlyKeys(name);
                }
                flips++;
            }
            Files.write(file, whole);
        }
        assertThat(flips).isGreaterThan(300);
        assertThat(Checksums.faults(dir)).isEmpty();
    }

    @Test
    void theCommandNamesTheFileThatWasChangedMissesOrIsTooMuch() throws Exception {
        for (String name : List.of(
                "net-01.onnx",
                "net-01.safetensors",
                "net-02.json",
                "front.json",
                "int8/net-01-int8.onnx",
                "int8/net-02-int8.json",
                "c/net_01/net_01.c")) {
            Path dir = copy("one-" + name.replace('/', '-'));
            byte[] bytes = Files.readAllBytes(dir.resolve(name));
            bytes[bytes.length / 2] ^= 1;
            Files.write(dir.resolve(name), bytes);
            assertThat(faultyFiles(dir)).containsExactly(name);
            Files.delete(dir.resolve(name));
            assertThat(faultyFiles(dir)).containsExactly(name);
        }
        Path extra = copy("extra");
        Files.writeString(extra.resolve("net-99.onnx"), "x");
        Files.createSymbolicLink(extra.resolve("link"), folder.resolve("run/run.yaml"));
        assertThat(faultyFiles(extra)).containsExactly("link", "net-99.onnx");
        Path bare = copy("bare");
        Files.delete(bare.resolve(Checksums.FILE));
        assertThat(faultyFiles(bare)).containsExactly(Checksums.FILE);
    }

    /** With checksums made anew over the changed files, what the files say of each other is found to differ. */
    @Test
    void aChangeThatChecksumsHideIsFoundByWhatTheFilesSay() throws Exception {
        Path swapped = copy("swapped");
        Files.move(swapped.resolve("net-01.json"), swapped.resolve("x"));
        Files.move(swapped.resolve("net-02.json"), swapped.resolve("net-01.json"));
        Files.move(swapped.resolve("x"), swapped.resolve("net-02.json"));
        assertThat(faultyFiles(resealed(swapped))).contains("net-01.json", "net-02.json");

        Path weight = copy("weight");
        byte[] bytes = Files.readAllBytes(weight.resolve("net-01.safetensors"));
        bytes[bytes.length - 3] ^= 1;
        Files.write(weight.resolve("net-01.safetensors"), bytes);
        assertThat(faultyFiles(resealed(weight))).containsExactly("net-01.safetensors");

        for (String change : List.of(
                "\"macs\" : ;1", "\"parameters\" : ;1", "\"peakActivationBytes\" : ;1", "\"testTop1\" : 0;.00000")) {
            Path dir = copy("card" + change.hashCode());
            String[] parts = change.split(";");
            Path card = dir.resolve("net-01.json");
            String text = Files.readString(card);
            assertThat(text).contains(parts[0]);
            // A digit more at the front of the number, in the card and wherever else the folder repeats it.
            Files.writeString(card, text.replaceFirst(java.util.regex.Pattern.quote(parts[0]), parts[0] + parts[1]));
            assertThat(faultyFiles(resealed(dir))).as(change).contains("net-01.json");
        }

        // A weight that misses: its name in the head of the file is another one.
        Path missing = copy("missing");
        Path tensors = missing.resolve("net-01.safetensors");
        byte[] head = Files.readAllBytes(tensors);
        int name = new String(head, StandardCharsets.ISO_8859_1).indexOf(".weight\"");
        assertThat(name).isPositive();
        head[name + 1] = 'x';
        Files.write(tensors, head);
        assertThat(faultyFiles(resealed(missing))).contains("net-01.safetensors");

        Path eight = copy("eight");
        for (String ending : List.of(".onnx", ".json")) {
            Path one = eight.resolve("int8/net-01-int8" + ending);
            Path two = eight.resolve("int8/net-02-int8" + ending);
            Files.move(one, eight.resolve("x"));
            Files.move(two, one);
            Files.move(eight.resolve("x"), two);
        }
        assertThat(faultyFiles(resealed(eight))).contains("int8/net-01-int8.json", "int8/net-02-int8.json");
        Path other = copy("other");
        Files.copy(
                other.resolve("int8/net-02-int8.onnx"),
                other.resolve("int8/net-01-int8.onnx"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(faultyFiles(resealed(other))).contains("int8/net-01-int8.onnx");

        Path example = copy("example");
        Path program = example.resolve("c/net_01/host/classify.c");
        Files.writeString(
                program, Files.readString(program).replaceFirst("mean\\[CHANNELS\\] = \\{0", "mean[CHANNELS] = {1"));
        assertThat(faultyFiles(resealed(example))).containsExactly("c/net_01/host/classify.c");

        Path c = copy("constants");
        Path constants = c.resolve("c/net_01/net_01_data.h");
        Files.writeString(constants, Files.readString(constants).replaceFirst("(\\d), ", "9$1, "));
        assertThat(faultyFiles(resealed(c))).containsExactly("c/net_01/net_01_data.h");
    }

    @Test
    void dataThatIsGoneOrOtherIsSaidAndIsNoFault() throws Exception {
        Lathe.Result gone = Lathe.run("verify", "-q", export, "--data", "/nowhere/photos");
        assertThat(gone.exitCode()).isZero();
        assertThat(gone.out())
                .contains("not checked  top-1, because the data cannot be read", "/nowhere/photos", "byte for byte")
                .doesNotContain("top-1 in ONNX Runtime");
        Path photos = folder.resolve("photos");
        for (int i = 0; i < 40; i++) {
            Path file = photos.resolve(i % 2 == 0 ? "light" : "dark").resolve(i + ".png");
            Files.createDirectories(file.getParent());
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
            image.getRaster().setSample(i % 8, 0, 0, 100 + i);
            ImageIO.write(image, "png", file.toFile());
        }
        Lathe.Result other = Lathe.run("verify", "-q", export, "--data", photos);
        assertThat(other.exitCode()).as(other.out()).isZero();
        assertThat(other.out()).contains("is not the run's").doesNotContain("top-1 in ONNX Runtime");
    }

    /** Each form keeps its own files: one written later neither is a fault nor removes another. */
    @Test
    void formsExportedOneAfterTheOtherStandBesideEachOther() throws Exception {
        Path run = copy(export.getParent(), folder.resolve("forms"));
        Path forms = run.resolve("export");
        List<Path> before = Checksums.files(forms);
        assertThat(Lathe.run("export", "--out", run, "--precision", "int8", "-q")
                        .exitCode())
                .isZero();
        List<Path> both = Checksums.files(forms);
        assertThat(both).isEqualTo(before);
        assertThat(Lathe.run("export", "--out", run, "-q").exitCode()).isZero();
        assertThat(Checksums.files(forms)).isEqualTo(both);
        assertThat(Checksums.faults(forms)).isEmpty();
    }

    @Test
    void whatIsNoExportFolderIsBadInput() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Path file = Files.writeString(folder.resolve("file"), "x");
        for (Path bad : List.of(empty, file, folder.resolve("nowhere"))) {
            Lathe.Result r = Lathe.run("verify", bad);
            assertThat(r.exitCode()).as(r.err()).isEqualTo(2);
            assertThat(r.err().strip().lines()).hasSize(1);
        }
    }

    /** A folder whose files are damaged in ways that parse, or do not: never a stack trace, always exit code 1. */
    @Test
    void hostileFilesAreFaultsNotFailures() throws Exception {
        for (String name : List.of(
                "net-01.json",
                "net-01.safetensors",
                "net-01.onnx",
                "front.json",
                "experiment.yaml",
                "int8/net-01-int8.json",
                "int8/net-01-int8.onnx",
                "c/net_01/card.json")) {
            for (String content : List.of("{}", "null", "{\"a\":\u0000}", "\uffff\uffff\uffff")) {
                Path dir = copy("hostile");
                Files.writeString(dir.resolve(name), content);
                assertThat(faultyFiles(resealed(dir)))
                        .as("%s with '%s'", name, content)
                        .isNotEmpty();
            }
        }
    }

    private static Path resealed(Path dir) throws IOException {
        List<Path> files = new ArrayList<>(Checksums.files(dir));
        files.removeIf(f -> f.endsWith(Checksums.FILE));
        Files.delete(dir.resolve(Checksums.FILE));
        Checksums.update(dir, path -> true, files);
        return dir;
    }

    private static Path copy(String name) throws IOException {
        return copy(export, folder.resolve(name));
    }

    private static Path copy(Path from, Path to) throws IOException {
        for (Path file : Checksums.files(from)) {
            Path target = to.resolve(from.relativize(file).toString());
            Files.createDirectories(target.getParent());
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
        return to;
    }
}
