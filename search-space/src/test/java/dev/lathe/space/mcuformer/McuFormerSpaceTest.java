package dev.lathe.space.mcuformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Shape;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class McuFormerSpaceTest extends SearchSpaceContract {
    private static final TaskShape TASK = new TaskShape(3, 240, 240, 1000);

    private final McuFormerSpace space = new McuFormerSpace(TransformerSize.TINY, TASK);

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 250;
    }

    @Test
    void allSizesAreKnownByName() {
        for (String size : List.of("t", "s", "b")) {
            SearchSpace s = SearchSpaces.create("mcuformer-" + size, TASK);
            assertThat(s.name()).isEqualTo("mcuformer-" + size);
            assertThat(SearchSpaces.usualTask(s.name())).isEqualTo(TASK);
            assertThat(s.covering()).hasSize(60).doesNotHaveDuplicates().contains(s.largest());
            assertThat(s.floors()).hasSize(60).doesNotHaveDuplicates().contains(s.smallest());
        }
    }

    @Test
    void sizesAreCounted() {
        BigInteger four = BigInteger.valueOf(4);
        assertThat(space.size())
                .isEqualTo(BigInteger.valueOf(5 * 12 * 3)
                        .multiply(four.pow(12).add(four.pow(13)).add(four.pow(14))));
        BigInteger six = BigInteger.valueOf(6);
        assertThat(new McuFormerSpace(TransformerSize.BASE, TASK).size())
                .isEqualTo(BigInteger.valueOf(5 * 12 * 3)
                        .multiply(six.pow(14).add(six.pow(15)).add(six.pow(16))));
    }

    @Test
    void theLargestNetworkComputesTheMostAndTheSmallestTheLeast() {
        long most = macs(space.largest());
        long least = macs(space.smallest());
        for (Architecture a : space.covering()) {
            assertThat(macs(a)).isLessThanOrEqualTo(most);
        }
        for (Architecture a : space.floors()) {
            assertThat(macs(a)).isGreaterThanOrEqualTo(least);
        }
    }

    private long macs(Architecture a) {
        return CostModel.of(space.lower(a)).macs();
    }

    @Test
    void supernetsOfDifferentPatchOrRatioShareNoParameter() {
        Set<String> seen = new HashSet<>();
        int total = 0;
        for (Architecture a : space.covering()) {
            Set<String> own = parameters(space.lower(a));
            total += own.size();
            seen.addAll(own);
        }
        assertThat(seen).hasSize(total);
        assertThat(parameters(space.lower(space.largest()))).contains("p16.r95.layer0.query.weight");
    }

    private static Set<String> parameters(Graph g) {
        return g.nodes().stream()
                .flatMap(n -> n.op().parameters().stream())
                .map(ParameterUse::slice)
                .map(dev.lathe.graph.WeightSlice::parameter)
                .collect(Collectors.toSet());
    }

    @Test
    void ranksAreOfTheSupernetInAttentionAndOfTheNetworkInTheMlp() {
        // r = 0.4, E = 168: floor(256 r) = 102, floor(168 r) = 67.
        Graph g = space.lower(space.smallest());
        assertThat(node(g, "p32.r40.layer0.qkv.in").output().shape()).isEqualTo(Shape.of(65, 102));
        assertThat(node(g, "p32.r40.layer0.project.middle").output().shape()).isEqualTo(Shape.of(65, 102));
        assertThat(node(g, "p32.r40.layer0.up.in").output().shape()).isEqualTo(Shape.of(65, 67));
        assertThat(node(g, "p32.r40.layer0.down.middle").output().shape()).isEqualTo(Shape.of(65, 67));
        assertThat(node(g, "p32.r40.layer0.up").output().shape()).isEqualTo(Shape.of(65, 588));
    }

    @Test
    void headsAre64WideWhateverTheWidth() {
        Graph g = space.lower(space.largest());
        assertThat(node(g, "p16.r95.layer13.query").output().shape()).isEqualTo(Shape.of(226, 256));
        assertThat(node(g, "p16.r95.layer13.scores").output().shape()).isEqualTo(Shape.of(4, 226, 226));
        assertThat(node(g, "p16.r95.layer13.project").output().shape()).isEqualTo(Shape.of(226, 216));
    }

    @Test
    void relativePositionsCanBeLeftOut() {
        McuFormerSpace without = new McuFormerSpace(TransformerSize.TINY, TASK, false);
        Graph g = without.lower(without.largest());
        assertThat(g.nodes())
                .noneMatch(n -> n.op() instanceof Operator.RelativeKeys || n.op() instanceof Operator.RelativeValues);
        long with = CostModel.of(space.lower(space.largest())).parameters();
        assertThat(with - CostModel.of(g).parameters()).isEqualTo(14L * 4 * 30 * 64);
    }

    @Test
    void lowerIsTheClassifierOfTheTask() {
        McuFormerSpace digits = new McuFormerSpace(TransformerSize.TINY, new TaskShape(1, 32, 48, 10));
        Graph g = digits.lower(digits.largest());
        assertThat(g.output().shape()).isEqualTo(Shape.of(10));
        assertThat(node(g, "p16.r95.class").output().shape()).isEqualTo(Shape.of(7, 216));
    }

    @Test
    void imagesThatPatchesCannotFillAreRefused() {
        for (TaskShape t :
                List.of(new TaskShape(3, 225, 225, 10), new TaskShape(3, 6, 6, 10), new TaskShape(3, 240, 1024, 10))) {
            assertThatThrownBy(() -> new McuFormerSpace(TransformerSize.TINY, t))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(t.height() + " x " + t.width());
        }
    }

    /** A layer's smaller forms are the first rows and columns of its largest. */
    @Test
    void everySliceStartsAtTheFirstIndex() {
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < 20; i++) {
            for (Node n : space.lower(space.random(random)).nodes()) {
                for (ParameterUse use : n.op().parameters()) {
                    assertThat(use.slice().ranges()).allMatch(r -> r.from() == 0);
                }
            }
        }
    }

    private static Node node(Graph g, String name) {
        return g.nodes().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
    }
}
