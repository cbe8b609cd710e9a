package dev.lathe.cluster;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Spark master's address, understood before Spark is started: Spark itself answers a wrong one late and at length. */
final class SparkMaster {
    private static final Pattern LOCAL = Pattern.compile("local(\\[(\\*|[1-9][0-9]{0,3})])?");
    private static final Pattern STANDALONE = Pattern.compile("spark://([^,/\\s]+(?:,[^,/\\s]+)*)");
    private static final Pattern ENDPOINT = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+):([0-9]{1,5})");

    /** Spark wants the port even where it is the usual one. */
    private static final Pattern KUBERNETES = Pattern.compile("k8s://(?:https?://)?([^,/\\s]+)(?:/\\S*)?");

    private static final String YARN = "yarn";
    /** By the start of the address: the class that Spark needs to speak to such a cluster, and what it is called. */
    private static final Map<String, List<String>> MANAGERS = Map.of(
            YARN,
            List.of("org/apache/spark/scheduler/cluster/YarnClusterManager.class", "spark-yarn"),
            "k8s",
            List.of("org/apache/spark/scheduler/cluster/k8s/KubernetesClusterManager.class", "spark-kubernetes"));

    private final String url;
    private final List<InetSocketAddress> endpoints;

    private SparkMaster(String url, List<InetSocketAddress> endpoints) {
        this.url = url;
        this.endpoints = List.copyOf(endpoints);
    }

    /** @throws InvalidInputException if this is neither a local master, nor one or more standalone ones, nor YARN or Kubernetes */
    static SparkMaster parse(String url) {
        if (LOCAL.matcher(url).matches() || url.equals(YARN)) {
            return new SparkMaster(url, List.of());
        }
        Matcher standalone = STANDALONE.matcher(url);
        Matcher kubernetes = KUBERNETES.matcher(url);
        if (!standalone.matches() && !kubernetes.matches()) {
            throw bad(url);
        }
        List<InetSocketAddress> endpoints = new ArrayList<>();
        for (String endpoint :
                (standalone.matches() ? standalone : kubernetes).group(1).split(",", -1)) {
            Matcher m = ENDPOINT.matcher(endpoint);
            if (!m.matches()) {
                throw bad(url);
            }
            int port = Integer.parseInt(m.group(2));
            if (port < 1 || port > 65_535) {
                throw bad(url);
            }
            endpoints.add(InetSocketAddress.createUnresolved(m.group(1).replaceAll("[\\[\\]]", ""), port));
        }
        return new SparkMaster(url, endpoints);
    }

    private static InvalidInputException bad(String url) {
        return new InvalidInputException(
                "'%s' is no Spark master: give local, local[2], local[*], spark://HOST:PORT, yarn or k8s://https://HOST:PORT"
                        .formatted(Names.shown(url)));
    }

    String url() {
        return url;
    }

    boolean isLocal() {
        return url.startsWith("local");
    }

    /** Whether a cluster manager gives each application a secret of its own. */
    static boolean isManaged(String url) {
        return MANAGERS.keySet().stream().anyMatch(url::startsWith);
    }

    /**
     * Whether this process can speak to such a cluster.
     *
     * @param environment where YARN's configuration is named
     * @throws InvalidInputException if Spark here lacks the part for it, or does not know where it is
     */
    void requireManager(Map<String, String> environment) {
        for (Map.Entry<String, List<String>> m : MANAGERS.entrySet()) {
            String part = m.getValue().get(1);
            if (url.startsWith(m.getKey())
                    && SparkMaster.class
                                    .getClassLoader()
                                    .getResource(m.getValue().get(0))
                            == null) {
                throw new InvalidInputException(
                        "Spark master %s needs Spark's part %s, which Lathe does not bring: start Lathe by spark-submit of a Spark distribution that has it"
                                .formatted(url, part));
            }
        }
        if (url.equals(YARN)
                && !environment.containsKey("HADOOP_CONF_DIR")
                && !environment.containsKey("YARN_CONF_DIR")) {
            throw new InvalidInputException(
                    "Spark master yarn is found by its configuration: set HADOOP_CONF_DIR or YARN_CONF_DIR to the"
                            + " folder of it");
        }
    }

    /**
     * The address of this machine that the master, and so its workers, can call back: the one a connection to it goes out
     * from; the loopback for a local master; Spark's own choice for YARN, of which the address is not known here.
     *
     * @throws InvalidInputException if no connection can be made in this time
     */
    Optional<String> driverAddress(Duration timeout) {
        if (isLocal()) {
            return Optional.of("127.0.0.1");
        }
        if (endpoints.isEmpty()) {
            return Optional.empty();
        }
        List<String> reasons = new ArrayList<>();
        for (InetSocketAddress e : endpoints) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(InetAddress.getByName(e.getHostString()), e.getPort()), (int)
                        (timeout.toMillis() / endpoints.size()));
                return Optional.of(probe.getLocalAddress().getHostAddress());
            } catch (IOException failure) {
                reasons.add(failure.getClass().getSimpleName() + ": " + failure.getMessage());
            }
        }
        throw unreachable(String.join("; ", reasons));
    }

    InvalidInputException unreachable(String reason) {
        return new InvalidInputException(
                "Spark master %s cannot be reached (%s): start it, or give another, for example local[2]"
                        .formatted(url, reason.lines().findFirst().orElse("no reason given")));
    }
}
