package dev.lathe.space.micronas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MicroNasSpaceTest extends SearchSpaceContract {
    private static final MicroNasSpace SPACE = new MicroNasSpace(MicroNasSpace.UCI_HAR);

    @Override
    protected SearchSpace space() {
        return SPACE;
    }

    @Override
    protected int points() {
        return 2_000;
    }

    @Test
    void theUsualTaskIsActivityRecognition() {
        assertThat(SearchSpaces.usualTask("micronas")).isEqualTo(new TaskShape(1, 128, 9, 6));
        assertThat(SearchSpaces.create("micronas", MicroNasSpace.UCI_HAR).decisions())
                .hasSize(4 * 2 + 2 * (5 + 2 * 6));
    }

    @Test
    void theSizeIsExact() {
        BigInteger cell = BigInteger.valueOf(8 + 7 * 8 * 8);
        BigInteger fusion = cell.multiply(cell.add(BigInteger.ONE).pow(2));
        assertThat(SPACE.size()).isEqualTo(BigInteger.valueOf(12).pow(4).multiply(fusion.pow(2)));
    }

    @Test
    void cellsHalveTimeAndSensorsOfUciHar() {
        Graph g = SPACE.lower(SPACE.largest());
        assertThat(g.nodes())
                .filteredOn(n -> n.op() instanceof Operator.Conv2d && n.name().startsWith("time"))
                .extracting(n -> n.output().shape())
                .containsExactly(Shape.of(16, 64, 9), Shape.of(16, 32, 9), Shape.of(16, 16, 9), Shape.of(16, 8, 9));
        assertThat(g.nodes())
                .filteredOn(n -> n.name().endsWith(".add"))
                .extracting(n -> n.output().shape())
                .containsExactly(
                        Shape.of(64, 8, 5),
                        Shape.of(64, 8, 5),
                        Shape.of(64, 8, 5),
                        Shape.of(64, 8, 3),
                        Shape.of(64, 8, 3),
                        Shape.of(64, 8, 3));
        assertThat(node(g, "fusion0.bottleneck"))
                .extracting(c -> c.kernelX(), c -> c.strideX(), c -> c.kernelY())
                .containsExactly(9, 2, 1);
        assertThat(node(g, "fusion1.residual"))
                .extracting(c -> c.kernelX(), c -> c.strideX())
                .containsExactly(2, 2);
        assertThat(g.output().shape()).isEqualTo(Shape.of(6));
    }

    @ParameterizedTest
    @CsvSource({"2,1", "15,1", "16,2", "31,4", "33,5", "100,6", "128,9", "64,12", "7,23", "4096,128"})
    void windowsOfEveryShapeGiveTheClasses(int steps, int sensors) {
        MicroNasSpace space = new MicroNasSpace(new TaskShape(1, steps, sensors, 12));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20; i++) {
            Architecture a = i == 0 ? space.largest() : space.random(random);
            assertThat(space.lower(a).output().shape()).isEqualTo(Shape.of(12));
        }
        Shape last = space.lower(space.largest()).nodes().stream()
                .filter(n -> n.name().equals("head"))
                .findFirst()
                .orElseThrow()
                .output()
                .shape();
        assertThat(last.extent(1)).isLessThan(16);
        assertThat(last.extent(2)).isLessThan(5);
    }

    @Test
    void aCellWithoutKernelsIsItsResidual() {
        int[] c = SPACE.largest().choices();
        for (int k = 0; k < 3; k++) {
            c[8 + 2 + k] = 0;
        }
        Architecture a = Architecture.of(MicroNasSpace.NAME, c);
        assertThat(SPACE.canonical(a).choice(8)).isZero();
        assertThat(SPACE.canonical(a).choice(9)).isEqualTo(7);
        assertThat(SPACE.lower(a).nodes())
                .filteredOn(n -> n.name().startsWith("fusion0.") && !n.name().contains("extra"))
                .extracting(Node::name)
                .containsExactly("fusion0.residual", "fusion0.residual.norm", "fusion0.residual.relu");
    }

    @Test
    void aSkippedCellLeavesNothing() {
        int[] c = SPACE.largest().choices();
        c[8 + 5] = 0;
        Architecture a = SPACE.canonical(Architecture.of(MicroNasSpace.NAME, c));
        assertThat(java.util.Arrays.copyOfRange(a.choices(), 13, 19)).containsOnly(0);
        assertThat(SPACE.lower(a).nodes()).noneMatch(n -> n.name().startsWith("fusion0.extra0"));
        assertThat(SPACE.lower(a).nodes()).anyMatch(n -> n.name().startsWith("fusion0.extra1"));
    }

    @Test
    void kernelsOfTimeReduceCellsShareNoWeights() {
        assertThat(SPACE.covering()).hasSize(3).startsWith(SPACE.largest());
        assertThat(SPACE.floors()).hasSize(3).startsWith(SPACE.smallest());
        assertThat(SPACE.covering())
                .extracting(a -> node(SPACE.lower(a), null).kernelY())
                .containsExactly(7, 5, 3);
    }

    @ParameterizedTest
    @CsvSource({"3,128,9", "1,1,9", "1,5000,9", "1,128,129"})
    void otherInputsAreRefused(int channels, int steps, int sensors) {
        assertThatThrownBy(() -> new MicroNasSpace(new TaskShape(channels, steps, sensors, 6)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("not %d x %d x %d", channels, steps, sensors);
    }

    /** The convolution of this name; the first where the name is null. */
    private static Operator.Conv2d node(Graph g, @org.jspecify.annotations.Nullable String name) {
        return g.nodes().stream()
                .filter(n -> name == null || n.name().equals(name))
                .map(n -> (Operator.Conv2d) n.op())
                .findFirst()
                .orElseThrow();
    }
}
