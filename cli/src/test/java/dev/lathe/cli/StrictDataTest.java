package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StrictDataTest {
    @TempDir
    Path folder;

    @Test
    void aDamagedImageIsLeftOutOrByStrictRefusedBeforeAFolderIsMade() throws Exception {
        Path data = folder.resolve("photos");
        for (String c : new String[] {"cat", "dog"}) {
            Files.createDirectories(data.resolve(c));
            for (int i = 0; i < 20; i++) {
                BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
                image.getRaster().setSample(i % 8, c.equals("cat") ? 1 : 6, 0, 200);
                ImageIO.write(image, "png", data.resolve(c).resolve(i + ".png").toFile());
            }
        }
        Files.write(data.resolve("dog/torn.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G'});
        Path out = folder.resolve("out");
        Lathe.Result strict =
                Lathe.run("train", "-q", Lathe.SMALL, "--data", data, "--strict", "--out", folder.resolve("strict"));
        assertThat(strict.exitCode()).isEqualTo(2);
        assertThat(strict.err()).hasLineCount(1).contains("1 of 41 images", "torn.png", "--strict");
        assertThat(folder.resolve("strict")).doesNotExist();
        Lathe.Result rest = Lathe.run("train", "-q", Lathe.SMALL, "--data", data, "--out", out);
        assertThat(rest.exitCode()).as(rest.err()).isZero();
        Files.writeString(folder.resolve("s"), "a\n\n" + "b\n".repeat(30));
        Files.writeString(folder.resolve("t"), "a\nb\n" + "b\n".repeat(30));
        Lathe.Result text = Lathe.run(
                "train",
                "-q",
                "--space",
                "hat-mini",
                "--strict",
                "--data",
                "parallel:" + folder.resolve("s") + "," + folder.resolve("t"),
                "--out",
                folder.resolve("text"));
        assertThat(text.exitCode()).isEqualTo(2);
        assertThat(text.err()).hasLineCount(1).contains("line 2 is empty");
    }
}
