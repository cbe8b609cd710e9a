package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksumsTest {
    @TempDir
    Path folder;

    private Path a;
    private Path b;

    @BeforeEach
    void twoFiles() throws IOException {
        a = Files.writeString(folder.resolve("a.txt"), "a");
        b = Files.writeString(Files.createDirectory(folder.resolve("c")).resolve("b.txt"), "b");
        Checksums.update(folder, p -> true, List.of(b, a));
    }

    @Test
    void givenFiles_whenNoted_thenTheFormIsThatOfSha256sum() throws Exception {
        // printf a | sha256sum
        assertThat(folder.resolve(Checksums.FILE))
                .hasContent("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.txt\n"
                        + "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d  c/b.txt\n");
        assertThat(Checksums.faults(folder)).isEmpty();
        if (Files.isExecutable(Path.of("/usr/bin/sha256sum"))) {
            Process p = new ProcessBuilder("sha256sum", "--check", "--strict", Checksums.FILE)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            assertThat(p.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(p.exitValue()).isZero();
        }
    }

    @Test
    void givenAPartNotedAnew_whenItHasFewerFiles_thenOldOnesGoAndOtherPartsStay() throws Exception {
        Path more = Files.writeString(folder.resolve("c/more.txt"), "x");
        Checksums.update(folder, p -> p.startsWith("c/"), List.of(b, more));
        Files.writeString(a, "changed");
        Checksums.update(folder, p -> p.startsWith("c/"), List.of(b));
        assertThat(more).doesNotExist();
        // Noting one part does not bless what was changed in another.
        assertThat(Checksums.faults(folder)).containsOnlyKeys("a.txt");
    }

    @Test
    void givenLinesThatPointElsewhere_whenChecked_thenTheyAreFaultsAndNothingElsewhereIsTouched() throws Exception {
        Path outside = Files.writeString(folder.resolve("outside.txt"), "o");
        Path inner = Files.createDirectory(folder.resolve("inner"));
        String hash = "0".repeat(64);
        for (String path :
                List.of("../outside.txt", "/etc/passwd", "c/../../outside.txt", "", "c//b", "c/./b", "a\tb")) {
            Files.writeString(inner.resolve(Checksums.FILE), hash + "  " + path + "\n");
            assertThat(Checksums.faults(inner)).as(path).containsOnlyKeys(Checksums.FILE + " line 1");
            Checksums.update(inner, p -> true, List.of());
            assertThat(outside).exists();
        }
    }

    @Test
    void givenNoList_whenChecked_thenItIsBadInput() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> Checksums.faults(empty))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(Checksums.FILE);
    }
}
