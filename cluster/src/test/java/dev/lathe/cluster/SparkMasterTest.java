package dev.lathe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.predict.ScorerBundle;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparkMasterTest {
    private static final ScorerBundle BUNDLE = new ScorerBundle("mbconv-tiny", new TaskShape(1, 8, 8, 10), null, null);

    @ParameterizedTest
    @ValueSource(strings = {"local", "local[1]", "local[16]", "local[*]"})
    void localMasters(String url) {
        assertThat(SparkMaster.parse(url).isLocal()).isTrue();
        assertThat(SparkMaster.parse(url).driverAddress(Duration.ofSeconds(1))).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Local[2]",
                "local[0]",
                "local[2",
                "local[two]",
                "spark://",
                "spark://host",
                "spark://host:",
                "spark://host:99999",
                "spark://host:0",
                "spark://host:7077/x",
                "spark://a:1,b",
                "http://host:7077",
                "yarn",
                "local[2]\nlocal[3]"
            })
    void whatIsNoMasterIsRefusedInOneLine(String url) {
        assertThatThrownBy(() -> new SparkBatchEvaluator(url, BUNDLE, List.of(), SparkSecurity.NONE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is no Spark master: give local, local[2], local[*] or spark://HOST:PORT")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aMasterThatIsNotThereIsNamed() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            free = socket.getLocalPort();
        }
        String url = "spark://127.0.0.1:" + free;
        assertThatThrownBy(() -> new SparkBatchEvaluator(url, BUNDLE, List.of(), SparkSecurity.NONE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "Spark master " + url + " cannot be reached (ConnectException: Connection refused)")
                .hasMessageEndingWith("start it, or give another, for example local[2]");
        assertThatThrownBy(() ->
                        SparkMaster.parse("spark://no-such-host.invalid:7077").driverAddress(Duration.ofSeconds(1)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no-such-host.invalid:7077 cannot be reached (UnknownHostException");
    }

    @Test
    void theSecondOfTwoMastersWillDo() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            free = socket.getLocalPort();
        }
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            SparkMaster two =
                    SparkMaster.parse("spark://127.0.0.1:%d,127.0.0.1:%d".formatted(free, listening.getLocalPort()));
            assertThat(two.driverAddress(Duration.ofSeconds(2))).isEqualTo("127.0.0.1");
        }
    }
}
