package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.device.OnnxModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightProvider;
import dev.lathe.space.SearchSpace;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchNetworkTest {
    private static final int BATCH = 3;
    private static final long SEED = 5;

    /** The parameters that a network draws for itself. */
    private static WeightProvider weights(SharedParameters p) {
        return use -> {
            float[] values = use.role().isTrained()
                    ? p.values(use)
                    : new float[(int) use.slice().elements()];
            if (use.role() == ParameterUse.Role.RUNNING_VARIANCE) {
                Arrays.fill(values, 1);
            }
            return values;
        };
    }

    private static List<Graph> graphs(SearchSpace space) {
        return Stream.of(space.smallest(), space.largest(), Fixtures.random(space, 4))
                .map(space::lower)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givesWhatItsOnnxFileGivesEachTimeItIsRun(String name) {
        for (Graph graph : graphs(Fixtures.space(name))) {
            int length = (int) graph.inputs().get(0).shape().elements();
            float[] input = new float[BATCH * length];
            RandomGenerator random = Seeds.generator(SEED, "measurement input", 0);
            for (int i = 0; i < input.length; i++) {
                input[i] = random.nextFloat();
            }
            try (SharedParameters p = SharedParameters.alone(graph, SEED, Device.cpu());
                    OnnxModel model = OnnxModel.load(OnnxWriter.write(graph, weights(p), Map.of()), "net");
                    TorchNetwork network = new TorchNetwork(graph, BATCH, SEED)) {
                float[] first = network.forward();
                float[] theirs = model.logits(input, BATCH);
                assertThat(first).hasSameSizeAs(theirs);
                for (int i = 0; i < first.length; i++) {
                    assertThat(Math.abs(first[i] - theirs[i])).isLessThan(1e-4f);
                }
                network.run();
                assertThat(Arrays.mismatch(network.forward(), first)).isEqualTo(-1);
            }
        }
    }

    /** A network of small kernels would otherwise pay for cutting them out of large ones at each run. */
    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void noParameterIsPartOfALargerOne(String name) {
        for (Graph graph : graphs(Fixtures.space(name))) {
            try (SharedParameters p = SharedParameters.alone(graph, SEED, Device.cpu());
                    NDManager step = p.manager().newSubManager()) {
                graph.nodes().stream()
                        .flatMap(n -> n.op().parameters().stream())
                        .filter(use -> use.role().isTrained())
                        .forEach(use -> {
                            assertThat(p.slice(use.slice(), step, false).getManager())
                                    .isSameAs(p.manager());
                            assertThat(p.slice(use.slice(), step, false).getShape())
                                    .isEqualTo(
                                            SharedParameters.shape(use.slice().extents()));
                        });
            }
        }
    }

    @Test
    void anotherEngineThanTheDevicesIsRefusedInOneLine() {
        String version = Torch.engine().getVersion();
        TorchNetwork.require(version, Torch.threads());
        int other = Torch.threads() + 1;
        assertThatThrownBy(() -> TorchNetwork.require(version, other))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("LATHE_THREADS=" + other)
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> TorchNetwork.require("1.0.0", Torch.threads()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("1.0.0");
    }

    @Test
    void anInputThatIsTooLargeIsRefusedInOneLine() {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        assertThatThrownBy(() -> new TorchNetwork(space.lower(space.smallest()), Integer.MAX_VALUE, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("batch");
    }
}
