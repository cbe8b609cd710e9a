package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A space from a YAML file goes through the whole command, as a built-in one does. */
class CustomSpaceRunTest {
    @TempDir
    Path folder;

    @Test
    void aRunKeepsTheDescriptionAndGoesOnWithoutTheFileHereAndOnSpark() throws Exception {
        Path yaml = folder.resolve("mine.yaml");
        String text = Files.readString(Path.of("..", "examples", "spaces", "mbconv-tiny.yaml"));
        Files.writeString(yaml, text.replace("name: mbconv-tiny", "name: mine"));
        Path out = folder.resolve("run");
        Lathe.Result first = Lathe.run("run", "-q", Lathe.SMALL, "--space", yaml, "--out", out);
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(Files.readString(out.resolve("report.html"))).contains("mine on this-machine");
        byte[] front = Files.readAllBytes(out.resolve("front.csv"));
        assertThat(new String(front, java.nio.charset.StandardCharsets.UTF_8)).contains("mine:");

        Files.delete(yaml);
        for (String master : new String[] {"", "local[2]"}) {
            Files.delete(out.resolve("front.csv"));
            Files.delete(out.resolve("evaluations.csv"));
            Lathe.Result again = master.isEmpty()
                    ? Lathe.run("search", "-q", "--out", out)
                    : Lathe.run("search", "-q", "--out", out, "--master", master);
            assertThat(again.exitCode()).as(again.err()).isZero();
            assertThat(Files.readAllBytes(out.resolve("front.csv"))).isEqualTo(front);
        }
    }
}
