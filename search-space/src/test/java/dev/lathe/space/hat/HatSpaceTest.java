package dev.lathe.space.hat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Range;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import dev.lathe.space.TranslationTask;
import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HatSpaceTest extends SearchSpaceContract {
    private final HatSpace space = new HatSpace(HatSettings.WMT_EN_DE, HatSettings.WMT_EN_DE.usualTask());

    /** 512 wide and 6 deep on the left, 640 wide and 3 deep on the right. */
    private final Architecture mixed = space.architecture(new HatConfiguration(
            512,
            List.of(1024, 2048, 3072, 1024, 2048, 3072),
            List.of(4, 8, 4, 8, 4, 8),
            640,
            List.of(1024, 2048, 3072),
            List.of(4, 8, 4),
            List.of(8, 4, 8),
            List.of(3, 1, 2)));

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 400;
    }

    @Test
    void thereAreFourHundredAndEighteenTrillionNetworks() {
        BigInteger decoders = BigInteger.ZERO;
        for (int depth = 1; depth <= 6; depth++) {
            decoders = decoders.add(BigInteger.valueOf(3 * 2 * 2 * 3).pow(depth));
        }
        assertThat(space.size())
                .isEqualTo(BigInteger.valueOf(2 * 2 * 46_656).multiply(decoders))
                .isEqualTo(new BigInteger("417846678672384"));
    }

    @Test
    void queriesKeysAndValuesAreRowsOfOneMatrixAndLeadingColumns() {
        Graph g = space.lower(mixed);
        assertThat(weight(g, "decoder1.attention.query")).isEqualTo(rows("decoder1.attention.qkv.weight", 0, 640));
        assertThat(weight(g, "decoder1.attention.value")).isEqualTo(rows("decoder1.attention.qkv.weight", 1024, 640));
        assertThat(weight(g, "decoder1.cross.query")).isEqualTo(rows("decoder1.cross.qkv.weight", 0, 640));
        assertThat(weight(g, "decoder1.cross.key")).isEqualTo(rows("decoder1.cross.qkv.weight", 512, 512));
        assertThat(weight(g, "decoder1.cross.value")).isEqualTo(rows("decoder1.cross.qkv.weight", 1024, 512));
        assertThat(weight(g, "encoder5.attention.key")).isEqualTo(rows("encoder5.attention.qkv.weight", 512, 512));
        assertThat(bias(g, "decoder1.cross.key"))
                .isEqualTo(WeightSlice.of("decoder1.cross.qkv.bias", new Range(512, 1024)));
        assertThat(weight(g, "decoder1.cross.out")).isEqualTo(WeightSlice.first("decoder1.cross.out.weight", 640, 512));
        assertThat(weight(g, "encoder1.ffn.in")).isEqualTo(WeightSlice.first("encoder1.ffn.in.weight", 2048, 512));
        assertThat(weight(g, "encoder1.ffn.out")).isEqualTo(WeightSlice.first("encoder1.ffn.out.weight", 512, 2048));
        assertThat(((Operator.LayerNorm) node(g, "decoder2.ffn.norm").op()).scale())
                .isEqualTo(WeightSlice.first("decoder2.ffn.norm.scale", 640));
    }

    @Test
    void tokensAreScaledByTheRootOfTheirOwnWidthAndPositionsCutFromOneTable() {
        Graph g = space.lower(mixed);
        Operator.Embedding source =
                (Operator.Embedding) node(g, "source.embedding").op();
        Operator.Embedding target =
                (Operator.Embedding) node(g, "target.embedding").op();
        assertThat(source.scale()).isEqualTo((float) Math.sqrt(512));
        assertThat(target.scale()).isEqualTo((float) Math.sqrt(640));
        assertThat(((Operator.SinusoidalPositions) node(g, "source.positions").op()).tableWidth())
                .isEqualTo(640);
        assertThat(source.table()).isEqualTo(WeightSlice.first("embedding", 32_768, 512));
        assertThat(weight(g, "scores"))
                .isEqualTo(target.table())
                .isEqualTo(WeightSlice.first("embedding", 32_768, 640));
        assertThat(node(g, "scores").op().parameters())
                .allMatch(u -> u.role() == ParameterUse.Role.EMBEDDING)
                .hasSize(1);
        assertThat(g.output().shape()).isEqualTo(Shape.of(30, 32_768));
    }

    @Test
    void aLayerMayAttendToTheLastEncoderLayersTheLastFirst() {
        Graph g = space.lower(mixed);
        assertThat(node(g, "memory3").inputs().stream().map(Tensor::name))
                .containsExactly("encoder5.ffn.norm", "encoder4.ffn.norm", "encoder3.ffn.norm");
        assertThat(node(g, "decoder0.cross.key").inputs().get(0).name()).isEqualTo("memory3");
        assertThat(node(g, "decoder1.cross.value").inputs().get(0).name()).isEqualTo("encoder5.ffn.norm");
        assertThat(node(g, "decoder2.cross.key").inputs().get(0).name()).isEqualTo("memory2");
        assertThat(node(g, "decoder0.cross.scores").output().shape()).isEqualTo(Shape.of(8, 30, 90));
        assertThat(node(g, "decoder2.cross.scores").output().shape()).isEqualTo(Shape.of(8, 30, 60));
        assertThat(space.lower(space.smallest()).nodes()).noneMatch(n -> n.op() instanceof Operator.Concat);
    }

    @Test
    void onlyTheDecodersSelfAttentionIsCausal() {
        for (Node n : space.lower(space.largest()).nodes()) {
            if (n.op() instanceof Operator.Softmax s) {
                assertThat(s.causal())
                        .as(n.name())
                        .isEqualTo(n.name().startsWith("decoder") && n.name().contains(".attention."));
            }
        }
    }

    @Test
    void headsChangeNeitherParametersNorMultiplyAccumulates() {
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < 50; i++) {
            Architecture a = space.random(random);
            int[] c = a.choices();
            for (int d = 0; d < c.length; d++) {
                String name = space.decisions().get(d).name();
                c[d] = name.endsWith("eads") ? random.nextInt(2) : c[d];
            }
            Architecture b = space.canonical(Architecture.of(space.name(), c));
            assertThat(CostModel.of(space.lower(b)).parameters())
                    .isEqualTo(CostModel.of(space.lower(a)).parameters());
            assertThat(CostModel.of(space.lower(b)).macs())
                    .isEqualTo(CostModel.of(space.lower(a)).macs());
        }
    }

    @Test
    void everyPublishedSpaceIsRegisteredWithItsTask() {
        for (HatSettings s :
                List.of(HatSettings.WMT_EN_DE, HatSettings.WMT_EN_FR, HatSettings.IWSLT_DE_EN, HatSettings.MINI)) {
            SearchSpace made = SearchSpaces.create(s.name(), SearchSpaces.usualTask(s.name()));
            assertThat(made).isInstanceOf(HatSpace.class);
            assertThat(made.name()).isEqualTo(s.name());
            assertThat(made.task()).isEqualTo(s.usualTask());
        }
    }

    @Test
    void otherTasksOfTheKindAreTakenAndAllElseRefused() {
        HatSpace small = new HatSpace(HatSettings.WMT_EN_DE, new TranslationTask(50, 50, 7, 3));
        Graph g = small.lower(small.largest());
        assertThat(g.inputs().stream().map(Tensor::shape)).containsExactly(Shape.of(7), Shape.of(3));
        assertThat(g.output().shape()).isEqualTo(Shape.of(3, 50));

        assertThatThrownBy(() -> new HatSpace(HatSettings.WMT_EN_DE, new TranslationTask(50, 51, 7, 3)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("50", "51", "joint vocabulary");
        assertThatThrownBy(() -> new HatSpace(HatSettings.IWSLT_DE_EN, new TranslationTask(50, 51, 7, 1025)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("1025");
        assertThatThrownBy(() -> SearchSpaces.create("hat-mini", new TaskShape(1, 8, 8, 10)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("translates sentences");
    }

    @Test
    void configurationsAreReadBackAndThoseOutsideRefused() {
        assertThat(space.architecture(space.configuration(mixed))).isEqualTo(mixed);
        HatConfiguration c = space.configuration(space.smallest());
        HatConfiguration wide = new HatConfiguration(
                768,
                c.encoderFeedForward(),
                c.encoderHeads(),
                c.decoderWidth(),
                c.decoderFeedForward(),
                c.decoderHeads(),
                c.crossHeads(),
                c.attended());
        assertThatThrownBy(() -> space.architecture(wide))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("encoder.width", "768", "[512, 640]");
    }

    static Node node(Graph g, String name) {
        return g.nodes().stream()
                .filter(n -> n.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no node " + name));
    }

    private static WeightSlice weight(Graph g, String name) {
        return ((Operator.Linear) node(g, name).op()).weight();
    }

    private static WeightSlice bias(Graph g, String name) {
        WeightSlice b = ((Operator.Linear) node(g, name).op()).bias();
        if (b == null) {
            throw new AssertionError("no bias at " + name);
        }
        return b;
    }

    private static WeightSlice rows(String parameter, int from, int columns) {
        return WeightSlice.of(parameter, new Range(from, from + 512), Range.first(columns));
    }
}
