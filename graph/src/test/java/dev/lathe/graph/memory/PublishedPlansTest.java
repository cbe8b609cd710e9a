package dev.lathe.graph.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.memory.DeploymentOptions.Image;
import dev.lathe.graph.memory.DeploymentPlan.Kind;
import dev.lathe.graph.memory.DeploymentPlan.Region;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published peaks: MobileNetV2 in patches, transformers that stream. */
class PublishedPlansTest {
    private static final double KIB = 1024;

    /** 1372 kB to 172 kB, 8 times, by 4 x 4 patches: (Lin et al., MCUNetV2, 2021), activations without the image. */
    @Test
    void mobileNetV2NeedsAnEighthInPatches() {
        Graph graph = Networks.mobileNetV2(224, 1000);
        DeploymentOptions options =
                DeploymentOptions.int8().withImage(Image.EXCLUDED).withPatchGrids(List.of(4));
        DeploymentPlan whole = DeploymentPlanner.plan(graph, options.without(Technique.PATCH_STAGES));
        DeploymentPlan patches = DeploymentPlanner.plan(graph, options);

        assertThat(Math.round(whole.peakSramBytes() / KIB)).isEqualTo(1372);
        assertThat(Math.round(patches.peakSramBytes() / KIB)).isEqualTo(172);
        assertThat(MemoryPlanner.peakBytes(graph, 1)).isGreaterThan(4 * patches.peakSramBytes());
        assertThat(patches.patchStage())
                .hasValueSatisfying(s -> assertThat(s.grid()).isEqualTo(4));
        // The halo is about a tenth of the network's 300 M.
        assertThat((double) patches.extraMacs()
                        / graph.nodes().stream().mapToLong(n -> n.macs()).sum())
                .isBetween(0.05, 0.15);
        // With the image counted, read in patches, the rest of the network is still what needs most.
        assertThat(DeploymentPlanner.peakSramBytes(graph, options.withImage(Image.STREAMED)))
                .isEqualTo(patches.peakSramBytes());
        assertThat(DeploymentPlanner.plan(graph, options.withSramLimit(2_000_000))
                        .patchStage())
                .isEmpty();
    }

    /** The closed form of the streaming schedule, KiB; queries, keys and values share a factor of rank 0.7 E. */
    @ParameterizedTest
    @CsvSource({
        "224, 16, 192, 12, 3, 64, 134, 1000, 48, 125, 39",
        "240, 20, 192, 12, 3, 64, 134, 1000, 42, 92, 29",
        "240, 16, 240, 14, 4, 64, 168, 1000, 65, 176, 55",
        "64, 8, 96, 8, 3, 32, 67, 10, 8, 21, 7"
    })
    void transformersStreamInTheStatedMemory(
            int side,
            int patch,
            int e,
            int layers,
            int heads,
            int d,
            int rank,
            int classes,
            long embedding,
            long attention,
            long mlp) {
        Networks.Transformer v = new Networks.Transformer(side, patch, e, layers, heads, d, 4, rank, classes, false);
        DeploymentOptions options = DeploymentOptions.int8();
        DeploymentPlan plan = DeploymentPlanner.plan(v.graph(), options.without(Technique.FACTOR_RECOMPUTATION));

        assertThat(kib(plan, Kind.PATCH_EMBEDDING)).isEqualTo(embedding);
        assertThat(kib(plan, Kind.ATTENTION_ROWS)).isEqualTo(attention);
        assertThat(kib(plan, Kind.TOKEN_TILES)).isEqualTo(mlp);
        assertThat(plan.peakSramBytes()).isEqualTo(plan.largestLiveBytes());

        long t = v.tokens();
        long q = (long) heads * d;
        long bytes = t * e + t * q + t * rank + 2 * t * d + d + 4 * t;
        assertThat(plan.peakSramBytes()).isEqualTo(bytes);
        // Recomputing the factor saves all of it but one token's, and costs it once for each head and once more.
        DeploymentPlan again = DeploymentPlanner.plan(v.graph(), options);
        assertThat(again.peakSramBytes()).isEqualTo(bytes - t * rank);
        assertThat(again.extraMacs()).isEqualTo((2L * heads - 1) * layers * t * e * rank);
    }

    private static long kib(DeploymentPlan plan, Kind kind) {
        long most = 0;
        for (Region r : plan.regions()) {
            for (int s = r.firstStep(); r.kind() == kind && s <= r.lastStep(); s++) {
                most = Math.max(most, plan.liveBytesAt(s));
            }
        }
        return Math.round(most / KIB);
    }
}
