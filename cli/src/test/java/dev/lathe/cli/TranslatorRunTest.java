package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.evolve.Evaluation;
import dev.lathe.graph.CostModel;
import dev.lathe.results.FrontFile;
import dev.lathe.results.TranslatorCard;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.text.TranslationFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way of translators: trained, searched by loss and MACs under a budget, exported. */
class TranslatorRunTest {
    private static final List<String> SMALL = List.of(
            "--set", "training.steps=2",
            "--set", "profile.accuracies=20",
            "--set", "search.evaluations=200",
            "--set", "search.population=20",
            "--set", "front.size=2");
    private static final double MOST_MACS = 35e6;

    @TempDir
    static Path folder;

    private static String data = "";
    private static Path run;
    private static Lathe.Result first;

    @BeforeAll
    static void oneRun() throws IOException {
        StringBuilder s = new StringBuilder();
        StringBuilder t = new StringBuilder();
        for (int i = 0; i < 60; i++) {
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
        first = Lathe.run(
                "run", "-q", "--space", "hat-mini", "--data", data, SMALL, "--budget", "macs=35M", "--out", run);
        assertThat(first.exitCode()).as(first.err()).isZero();
    }

    @Test
    void givenText_whenRun_thenTheFrontIsWithinTheBudgetAndExported() throws IOException {
        TranslationTask task = TranslationFiles.load(data, 1).task();
        SearchSpace space = SearchSpaces.create("hat-mini", task);
        FrontFile.Front front = FrontFile.read(run.resolve("front.csv"));
        assertThat(front.metrics()).containsExactly("loss", "macs", "parameters");
        assertThat(front.members()).hasSizeBetween(1, 2);
        int i = 0;
        for (Evaluation e : front.members()) {
            long macs = CostModel.of(space.lower(e.architecture())).macs();
            assertThat(e.value(1)).isEqualTo(macs).isLessThanOrEqualTo(MOST_MACS);
            TranslatorCard card = TranslatorCard.read(run.resolve("export").resolve("net-%02d.json".formatted(++i)));
            assertThat(card.architecture()).isEqualTo(e.architecture().toString());
        }
        assertThat(Files.readAllLines(run.resolve("losses.csv"))).hasSize(1 + 22);
        assertThat(first.out()).contains("net-01", "BLEU test");
        assertThat(Lathe.run("verify", "-q", run).exitCode()).isZero();
    }

    @Test
    void givenAFinishedRun_whenReported_thenTheSamePageAgain() throws IOException {
        Path page = run.resolve("report.html");
        String text = Files.readString(page);
        assertThat(text)
                .contains("Pareto front", "BLEU of the same networks", "net-01", "Predictor of losses")
                .contains("Supernet training", "The networks in pictures", "budget macs", "of 200 evaluated");
        assertThat(text.length()).isLessThan(2_000_000);
        Files.delete(page);
        Lathe.Result again = Lathe.run("report", "-q", "--out", run);
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(page).hasContent(text);
    }

    @Test
    void givenAFinishedRun_whenSearchedAgain_thenAtOnceTheSameFront() throws IOException {
        byte[] front = Files.readAllBytes(run.resolve("front.csv"));
        Lathe.Result again = Lathe.run("search", "-q", "--out", run);
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.out()).contains("loss (predicted)", "predictor of loss", "random search");
        assertThat(run.resolve("front.csv")).hasBinaryContent(front);
    }

    private static void refused(List<String> more, String... parts) {
        Lathe.Result r = Lathe.run(
                "run",
                "-q",
                "--space",
                "hat-mini",
                "--data",
                data,
                more,
                "--out",
                folder.resolve("r" + more.hashCode()));
        assertThat(r.exitCode()).isEqualTo(2);
        assertThat(r.err().strip()).doesNotContain("\n").contains(parts);
    }

    @Test
    void givenWhatTranslatorsHaveNot_whenRun_thenOneClearLineBeforeTheTraining() {
        refused(List.of("--set", "objectives=[top1,macs]"), "objective 'top1' is not for translators");
        refused(List.of("--budget", "latency=p30"), "budget latency p30 is not for translators");
        refused(List.of("--budget", "macs=1k"), "no network meets the budget macs 1k");
        refused(List.of("--master", "local[2]"), "translators are searched on this machine");
    }
}
