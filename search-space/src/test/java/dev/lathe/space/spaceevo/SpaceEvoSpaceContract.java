package dev.lathe.space.spaceevo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Shape;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpaceContract;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The laws of every SpaceEvo space, beyond those of all spaces. */
abstract class SpaceEvoSpaceContract extends SearchSpaceContract {
    @Override
    protected abstract SpaceEvoSpace space();

    @Override
    protected int points() {
        return 300;
    }

    @Override
    protected boolean countsExactly() {
        return true;
    }

    @Test
    void everyNetworkHasItsTextForm() {
        NetworkText form = new NetworkText(space());
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < 1_000; i++) {
            Architecture a = space().random(random);
            String text = form.toText(a);
            assertThat(form.parse(text)).as(text).isEqualTo(a);
            assertThat(form.toText(form.parse(text))).isEqualTo(text);
        }
    }

    /** A stage alone and within a network of square images is one and the same: nodes, shapes, slices. */
    @Test
    void aStageLowersAloneAsWithinItsNetwork() {
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < 50; i++) {
            Architecture a = space().random(random);
            Graph network = space().lower(a);
            Map<String, Node> nodes = new HashMap<>();
            network.nodes().forEach(n -> nodes.put(n.name(), n));
            Shape input = null;
            for (StageGenes s : space().stages()) {
                List<BlockChoice> blocks = s.blocks(a.choices());
                if (s.stage > 0) {
                    Graph alone = new StageInstance(
                                    space().genome().hyperspace(),
                                    s.stage,
                                    space().genome().blocks().get(s.stage - 1),
                                    input.extent(0),
                                    input.extent(1),
                                    blocks)
                            .lower();
                    assertThat(alone.nodes()).isNotEmpty().allSatisfy(n -> {
                        assertThat(nodes.get(n.name()).op()).isEqualTo(n.op());
                        assertThat(nodes.get(n.name()).output().shape())
                                .isEqualTo(n.output().shape());
                    });
                    assertThat(CostModel.of(alone).macs())
                            .isEqualTo(network.nodes().stream()
                                    .filter(n -> n.name().startsWith("stage" + s.stage + "."))
                                    .mapToLong(Node::macs)
                                    .sum());
                }
                String last = "stage%d.block%d.".formatted(s.stage, blocks.size() - 1);
                input = network.nodes().stream()
                        .filter(n -> n.name().startsWith(last))
                        .reduce((x, y) -> y)
                        .orElseThrow()
                        .output()
                        .shape();
            }
        }
    }

    @Test
    void theCoveringNetworksHaveEveryResidualConvolutionWithinAStage() {
        Map<String, Integer> seen = new HashMap<>();
        for (Architecture a : space().covering()) {
            for (Node n : space().lower(a).nodes()) {
                for (ParameterUse use : n.op().parameters()) {
                    if (use.slice().parameter().endsWith(".shortcut.weight")) {
                        seen.merge(use.slice().parameter(), 1, Integer::sum);
                    }
                }
            }
        }
        for (StageGenes s : space().stages()) {
            for (int b = 1; b < s.maxDepth; b++) {
                String name = "stage%d.block%d.shortcut.weight".formatted(s.stage, b);
                assertThat(seen.getOrDefault(name, 0)).as(name).isEqualTo(s.type.projectedShortcut() ? 2 : 0);
            }
        }
    }
}
