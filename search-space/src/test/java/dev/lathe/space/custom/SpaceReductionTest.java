package dev.lathe.space.custom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.math.BigInteger;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class SpaceReductionTest {
    private static String text(String name) throws Exception {
        return Files.readString(Described.EXAMPLES.resolve(name));
    }

    private static SearchSpace space(String yaml) {
        SpaceFile f = SpaceFile.parse("test", yaml);
        return f.space(f.usualTask());
    }

    /** Each network of the smaller space is one of the whole space: the same operators, shapes and costs, though kernels may lie elsewhere. */
    @Test
    void theSmallerSpaceHoldsSomeOfTheNetworks() throws Exception {
        String whole = text("mbconv-tiny.yaml");
        String less = SpaceReduction.reduce(
                whole,
                "less",
                Map.of("stage.block.kernel", List.of(0), "width", List.of(1, 2)),
                UnaryOperator.identity());
        SearchSpace big = space(whole);
        SearchSpace small = space(less);
        assertThat(small.name()).isEqualTo("less");
        assertThat(small.size()).isLessThan(big.size());
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100; i++) {
            Architecture a = small.random(random);
            int[] choices = new int[big.decisions().size()];
            for (int d = 0; d < choices.length; d++) {
                assertThat(small.decisions().get(d).name())
                        .isEqualTo(big.decisions().get(d).name());
                double value = small.decisions().get(d).value(a.choice(d));
                choices[d] = big.decisions().get(d).choices().indexOf(value);
            }
            Graph ours = small.lower(a);
            Graph theirs = big.lower(big.canonical(Architecture.of(big.name(), choices)));
            assertThat(CostModel.of(ours)).isEqualTo(CostModel.of(theirs));
            assertThat(outputs(ours)).isEqualTo(outputs(theirs));
        }
    }

    private static List<String> outputs(Graph g) {
        return g.nodes().stream().map(n -> n.name() + n.output().shape()).toList();
    }

    @Test
    void whatIsKeptWholeIsTheSameSpace() throws Exception {
        for (String name : List.of("mbconv-tiny.yaml", "vit-tiny.yaml")) {
            SearchSpace same = space(SpaceReduction.reduce(text(name), "same", Map.of(), UnaryOperator.identity()));
            assertThat(same.size()).isEqualTo(space(text(name)).size());
            assertThat(same.decisions()).isEqualTo(space(text(name)).decisions());
        }
        SearchSpace fewer = space(SpaceReduction.reduce(
                text("vit-tiny.yaml"), "fewer", Map.of("patch", List.of(1)), UnaryOperator.identity()));
        assertThat(fewer.decisions().get(0).choices()).containsExactly(4.0);
        assertThat(fewer.size()).isEqualTo(space(text("vit-tiny.yaml")).size().divide(BigInteger.TWO));
    }

    @Test
    void aConditionThatNeverHoldsAnyMoreIsRefused() {
        String yaml = """
            name: gated
            description: a gate that may be there
            input: {channels: 1, height: 8, width: 8, classes: 10}
            decisions:
              gated: [0, 1]
              gate: {choices: [4, 8], when: gated == 1}
            layers:
              stem: {type: conv, outputs: "if(gated == 1, gate, 16)", kernel: 3}
              head: {type: classifier}
            """;
        assertThat(space(yaml).size()).isEqualTo(BigInteger.valueOf(3));
        assertThatThrownBy(() ->
                        SpaceReduction.reduce(yaml, "less", Map.of("gated", List.of(0)), UnaryOperator.identity()))
                .isInstanceOf(InvalidInputException.class);
        assertThat(space(SpaceReduction.reduce(yaml, "less", Map.of("gate", List.of(1)), UnaryOperator.identity()))
                        .size())
                .isEqualTo(BigInteger.TWO);
        assertThat(SearchSpaces.nameOf(
                        SpaceReduction.reduce(yaml, "less", Map.of("gate", List.of(1)), UnaryOperator.identity())))
                .isEqualTo("less");
    }
}
