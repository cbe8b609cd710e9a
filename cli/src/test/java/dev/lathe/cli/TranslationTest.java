package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.supernet.SupernetTrainer;
import dev.lathe.supernet.text.BytePairVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TranslationTest {
    private static final List<String> SHORT = List.of("--set", "training.steps=2", "--set", "training.batchSize=64");

    @TempDir
    Path folder;

    private String data = "";
    private int refusals;

    @BeforeEach
    void text() throws IOException {
        StringBuilder s = new StringBuilder();
        StringBuilder t = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            s.append(i % 10 == 9 ? "" : "a man and dog number " + i % 7).append('\n');
            t.append("ein Mann und Hund Nummer ").append(i % 7).append('\n');
        }
        data = "parallel:" + Files.writeString(folder.resolve("s.txt"), s) + ","
                + Files.writeString(folder.resolve("t.txt"), t);
    }

    @Test
    void givenParallelText_whenTrainedTwice_thenTheSecondTimeIsAtOnceAndSaysTheSame() {
        Path out = folder.resolve("run");
        Lathe.Result first = Lathe.run("train", "--space", "hat-mini", "--data", data, SHORT, "--out", out);
        assertThat(first.err()).isEmpty();
        assertThat(first.exitCode()).isZero();
        assertThat(first.out())
                .contains("pairs left out, empty or too long: 4")
                .contains("largest network, validation: ")
                .contains("smallest network, validation: ")
                .contains("nats a token, sacreBLEU ");
        assertThat(out.resolve("supernet").resolve(SupernetTrainer.CHECKPOINT)).exists();
        assertThat(BytePairVocabulary.read(out.resolve("supernet").resolve(TranslationStep.VOCABULARY))
                        .size())
                .isGreaterThan(20);
        Lathe.Result second = Lathe.run("train", "--out", out);
        assertThat(second.exitCode()).isZero();
        assertThat(second.out()).isEqualTo(first.out());
    }

    private void refused(List<String> command, String... parts) {
        Path out = folder.resolve("refused" + refusals++);
        Lathe.Result r = Lathe.run(command, "--out", out);
        assertThat(r.exitCode()).isEqualTo(2);
        assertThat(r.err().strip()).doesNotContain("\n").contains(parts);
        assertThat(out.resolve("supernet").resolve(SupernetTrainer.CHECKPOINT)).doesNotExist();
    }

    @Test
    void givenTextWhereThereShouldBeImagesOrTheOtherWayRound_whenRun_thenOneClearLine() {
        refused(List.of("profile", "--space", "hat-mini", "--data", data), "is text", "lathe train", "lathe export");
        refused(List.of("train", "--space", "mbconv-tiny", "--data", data), "mbconv-tiny classifies images");
        refused(List.of("train", "--space", "hat-mini", "--data", "digits"), "hat-mini translates sentences");
        refused(
                List.of("train", "--space", "hat-mini", "--data", data, "--set", "training.flip=true"),
                "training.flip");
        refused(List.of("train", "--space", "hat-mini", "--data", data, "--image-size", "32"), "imageSize is 32");
        refused(List.of("train", "--space", "hat-mini", "--data", "parallel:none"), "parallel:SOURCE_FILE,TARGET_FILE");
        refused(List.of("train", "--space", "hat-mini", "--data", "multi30k:" + folder), "no file train.en");
    }
}
