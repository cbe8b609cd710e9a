package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Chromium without a window: opens a page, lets its scripts run, and gives what became of it. */
final class Browser {
    private Browser() {}

    /** @param dom the page after its scripts; @param console what the page or the browser had to complain of */
    record Shown(String dom, List<String> console) {}

    private static Optional<Path> program() {
        String path = System.getenv("PATH");
        for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
            for (String name : List.of("chromium", "chromium-browser", "google-chrome")) {
                Path p = Path.of(folder.isEmpty() ? "." : folder, name);
                if (Files.isExecutable(p)) {
                    return Optional.of(p);
                }
            }
        }
        return Optional.empty();
    }

    /** Skips the test with a message where there is no browser. */
    static void require() {
        assumeTrue(program().isPresent(), "no Chromium on the PATH: apt-get install chromium to run this test");
    }

    /** @param scratch for the browser's own files */
    static Shown open(String address, Path scratch, int width) throws IOException, InterruptedException {
        Path out = scratch.resolve("dom.html");
        Path err = scratch.resolve("console.txt");
        List<String> command = new ArrayList<>(List.of(
                program().orElseThrow().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--user-data-dir=" + scratch.resolve("profile"),
                "--enable-logging=stderr",
                "--window-size=" + width + ",900",
                "--virtual-time-budget=5000",
                "--dump-dom",
                address));
        Process p = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertThat(p.waitFor(120, TimeUnit.SECONDS)).as("the browser ends").isTrue();
        } finally {
            p.destroyForcibly();
        }
        List<String> console = Files.readString(err, StandardCharsets.UTF_8)
                .lines()
                .filter(l -> l.contains("CONSOLE"))
                .toList();
        return new Shown(Files.readString(out, StandardCharsets.UTF_8), console);
    }
}
