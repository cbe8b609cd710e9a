package dev.lathe.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxWriterTest {
    private static Graph twoSlicesOfOneParameter() {
        GraphBuilder g = new GraphBuilder("net");
        Tensor x = g.input("tokens", 5, 4);
        x = g.add("a", new Operator.Linear(WeightSlice.first("w", 4, 4), WeightSlice.first("b", 4)), x);
        x = g.add("gelu", new Operator.Activate(Activation.GELU), x);
        x = g.add("c", new Operator.Linear(WeightSlice.first("w", 2, 4), null), x);
        x = g.add("mean", new Operator.MeanTokens(), x);
        return g.build(x);
    }

    private static float[] ramp(ParameterUse use) {
        float[] v = new float[(int) use.slice().elements()];
        for (int i = 0; i < v.length; i++) {
            v[i] = i;
        }
        return v;
    }

    @Test
    void theModelHasItsNodesInOrderASymbolicBatchAndItsMetadata() throws Exception {
        ModelProto m = ModelProto.parseFrom(
                OnnxWriter.write(twoSlicesOfOneParameter(), OnnxWriterTest::ramp, Map.of("architecture", "x:1-2")));
        assertThat(m.getGraph().getNodeList().stream().map(NodeProto::getOpType))
                .containsExactly("MatMul", "Add", "Gelu", "MatMul", "ReduceMean");
        assertThat(m.getGraph()
                        .getInput(0)
                        .getType()
                        .getTensorType()
                        .getShape()
                        .getDim(0)
                        .getDimParam())
                .isEqualTo("batch");
        assertThat(m.getMetadataProps(0).getValue()).isEqualTo("x:1-2");
        assertThat(m.getOpsetImport(0).getVersion()).isEqualTo(20);
    }

    @Test
    void twoSlicesOfOneParameterAreTwoInitializers() throws Exception {
        ModelProto m =
                ModelProto.parseFrom(OnnxWriter.write(twoSlicesOfOneParameter(), OnnxWriterTest::ramp, Map.of()));
        assertThat(m.getGraph().getInitializerList().stream().map(t -> t.getName() + t.getDimsList()))
                .contains("w/transposed[4, 4]", "w#2/transposed[4, 2]");
    }

    @Test
    void aParameterNamedAsATensorGetsANameOfItsOwn() throws Exception {
        GraphBuilder g = new GraphBuilder("net");
        Tensor x = g.input("tokens", 2, 3);
        x = g.add("position", new Operator.AddTable(WeightSlice.first("position", 2, 3)), x);
        ModelProto m = ModelProto.parseFrom(OnnxWriter.write(g.build(x), OnnxWriterTest::ramp, Map.of()));
        assertThat(m.getGraph().getInitializer(0).getName()).isEqualTo("position/value");
        assertThat(m.getGraph().getNode(0).getInputList()).containsExactly("tokens", "position/value");
    }

    @Test
    void theSameGraphGivesTheSameBytes() {
        Map<String, String> meta = Map.of("b", "1", "a", "2", "c", "3");
        assertThat(OnnxWriter.write(twoSlicesOfOneParameter(), OnnxWriterTest::ramp, meta))
                .isEqualTo(OnnxWriter.write(twoSlicesOfOneParameter(), OnnxWriterTest::ramp, meta));
    }

    @Test
    void weightsOfAWrongLengthAreRefused() {
        assertThatThrownBy(() -> OnnxWriter.write(twoSlicesOfOneParameter(), use -> new float[16], Map.of()))
                .hasMessageContainingAll("'b'", "16", "expected 4");
    }
}
