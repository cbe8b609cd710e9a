package dev.lathe.graph.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Graph;
import dev.lathe.graph.RandomGraphs;
import dev.lathe.graph.memory.DeploymentOptions.Image;
import dev.lathe.graph.memory.DeploymentOptions.Staging;
import dev.lathe.graph.memory.DeploymentPlan.Buffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Laws of plans on random networks. What every plan must keep is tried on new networks each time. What compares two plans is
 * tried on the same ones: beyond small graphs packing is a heuristic, and a law that holds for tens of thousands is no proof.
 */
class DeploymentPlannerTest {
    private static Graph anyGraph(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> RandomGraphs.make(random, 1 + random.nextInt(20));
            case 1 -> RandomCells.make(random, 1 + random.nextInt(16));
            case 2 -> Networks.randomMobile(random);
            default -> Networks.randomTransformer(random);
        };
    }

    @Property(tries = 600)
    void noArenaIsBelowTheLargestLiveSetAndNoTwoLiveBuffersShareAByte(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Graph graph = anyGraph(random);
        DeploymentOptions options = ArenaSimulationTest.anyOptions(random);
        DeploymentPlan plan = DeploymentPlanner.plan(graph, options);
        long live = 0;
        long top = 0;
        for (Buffer a : plan.buffers()) {
            live = Math.max(live, plan.liveBytesAt(a.firstStep()));
            top = Math.max(top, a.offset() + a.bytes());
            for (Buffer b : plan.buffers()) {
                int common = Math.max(a.firstStep(), b.firstStep());
                if (a != b && common <= Math.min(a.lastStep(), b.lastStep())) {
                    // Buffers never grow, so those that are apart when the later one starts stay apart.
                    boolean apart = a.offset() + a.bytesAt(common) <= b.offset()
                            || b.offset() + b.bytesAt(common) <= a.offset()
                            || a.bytesAt(common) == 0
                            || b.bytesAt(common) == 0;
                    assertThat(apart).as("%s and %s", a, b).isTrue();
                }
            }
        }
        assertThat(plan.largestLiveBytes()).isEqualTo(live);
        assertThat(plan.peakSramBytes()).isEqualTo(top).isGreaterThanOrEqualTo(live);
        assertThat(DeploymentPlanner.peakSramBytes(graph, options)).isEqualTo(plan.peakSramBytes());
    }

    @Property(tries = 250, seed = "20260")
    void allowingATechniqueNeverEnlargesTheArena(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Graph graph = anyGraph(random);
        DeploymentOptions options = ArenaSimulationTest.anyOptions(random).withRegionsKept(false);
        long all = DeploymentPlanner.peakSramBytes(graph, options);
        for (Technique t : options.techniques()) {
            assertThat(all)
                    .as("%s besides %s", t, options.without(t))
                    .isLessThanOrEqualTo(DeploymentPlanner.peakSramBytes(graph, options.without(t)));
        }
    }

    @Property(tries = 400)
    void smallGraphsNeedWhatExhaustiveSearchFinds(@ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int nodes) {
        SplittableRandom random = new SplittableRandom(seed);
        Graph graph = RandomGraphs.make(random, nodes);
        Set<Technique> allowed = EnumSet.noneOf(Technique.class);
        for (Technique t : List.of(Technique.FUSION, Technique.IN_PLACE, Technique.REORDERING)) {
            if (random.nextInt(3) > 0) {
                allowed.add(t);
            }
        }
        DeploymentOptions options =
                DeploymentOptions.int8().withImage(Image.RESIDENT).withTechniques(allowed);

        assertThat(DeploymentPlanner.peakSramBytes(graph, options))
                .as("%s", allowed)
                .isEqualTo(Exhaustive.peak(
                        graph,
                        allowed.contains(Technique.FUSION),
                        allowed.contains(Technique.IN_PLACE),
                        allowed.contains(Technique.REORDERING)));
    }

    @Property(tries = 200, seed = "20261")
    void underALimitNothingIsComputedTwiceThatNeedNotBe(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Graph graph = random.nextBoolean() ? Networks.randomMobile(random) : Networks.randomTransformer(random);
        DeploymentOptions options = ArenaSimulationTest.anyOptions(random).withRegionsKept(false);
        DeploymentPlan smallest = DeploymentPlanner.plan(graph, options);
        DeploymentPlan once = DeploymentPlanner.plan(
                graph, options.without(Technique.PATCH_STAGES).without(Technique.FACTOR_RECOMPUTATION));

        DeploymentPlan ample = DeploymentPlanner.plan(graph, options.withSramLimit(once.peakSramBytes()));
        assertThat(ample.extraMacs()).isZero();
        assertThat(ample.peakSramBytes()).isLessThanOrEqualTo(once.peakSramBytes());

        DeploymentPlan tight = DeploymentPlanner.plan(graph, options.withSramLimit(smallest.peakSramBytes()));
        assertThat(tight.peakSramBytes()).isLessThanOrEqualTo(smallest.peakSramBytes());
        assertThat(tight.extraMacs()).isLessThanOrEqualTo(smallest.extraMacs());

        long between = (smallest.peakSramBytes() + once.peakSramBytes()) / 2;
        DeploymentPlan plan = DeploymentPlanner.plan(graph, options.withSramLimit(between));
        assertThat(plan.peakSramBytes()).isLessThanOrEqualTo(between);
        assertThat(plan.extraMacs()).isLessThanOrEqualTo(smallest.extraMacs());
    }

    @Property(tries = 200)
    void regionsAreKeptWhereFirmwareHasNothingElse(@ForAll long seed) {
        Graph graph = Networks.randomTransformer(new SplittableRandom(seed));
        DeploymentOptions options = DeploymentOptions.int8();
        DeploymentPlan kept = DeploymentPlanner.plan(graph, options.withRegionsKept(true));
        assertThat(kept.regions())
                .extracting(DeploymentPlan.Region::kind)
                .startsWith(DeploymentPlan.Kind.PATCH_EMBEDDING)
                .contains(DeploymentPlan.Kind.ATTENTION_ROWS, DeploymentPlan.Kind.POOLED_TOKENS)
                .endsWith(DeploymentPlan.Kind.OPERATOR)
                .filteredOn(kind -> kind == DeploymentPlan.Kind.OPERATOR)
                .hasSize(1);
        assertThat(DeploymentPlanner.peakSramBytes(graph, options)).isLessThanOrEqualTo(kept.peakSramBytes());
    }

    @Property(tries = 60, seed = "20262")
    void stagedWeightsNeedMoreThanWeightsReadInPlace(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Graph graph = anyGraph(random);
        DeploymentOptions options = DeploymentOptions.int8();
        long inPlace = DeploymentPlanner.peakSramBytes(graph, options);
        long tile = DeploymentPlanner.peakSramBytes(graph, options.withStaging(Staging.TILE, 32));
        long whole = DeploymentPlanner.peakSramBytes(graph, options.withStaging(Staging.WHOLE, 0));
        assertThat(inPlace).isLessThanOrEqualTo(tile).isGreaterThanOrEqualTo(tile - 32);
        assertThat(tile).isLessThanOrEqualTo(Math.max(whole, inPlace + 32));
    }
}
