package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.device.mcu.Firmware;
import dev.lathe.graph.c.CExample;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** Classes may be called anything: from a ZIP of images to report, cards, ONNX, C and its answer, names stay text. */
class HostileNamesTest {
    private static final List<String> CLASSES = List.of(
            "</script><img src=x onerror=document.title='owned'>",
            "\"};int main(void){return 7;} '\"",
            "*\\??\\",
            "\u202Etxt.exe \u05E9\u05DC\u05D5\u05DD",
            "\u0007bell\nline",
            "n".repeat(10_240));

    @TempDir
    Path folder;

    private Path photos() throws IOException {
        Path zip = folder.resolve("it's \"all\" <b> *.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip), StandardCharsets.UTF_8)) {
            for (int c = 0; c < CLASSES.size(); c++) {
                for (int i = 0; i < 12; i++) {
                    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
                    image.setRGB(c, i % 8, 0xFFFFFF);
                    image.setRGB(7 - c, 4, 0x20 * c);
                    ByteArrayOutputStream png = new ByteArrayOutputStream();
                    ImageIO.write(image, "png", png);
                    out.putNextEntry(new ZipEntry(CLASSES.get(c) + "/" + i + ".png"));
                    out.write(png.toByteArray());
                    out.closeEntry();
                }
            }
        }
        return zip;
    }

    @Test
    void namesOfClassesStayTextAllTheWay() throws Exception {
        Path run = folder.resolve("run");
        Lathe.Result r = Lathe.run(
                "run",
                "-q",
                Lathe.SMALL,
                "--set",
                "front.size=1",
                "--data",
                photos(),
                "--image-size",
                "8",
                "--out",
                run);
        assertThat(r.exitCode()).as(r.err()).isZero();
        Lathe.Result c = Lathe.run("export", "-q", "--format", "c", "--out", run);
        assertThat(c.exitCode()).as(c.err()).isZero();
        assertThat(Lathe.run("verify", "-q", run).exitCode()).isZero();
        assertThat(Lathe.run("blocks", "-q", "--out", run).exitCode()).isZero();
        Path compared = folder.resolve("compare.html");
        assertThat(Lathe.run("compare", run, run, "--out", compared).exitCode()).isZero();
        for (Path page : List.of(run.resolve("report.html"), run.resolve("blocks.html"), compared)) {
            Document xml =
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(page.toFile());
            assertThat(xml.getElementsByTagName("img").getLength())
                    .as(page.toString())
                    .isZero();
            assertThat(Files.readString(page)).doesNotContain("\u202E", "\u0007");
        }
        if (Firmware.hasHost()) {
            requireAnswer(run.resolve("export/c/net_01"));
        }
    }

    /** The program compiles by the command that the export prints, and names a class as one line of text. */
    private void requireAnswer(Path network) throws Exception {
        Path program = folder.resolve("classify");
        shell(CExample.compile(network.toString(), "net_01")
                .replace("-o classify", "-Wall -Wextra -Werror -o " + program));
        Path picture = folder.resolve("picture.png");
        ImageIO.write(new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
        Lathe.Result pixels = Lathe.run("pixels", picture, "--image-size", "8");
        assertThat(pixels.exitCode()).isZero();
        Path ppm = folder.resolve("picture.ppm");
        Files.writeString(ppm, pixels.out(), StandardCharsets.ISO_8859_1);
        String said = shell(program + " < " + ppm);
        assertThat(said).hasLineCount(5).doesNotContain("\u202E", "\u0007", "n".repeat(100));
        Lathe.Result none = Lathe.run("pixels", folder.resolve("none.png"));
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("none.png").hasLineCount(1);
    }

    private static String shell(String command) throws Exception {
        Process p = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(p.waitFor()).as(said).isZero();
        return said;
    }
}
