package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.graph.CostModel;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankTest {
    @TempDir
    Path folder;

    private static RankStep.Row row(int i, long macs, double inherited, double alone) {
        return new RankStep.Row(Architecture.of("x", i), macs, macs, inherited, 1 - inherited, alone, 1 - alone, 1);
    }

    @Test
    void aSupernetThatRanksRightIsFitAndOneThatRanksByMacsIsNot() {
        List<RankStep.Row> right = new ArrayList<>();
        List<RankStep.Row> wrong = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            double alone = 0.7 + 0.01 * i;
            right.add(row(i, i * 7L % 20, alone - 0.05, alone));
            wrong.add(row(i, i, 0.9 - 0.01 * i, alone));
        }
        RankStep.Quality good = RankStep.quality(right, 1);
        assertThat(good.tau()).isCloseTo(1, within(1e-9));
        assertThat(good.lossTau()).isCloseTo(1, within(1e-9));
        assertThat(good.regret()).isZero();
        assertThat(good.gap()).isCloseTo(0.05, within(1e-9));
        assertThat(good.fitToSearch()).isTrue();
        RankStep.Quality bad = RankStep.quality(wrong, 1);
        assertThat(bad.tau()).isCloseTo(-1, within(1e-9));
        assertThat(bad.lossTau()).isCloseTo(-1, within(1e-9));
        assertThat(bad.macsTau()).isCloseTo(1, within(1e-9));
        assertThat(bad.regret()).isCloseTo(0.19, within(1e-9));
        assertThat(bad.regretOf5()).isCloseTo(0.15, within(1e-9));
        assertThat(bad.fitToSearch()).isFalse();
        assertThat(RankCommand.verdict(bad)).startsWith("Not fit to search");
    }

    @Test
    void theNetworksSpreadOverTheMacs() {
        SearchSpace space = SearchSpaces.create("mbconv-tiny", new TaskShape(1, 8, 8, 10));
        List<Architecture> chosen = RankStep.stratified(space, 20, 3);
        assertThat(new HashSet<>(chosen)).hasSize(20);
        long before = 0;
        for (Architecture a : chosen) {
            long macs = CostModel.of(space.lower(a)).macs();
            assertThat(macs).isGreaterThanOrEqualTo(before);
            before = macs;
        }
        assertThat(RankStep.stratified(space, 20, 3)).isEqualTo(chosen);
    }

    @Test
    void rankTrainsAloneOnceAndReadsItsRowsAgain() throws Exception {
        Path out = folder.resolve("run");
        Lathe.Result first = Lathe.run("rank", "-q", Lathe.SMALL, "--networks", "5", "--out", out, "--json");
        assertThat(first.exitCode()).as(first.err()).isZero();
        JsonNode json = Json.json().readTree(first.out());
        assertThat(json.get("rows")).hasSize(5);
        byte[] rows = Files.readAllBytes(out.resolve(RankStep.FILE));
        List<String> scores = Files.readAllLines(out.resolve("accuracies.csv"));
        List<String> compared = Files.readAllLines(out.resolve(RankStep.FILE));
        assertThat(scores).hasSameSizeAs(compared);
        for (int i = 1; i < scores.size(); i++) {
            String[] c = compared.get(i).split(",");
            assertThat(scores.get(i)).startsWith(c[0] + "," + c[3] + "," + c[4] + ",");
        }
        Lathe.Result again = Lathe.run("rank", "-q", "--networks", "5", "--out", out, "--json");
        assertThat(again.out()).isEqualTo(first.out());
        assertThat(Files.readAllBytes(out.resolve(RankStep.FILE))).isEqualTo(rows);
        Files.writeString(
                out.resolve(RankStep.FILE), Files.readString(out.resolve(RankStep.FILE)) + "mbconv-tiny:1,x\n");
        Lathe.Result broken = Lathe.run("rank", "-q", "--networks", "5", "--out", out);
        assertThat(broken.exitCode()).isEqualTo(2);
        assertThat(broken.err()).contains("rank.csv", "line 7").hasLineCount(1);
        assertThat(Lathe.run("rank", "-q", "--networks", "2", "--out", out).exitCode())
                .isEqualTo(2);
    }
}
