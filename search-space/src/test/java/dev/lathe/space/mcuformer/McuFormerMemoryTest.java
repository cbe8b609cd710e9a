package dev.lathe.space.mcuformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Graph;
import dev.lathe.graph.memory.DeploymentOptions;
import dev.lathe.graph.memory.DeploymentPlan;
import dev.lathe.graph.memory.DeploymentPlanner;
import dev.lathe.graph.memory.Technique;
import dev.lathe.space.Architecture;
import dev.lathe.space.Comparison;
import dev.lathe.space.TaskShape;
import dev.lathe.space.mcuformer.TransformerSettings.Block;
import dev.lathe.space.mcuformer.TransformerSettings.Factoring;
import java.util.List;
import org.junit.jupiter.api.Test;

class McuFormerMemoryTest {
    private static final TaskShape TASK = new TaskShape(3, 240, 240, 1000);

    @Test
    void everyPublishedFigureAgrees() {
        List<Comparison> all = McuFormerMemory.compare();
        assertThat(all).allSatisfy(c -> assertThat(c.agrees()).as(c.toString()).isTrue());
        assertThat(all).hasSize(4 + 6 + 5 + 20 + 6);
        assertThat(all)
                .extracting(Comparison::ours)
                .contains("24 of 24 agree", "8 of 8 agree", "5 of 5 agree", "3 of 3 agree", "9.7935400 M");
    }

    /** E 168, 12 layers of 3 heads and MLP ratio 3.5, r 0.4, patches of 16: F 588, ranks 102 and 67, 226 tokens. */
    @Test
    void thePapersRuleIsTheLargestWeightsAndTheLargestActivation() {
        McuFormerSpace space = new McuFormerSpace(TransformerSize.TINY, TASK);
        Architecture a = space.inSupernet(space.smallest(), 0, 0);
        // The classifier has the most weights, 1000 x 168; q, k and v together the largest activation, F being 12
        // wider.
        assertThat(MemoryModels.wholeLayers(space.lower(a))).isEqualTo(1000L * 168 + 226L * 588);
        McuFormerSpace few = new McuFormerSpace(TransformerSize.TINY, new TaskShape(3, 240, 240, 10));
        // The last matrix of q, k and v: 3 x 192 rows of 102.
        assertThat(MemoryModels.wholeLayers(few.lower(a))).isEqualTo(3L * 192 * 102 + 226L * 588);
    }

    @Test
    void theReleasedEstimateTakesTheGreatestRatioOfAllLayers() {
        TransformerSettings s = new TransformerSettings(
                16, 192, 64, List.of(new Block(3, 672), new Block(3, 768)), new Factoring(3, 230, 0.9), true);
        assertThat(MemoryModels.released(240, s)).isEqualTo(192 * (226 * 5 + 768 * 0.9));
        // Patches of 28 do not fill 240 pixels: 73.47 tokens, not 81.
        assertThat(MemoryModels.released(240, 28, 100, 4, 0))
                .isCloseTo(37234.69, org.assertj.core.data.Offset.offset(0.01));
    }

    @Test
    void theSecondMatrixOfAttentionCountsWhereHeadsAreMany() {
        assertThat(MemoryModels.secondMatrix(145, 168, 4 * 168, 256, 0.74, 0.86))
                .isEqualTo(224_572);
        assertThat(MemoryModels.secondMatrix(145, 168, 100, 256, 0.74, 0.86)).isEqualTo(224_572);
        assertThat(MemoryModels.secondMatrix(10, 100, 50, 0, 0, 0.5)).isEqualTo(500 + 500 + 2500);
    }

    @Test
    void streamingKeepsOnlyActivations() {
        TransformerSettings dense =
                TransformerSettings.uniform(16, 192, 64, 12, new Block(3, 768), Factoring.DENSE, false);
        TaskShape task = new TaskShape(3, 224, 224, 1000);
        StreamedMemory m = StreamedMemory.of(dense, task, 2);
        assertThat(m)
                .isEqualTo(new StreamedMemory(
                        197 * 192 + 3 * 224 * 16 + 3 * 256,
                        2 * 197 * 192 + 2 * 197 * 64 + 64 + 192 + 4 * 197,
                        197 * 192 + 2 * 960,
                        197 * 192 + 5 * 192 + 2000));
        assertThat(m.peak()).isEqualTo(m.attention());
    }

    @Test
    void lowRankAddsItsInputsToStreaming() {
        TransformerSettings s = new TransformerSettings(
                16, 168, 64, List.of(new Block(4, 588), new Block(3, 672)), new Factoring(3, 102, 0.4), true);
        StreamedMemory m = StreamedMemory.of(s, TASK, 3);
        // Each phase takes its own widest layer: attention the first, the MLP the second.
        assertThat(m.attention()).isEqualTo(226L * (168 + 256 + 102 + 128 + 4) + 64 + 168);
        assertThat(m.mlp()).isEqualTo(226L * 168 + 3 * (168 + 672 + 67));
    }

    /** With relative positions, ranks and 14 blocks of their own sizes: what the closed form leaves out is stated. */
    @Test
    void thePlannerNeedsWhatTheClosedFormSays() {
        McuFormerSpace space = new McuFormerSpace(TransformerSize.TINY, TASK);
        TransformerSettings s = space.settings(TransformerText.parse(space, McuFormerMemory.RERUN));
        StreamedMemory m = StreamedMemory.of(s, TASK, 2);
        DeploymentOptions options = DeploymentOptions.int8();
        DeploymentPlan kept =
                DeploymentPlanner.plan(McuFormerMemory.graph(s, TASK), options.without(Technique.FACTOR_RECOMPUTATION));
        // Scores and two tables of relative positions, for keys and for values, 30 rows twice, 4 bytes each; no token's
        // norm.
        long relative = 2 * 2 * 30 * 4;
        assertThat(kept.peakSramBytes()).isEqualTo(m.attention() - s.width() + relative);
        assertThat(kept.patchStage()).isEmpty();

        DeploymentPlan again = DeploymentPlanner.plan(McuFormerMemory.graph(s, TASK), options);
        long tokens = 226;
        assertThat(again.peakSramBytes())
                .isEqualTo(kept.peakSramBytes() - tokens * s.factoring().attentionRank());
    }

    @Test
    void theNetworksOfTheComparisonHaveNamesOfTheirOwn() {
        Graph g = McuFormerMemory.graph(
                TransformerSettings.uniform(8, 96, 32, 2, new Block(3, 384), Factoring.DENSE, false),
                new TaskShape(3, 64, 64, 10));
        assertThat(g.output().shape().toArray()).containsExactly(10);
    }
}
