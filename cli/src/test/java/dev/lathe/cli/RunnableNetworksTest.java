package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.base.ProgressListener;
import dev.lathe.space.SearchSpaces;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code lathe reproduce runnable} does the same with 100 networks of each space. */
class RunnableNetworksTest {
    static List<String> spaces() {
        return SearchSpaces.names();
    }

    @ParameterizedTest
    @MethodSource("spaces")
    void randomNetworksRunInOnnxRuntimeWithTheShapeTheyPromise(String space) {
        assertThat(RunnableNetworks.run(RunnableNetworks.reduced(space), 8, ProgressListener.SILENT))
                .isEqualTo(8);
    }
}
