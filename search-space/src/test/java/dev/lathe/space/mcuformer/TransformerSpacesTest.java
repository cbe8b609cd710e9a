package dev.lathe.space.mcuformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The laws for the other spaces of the family. */
class TransformerSpacesTest {
    private static final TaskShape SMALLER = new TaskShape(3, 160, 160, 100);

    abstract static class Laws extends SearchSpaceContract {
        private final SearchSpace space;

        Laws(String name, TaskShape task) {
            this.space = SearchSpaces.create(name, task);
        }

        @Override
        protected SearchSpace space() {
            return space;
        }

        @Override
        protected int points() {
            return 80;
        }
    }

    @Nested
    class McuFormerSmall extends Laws {
        McuFormerSmall() {
            super("mcuformer-s", SMALLER);
        }
    }

    @Nested
    class McuFormerBase extends Laws {
        McuFormerBase() {
            super("mcuformer-b", (TaskShape) SearchSpaces.usualTask("mcuformer-b"));
        }
    }

    @Nested
    class AutoFormerTiny extends Laws {
        AutoFormerTiny() {
            super("autoformer-t", (TaskShape) SearchSpaces.usualTask("autoformer-t"));
        }
    }

    @Nested
    class AutoFormerSmall extends Laws {
        AutoFormerSmall() {
            super("autoformer-s", SMALLER);
        }
    }

    @Nested
    class AutoFormerBase extends Laws {
        AutoFormerBase() {
            super("autoformer-b", (TaskShape) SearchSpaces.usualTask("autoformer-b"));
        }
    }

    @Test
    void autoFormerIsPublishedForImagesOf224Pixels() {
        for (String size : List.of("t", "s", "b")) {
            SearchSpace s = SearchSpaces.create("autoformer-" + size, SearchSpaces.usualTask("autoformer-" + size));
            Graph g = s.lower(s.largest());
            assertThat(g.inputs().get(0).shape().toArray()).containsExactly(3, 224, 224);
            assertThat(g.nodes().get(0).output().shape().extent(1)).isEqualTo(14);
            assertThat(g.output().shape().toArray()).containsExactly(1000);
        }
    }

    @Test
    void autoFormerIsOneSupernetOfDenseLayers() {
        AutoFormerSpace space = new AutoFormerSpace(TransformerSize.SMALL, SMALLER);
        assertThat(space.covering()).containsExactly(space.largest());
        BigInteger nine = BigInteger.valueOf(9);
        assertThat(space.size())
                .isEqualTo(BigInteger.valueOf(3)
                        .multiply(nine.pow(12).add(nine.pow(13)).add(nine.pow(14))));
        assertThat(space.lower(space.largest()).nodes()).noneMatch(n -> n.name().endsWith(".in"));
        // Query, key, value, output and two of the MLP in each layer; the classifier.
        assertThat(space.lower(space.largest()).nodes().stream()
                        .filter(n -> n.op() instanceof Operator.Linear)
                        .count())
                .isEqualTo(14 * 6 + 1);
        assertThat(space.lower(space.largest()).nodes().stream()
                        .flatMap(n -> n.op().parameters().stream())
                        .map(ParameterUse::slice)
                        .filter(s -> s.parameter().startsWith("layer0.relative.keys."))
                        .mapToLong(s -> s.elements()))
                .containsExactly(30L * 64, 30L * 64);
    }
}
