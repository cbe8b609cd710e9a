package dev.lathe.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SafetensorsTest {
    private static final WeightProvider WEIGHTS = use -> {
        float[] v = new float[(int) use.slice().elements()];
        SplittableRandom random = new SplittableRandom(use.hashCode());
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) random.nextDouble(-1, 1);
        }
        return v;
    };

    private static Graph graph(int width, boolean second) {
        GraphBuilder b = new GraphBuilder("two layers");
        Tensor x = b.input("x", 5);
        Tensor h = b.add(
                "a",
                new Operator.Linear(WeightSlice.first("a.weight", width, 5), WeightSlice.first("a.bias", width)),
                x);
        // A second slice of one parameter: it needs a name of its own.
        Tensor y = second
                ? b.add(
                        "b",
                        new Operator.Linear(
                                WeightSlice.of("a.weight", Range.first(3), Range.first(width)),
                                WeightSlice.first("b.bias", 3)),
                        h)
                : h;
        return b.build(y);
    }

    @Test
    void whatIsWrittenIsReadBackBitForBitAndTheSameGivesTheSameBytes() {
        Graph g = graph(4, true);
        byte[] bytes = Safetensors.write(g, WEIGHTS, Map.of("architecture", "s:1", "note", "\"quoted\" <text>"));
        assertThat(Safetensors.write(g, WEIGHTS, Map.of("note", "\"quoted\" <text>", "architecture", "s:1")))
                .isEqualTo(bytes);
        Safetensors read = Safetensors.read(bytes, "net");
        assertThat(read.metadata()).containsEntry("architecture", "s:1").containsEntry("note", "\"quoted\" <text>");
        WeightProvider back = read.weightsOf(g, "net");
        for (Node n : g.nodes()) {
            for (ParameterUse use : n.op().parameters()) {
                assertThat(back.values(use)).isEqualTo(WEIGHTS.values(use));
            }
        }
        assertThat(OnnxWriter.write(g, back, Map.of())).isEqualTo(OnnxWriter.write(g, WEIGHTS, Map.of()));
    }

    /** The format's own words: length, JSON with dtype, shape and data_offsets, values in little-endian order. */
    @Test
    void theFileIsWhatTheFormatSays() {
        Graph g = graph(4, true);
        byte[] bytes = Safetensors.write(g, WEIGHTS, Map.of());
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int header = (int) file.getLong();
        assertThat(header % 8).isZero();
        assertThat(new String(bytes, 8, header, StandardCharsets.UTF_8).strip())
                .isEqualTo("{\"__metadata__\":{},"
                        + "\"a.weight\":{\"dtype\":\"F32\",\"shape\":[4,5],\"data_offsets\":[0,80]},"
                        + "\"a.bias\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[80,96]},"
                        + "\"a.weight#2\":{\"dtype\":\"F32\",\"shape\":[3,4],\"data_offsets\":[96,144]},"
                        + "\"b.bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[144,156]}}");
        assertThat(bytes).hasSize(8 + header + 156);
        float first = WEIGHTS.values(g.nodes().get(0).op().parameters().get(0))[0];
        assertThat(file.getFloat(8 + header)).isEqualTo(first);
    }

    @Test
    void aMissingWeightOneTooManyOrOneOfAnotherShapeIsNamed() {
        byte[] small = Safetensors.write(graph(4, false), WEIGHTS, Map.of());
        byte[] large = Safetensors.write(graph(4, true), WEIGHTS, Map.of());
        assertThatThrownBy(() -> Safetensors.read(small, "net").weightsOf(graph(4, true), "net"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("net", "lacks the weight 'a.weight#2'");
        assertThatThrownBy(() -> Safetensors.read(large, "net").weightsOf(graph(4, false), "net"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("has a weight 'a.weight#2'");
        assertThatThrownBy(() -> Safetensors.read(small, "net").weightsOf(graph(6, false), "net"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("a.weight", "[4, 5]", "[6, 5]");
    }

    @Test
    void aFileThatIsCutOrHasAnyByteChangedInItsHeaderIsRefusedOrReadAsAnother() {
        byte[] whole = Safetensors.write(graph(4, true), WEIGHTS, Map.of("k", "v"));
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Safetensors.read(cut, "net"))
                    .as("cut to %d", length)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageNotContaining("\n");
        }
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);
        assertThatThrownBy(() -> Safetensors.read(longer, "net")).hasMessageContaining("belong to no tensor");
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 2000; i++) {
            byte[] damaged = whole.clone();
            for (int k = 0; k < 3; k++) {
                damaged[random.nextInt(400)] = (byte) random.nextInt(256);
            }
            try {
                Safetensors.read(damaged, "net").weightsOf(graph(4, true), "net");
            } catch (InvalidInputException expected) {
                assertThat(expected).hasMessageNotContaining("\n");
            }
        }
        for (long length : new long[] {-1, 0, 1, Long.MAX_VALUE, Integer.MAX_VALUE}) {
            byte[] lying = whole.clone();
            ByteBuffer.wrap(lying).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
            assertThatThrownBy(() -> Safetensors.read(lying, "net")).isInstanceOf(InvalidInputException.class);
        }
    }
}
