package dev.lathe.space.nasbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NasBench201SpaceTest extends SearchSpaceContract {
    private static final NasBench201Space SPACE = new NasBench201Space(new TaskShape(1, 8, 8, 10));

    @Override
    protected SearchSpace space() {
        return SPACE;
    }

    @Override
    protected int points() {
        return 2_000;
    }

    /** Equal cells are no matter of inactive decisions alone, so all codes are counted. */
    @Test
    @Override
    protected void theSizeIsTheNumberOfCanonicalForms() {
        Set<Architecture> canonical = new HashSet<>();
        int[] choices = new int[Cells.EDGES];
        for (int n = 0; n < Cells.COUNT; n++) {
            Cells.read(n, choices);
            canonical.add(SPACE.canonical(Architecture.of(NasBench201Space.NAME, choices)));
        }
        assertThat(Cells.COUNT).isEqualTo(15_625);
        assertThat(SPACE.size()).isEqualTo(BigInteger.valueOf(canonical.size())).isEqualTo(5_425);
    }

    @Test
    void allCanonicalCellsLowerToDifferentGraphs() {
        Set<Graph> graphs = new HashSet<>();
        Set<Architecture> canonical = new HashSet<>();
        int[] choices = new int[Cells.EDGES];
        for (int n = 0; n < Cells.COUNT; n++) {
            Cells.read(n, choices);
            Architecture a = SPACE.canonical(Architecture.of(NasBench201Space.NAME, choices));
            if (canonical.add(a)) {
                graphs.add(SPACE.lower(a));
            }
        }
        assertThat(graphs).hasSameSizeAs(canonical);
    }

    @Test
    void whatLeadsNowhereIsDropped() {
        // Node 2 has no way out, node 1 nothing coming in.
        Architecture a = parse("|none~0|+|nor_conv_3x3~0|none~1|+|nor_conv_1x1~0|nor_conv_3x3~1|none~2|");
        assertThat(NasBench201Text.toText(SPACE.canonical(a)))
                .isEqualTo("|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|");
        assertThat(operations(SPACE.lower(a))).isEqualTo(15);
        assertThat(operations(SPACE.lowerAsPublished(a))).isEqualTo(45);
    }

    @Test
    void aSkipConnectionGivesAValueASecondNameOnly() {
        Architecture through = parse("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|");
        Architecture direct = parse("|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|");
        assertThat(SPACE.canonical(through)).isEqualTo(SPACE.canonical(direct));
    }

    @Test
    void nodesInAnotherOrderAreTheSameNetwork() {
        Architecture a = parse("|nor_conv_1x1~0|+|nor_conv_3x3~0|none~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|");
        Architecture b = parse("|nor_conv_3x3~0|+|nor_conv_1x1~0|none~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|");
        assertThat(SPACE.canonical(a)).isEqualTo(SPACE.canonical(b));
        assertThat(SPACE.canonical(
                        parse("|nor_conv_1x1~0|+|nor_conv_3x3~0|none~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|")))
                .isNotEqualTo(SPACE.canonical(a));
    }

    @Test
    void oneNodeUsedTwiceIsNotTwoNodesOfEqualText() {
        Architecture once = parse("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|skip_connect~1|skip_connect~2|");
        Architecture twice = parse("|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|skip_connect~1|skip_connect~2|");
        assertThat(SPACE.canonical(once)).isNotEqualTo(SPACE.canonical(twice));
        assertThat(SPACE.lower(once).nodes().stream()
                        .filter(n -> n.op() instanceof Operator.Add
                                && n.inputs().get(0).equals(n.inputs().get(1))))
                .hasSize(15);
    }

    @Test
    void aCellWithoutAPathGivesZeros() {
        Graph g = SPACE.lower(parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"));
        assertThat(g.nodes()).filteredOn(n -> n.op() instanceof Operator.Zero).hasSize(15);
        assertThat(SPACE.lower(parse("|none~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|none~2|")))
                .isEqualTo(g);
    }

    @Test
    void stagesHalveTheImageAndDoubleTheChannels() {
        NasBench201Space cifar = new NasBench201Space(NasBench201Space.CIFAR10);
        Graph g = cifar.lower(cifar.largest());
        assertThat(g.nodes())
                .filteredOn(n -> n.name().matches("stage[012]\\.cell4\\.node3\\.add2"))
                .extracting(n -> n.output().shape())
                .containsExactly(Shape.of(16, 32, 32), Shape.of(32, 16, 16), Shape.of(64, 8, 8));
        assertThat(g.output().shape()).isEqualTo(Shape.of(10));
    }

    @Test
    void imagesThatCannotBeHalvedTwiceAreRefused() {
        assertThatThrownBy(() -> new NasBench201Space(new TaskShape(3, 30, 32, 10)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("30 x 32", "multiples of 4");
    }

    private static Architecture parse(String text) {
        return NasBench201Text.parse(text);
    }

    /** Convolutions and poolings within cells. */
    private static long operations(Graph g) {
        return g.nodes().stream()
                .filter(n -> n.name().contains(".edge"))
                .filter(n -> n.op() instanceof Operator.Conv2d || n.op() instanceof Operator.Pool2d)
                .count();
    }
}
