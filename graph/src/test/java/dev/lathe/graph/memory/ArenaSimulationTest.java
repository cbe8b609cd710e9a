package dev.lathe.graph.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Graph;
import dev.lathe.graph.RandomGraphs;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Plans are executed in their arena: no byte that is needed is overwritten, and the stated peak is the highest byte touched. */
class ArenaSimulationTest {
    static DeploymentOptions anyOptions(RandomGenerator random) {
        Set<Technique> allowed = EnumSet.noneOf(Technique.class);
        for (Technique t : Technique.values()) {
            if (random.nextInt(5) > 0) {
                allowed.add(t);
            }
        }
        DeploymentOptions.Staging staging =
                DeploymentOptions.Staging.values()[random.nextInt(DeploymentOptions.Staging.values().length)];
        return new DeploymentOptions(
                1,
                1 + random.nextInt(2),
                DeploymentOptions.Image.values()[random.nextInt(3)],
                staging,
                staging == DeploymentOptions.Staging.TILE ? 40 : 0,
                allowed,
                1 + random.nextInt(3),
                List.of(2, 3),
                0,
                0,
                random.nextInt(6) == 0);
    }

    @Property(tries = 250)
    void graphsOfConvolutionsAndSums(@ForAll long seed, @ForAll @IntRange(min = 1, max = 14) int nodes) {
        SplittableRandom random = new SplittableRandom(seed);
        ArenaSimulator.check(RandomGraphs.make(random, nodes), anyOptions(random));
    }

    @Property(tries = 250)
    void mobileNetworks(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ArenaSimulator.check(Networks.randomMobile(random), anyOptions(random));
    }

    @Property(tries = 120)
    void transformers(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Graph graph = Networks.randomTransformer(random);
        ArenaSimulator.check(graph, anyOptions(random));
    }

    @Property(tries = 250)
    void cellsOfNearlyAllOperators(@ForAll long seed, @ForAll @IntRange(min = 1, max = 16) int nodes) {
        SplittableRandom random = new SplittableRandom(seed);
        ArenaSimulator.check(RandomCells.make(random, nodes), anyOptions(random));
    }

    @Test
    void allTechniquesOnBothKindsOfNetworks() {
        ArenaSimulator.check(
                new Networks.Transformer(16, 4, 12, 2, 2, 6, 4, 5, 10, true).graph(), DeploymentOptions.int8());
        ArenaSimulator.check(Networks.mobileNetV2(32, 10), DeploymentOptions.int8());
    }

    /** What the properties above execute: no kind of region or buffer is left out. */
    @Test
    void theNetworksOfTheSimulationMeetEveryKindOfRegionAndBuffer() {
        Set<DeploymentPlan.Kind> kinds = EnumSet.noneOf(DeploymentPlan.Kind.class);
        Set<DeploymentPlan.Role> roles = EnumSet.noneOf(DeploymentPlan.Role.class);
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Graph graph = seed % 2 == 0 ? Networks.randomMobile(random) : Networks.randomTransformer(random);
            DeploymentPlan plan = DeploymentPlanner.plan(graph, anyOptions(random));
            plan.regions().forEach(r -> kinds.add(r.kind()));
            plan.buffers().forEach(b -> roles.add(b.role()));
        }
        assertThat(kinds).containsExactlyInAnyOrder(DeploymentPlan.Kind.values());
        assertThat(roles).containsExactlyInAnyOrder(DeploymentPlan.Role.values());
    }
}
