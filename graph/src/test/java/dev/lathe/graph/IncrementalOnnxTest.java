package dev.lathe.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The two files of a decoder of one layer: which extents are open, under which names, and what cannot be left open. */
class IncrementalOnnxTest {
    private static final int WIDTH = 4;
    private static final int WORDS = 9;
    private static final WeightProvider WEIGHTS =
            use -> new float[Math.toIntExact(use.slice().elements())];

    private static Tensor heads(GraphBuilder g, String name, Tensor x, int tokens) {
        Tensor y =
                g.add(name + ".split", new Operator.Reshape(Shape.of(tokens, 2, WIDTH / 2)), linear(g, name, x, WIDTH));
        return g.add(name + ".heads", new Operator.Transpose(List.of(1, 0, 2)), y);
    }

    private static Tensor linear(GraphBuilder g, String name, Tensor x, int outputs) {
        return g.add(
                name,
                new Operator.Linear(
                        WeightSlice.first(name + ".weight", outputs, x.shape().last()), null),
                x);
    }

    private static Tensor attention(GraphBuilder g, String name, Tensor q, Tensor k, Tensor v, Operator softmax) {
        Tensor s = g.add(name + ".scores", new Operator.MatMul(true, 1), q, k);
        Tensor y = g.add(name + ".mix", new Operator.MatMul(false, 1), g.add(name + ".softmax", softmax, s), v);
        y = g.add(name + ".tokens", new Operator.Transpose(List.of(1, 0, 2)), y);
        return g.add(name + ".join", new Operator.Reshape(Shape.of(2, WIDTH)), y);
    }

    /** @param merged whether what the source gives is one vector of all tokens, which has no open form */
    private static IncrementalGraph decoder(int sourceLength, boolean merged) {
        GraphBuilder g = new GraphBuilder("decoder");
        Tensor source = g.input("source", sourceLength);
        Tensor target = g.input("target", 2);
        Operator embedding = new Operator.Embedding(WeightSlice.first("table", WORDS, WIDTH), 1);
        Tensor memory = g.add(
                "source.positions",
                new Operator.SinusoidalPositions(WIDTH),
                g.add("source.embedding", embedding, source));
        if (merged) {
            memory = g.add("merged", new Operator.Reshape(Shape.of(2 * sourceLength, WIDTH / 2)), memory);
            memory = g.add("twice", new Operator.Reshape(Shape.of(sourceLength, WIDTH)), memory);
        }
        memory = g.add("memory", new Operator.Concat(0), memory, memory);
        Tensor keys = heads(g, "keys", memory, 2 * sourceLength);
        Tensor x = g.add(
                "target.positions",
                new Operator.SinusoidalPositions(WIDTH),
                g.add("target.embedding", embedding, target));
        x = attention(
                g,
                "self",
                heads(g, "self.query", x, 2),
                heads(g, "self.key", x, 2),
                heads(g, "self.value", x, 2),
                new Operator.Softmax(true));
        x = attention(g, "cross", heads(g, "cross.query", x, 2), keys, keys, new Operator.Softmax());
        Graph whole = g.build(linear(g, "scores", x, WORDS));
        return new IncrementalGraph(whole, whole.inputs().get(1));
    }

    private static Map<String, String> shapes(List<ValueInfoProto> values) {
        return values.stream()
                .collect(Collectors.toMap(
                        ValueInfoProto::getName,
                        v -> v.getType().getTensorType().getShape().getDimList().stream()
                                .map(d -> d.hasDimParam() ? d.getDimParam() : Long.toString(d.getDimValue()))
                                .collect(Collectors.joining(","))));
    }

    @Test
    void givenADecoder_whenWritten_thenBatchAndLengthsAreOpenAndAllElseIsFixed() throws Exception {
        IncrementalOnnx.Files files =
                IncrementalOnnx.write(decoder(1, false), decoder(2, false), WEIGHTS, 16, Map.of("a", "b"));
        ModelProto encoder = ModelProto.parseFrom(files.encoder());
        ModelProto step = ModelProto.parseFrom(files.decoder());
        assertThat(shapes(encoder.getGraph().getInputList())).isEqualTo(Map.of("source", "batch,source"));
        assertThat(shapes(encoder.getGraph().getOutputList()))
                .isEqualTo(Map.of("keys.heads", "batch,2,source_times_2,2"));
        assertThat(shapes(step.getGraph().getInputList()))
                .isEqualTo(Map.of(
                        "target", "batch,1",
                        "position", "batch,1",
                        "keys.heads", "batch,2,source_times_2,2",
                        "self.key.heads.earlier", "batch,2,earlier,2",
                        "self.value.heads.earlier", "batch,2,earlier,2"));
        assertThat(shapes(step.getGraph().getOutputList()))
                .isEqualTo(Map.of(
                        "scores", "batch,1,9",
                        "self.key.heads.all", "batch,2,earlier_plus_1,2",
                        "self.value.heads.all", "batch,2,earlier_plus_1,2"));
        assertThat(step.getOpsetImport(0).getVersion()).isEqualTo(OnnxWriter.OPSET);
        assertThat(step.getMetadataPropsList().stream().map(p -> p.getKey() + "=" + p.getValue()))
                .containsExactly("a=b", "part=decoder", "positions=16");
    }

    @Test
    void givenTheSourcesLengthsThatTheGraphsAreLoweredFor_whenWritten_thenTheFilesDoNotDependOnThem() {
        IncrementalOnnx.Files one = IncrementalOnnx.write(decoder(1, false), decoder(2, false), WEIGHTS, 16, Map.of());
        IncrementalOnnx.Files other =
                IncrementalOnnx.write(decoder(6, false), decoder(7, false), WEIGHTS, 16, Map.of());
        assertThat(other.encoder()).isEqualTo(one.encoder());
        assertThat(other.decoder()).isEqualTo(one.decoder());
    }

    @Test
    void givenLengthsThatDoNotFit_whenWritten_thenRefused() {
        assertThatThrownBy(() -> IncrementalOnnx.write(decoder(1, false), decoder(3, false), WEIGHTS, 16, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sources of 1 and 3 tokens");
        assertThatThrownBy(() -> IncrementalOnnx.write(decoder(1, false), decoder(2, true), WEIGHTS, 16, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not of one network");
        // An open extent that changes its place among others takes what is left: one may.
        assertThat(IncrementalOnnx.write(decoder(1, true), decoder(2, true), WEIGHTS, 16, Map.of())
                        .encoder())
                .isNotEmpty();
    }
}
