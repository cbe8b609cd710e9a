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
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparkMasterTest {
    private static final ScorerBundle BUNDLE = new ScorerBundle("mbconv-tiny", new TaskShape(1, 8, 8, 10), null, null);

    @ParameterizedTest
    @ValueSource(strings = {"local", "local[1]", "local[16]", "local[*]"})
    void localMasters(String url) {
        assertThat(SparkMaster.parse(url).isLocal()).isTrue();
        assertThat(SparkMaster.parse(url).driverAddress(Duration.ofSeconds(1))).contains("127.0.0.1");
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
                "yarn://host",
                "Yarn",
                "k8s://",
                "k8s://https://host",
                "k8s://ftp://host:443",
                "k8s://https://a:1,b:2 c",
                "local[2]\nlocal[3]"
            })
    void whatIsNoMasterIsRefusedInOneLine(String url) {
        assertThatThrownBy(() -> new SparkBatchEvaluator(url, BUNDLE, List.of(), SparkSecurity.NONE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is no Spark master: give local, local[2], local[*], spark://HOST:PORT, yarn or"
                        + " k8s://https://HOST:PORT")
                .hasMessageNotContaining("\n");
    }

    /** Known, with the secret that such clusters make; Spark's parts for them come with its distributions. */
    @ParameterizedTest
    @ValueSource(strings = {"yarn", "k8s://https://127.0.0.1:6443", "k8s://host:443/path"})
    void clusterManagers(String url) {
        SparkMaster master = SparkMaster.parse(url);
        assertThat(master.isLocal()).isFalse();
        assertThat(SparkSecurity.of(url, Map.of(), false).settings())
                .containsEntry("spark.authenticate", "true")
                .containsEntry("spark.network.crypto.enabled", "true")
                .doesNotContainKey("spark.authenticate.secret");
        assertThat(SparkSecurity.of(url, Map.of(), true).settings()).isEmpty();
        assertThatThrownBy(() -> master.requireManager(Map.of("HADOOP_CONF_DIR", "/etc/hadoop")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("Spark master " + url + " needs Spark's part spark-")
                .hasMessageContaining("spark-submit");
    }

    @Test
    void aKubernetesThatIsNotThereIsNamed() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            free = socket.getLocalPort();
        }
        assertThatThrownBy(() ->
                        SparkMaster.parse("k8s://https://127.0.0.1:" + free).driverAddress(Duration.ofSeconds(1)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("k8s://https://127.0.0.1:" + free + " cannot be reached");
        assertThat(SparkMaster.parse("yarn").driverAddress(Duration.ofSeconds(1)))
                .isEmpty();
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
            assertThat(two.driverAddress(Duration.ofSeconds(2))).contains("127.0.0.1");
        }
    }
}
