package dev.lathe.cluster;

import dev.lathe.base.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;

/**
 * How a standalone cluster is spoken to: with a secret that master, workers and Lathe share ({@code spark.authenticate.secret}), and
 * encrypted by a key that comes of it (AES). Spark runs the code it is sent, so that a cluster without authentication runs anybody's.
 *
 * @param secret shared by all, or null
 * @param isMadeByCluster whether, without one, the cluster makes a secret for each application, as YARN and Kubernetes do; where not, there is
 *     no authentication, which has to be asked for
 */
public record SparkSecurity(@Nullable String secret, boolean isMadeByCluster) {
    /** Environment variable that holds the secret: an argument could be read in the list of processes. */
    public static final String VARIABLE = "LATHE_SPARK_SECRET";

    private static final int SHORTEST = 16;

    /** No authentication: local masters, and clusters of which the user says so. */
    public static final SparkSecurity NONE = new SparkSecurity(null, false);

    private static final SparkSecurity BY_CLUSTER = new SparkSecurity(null, true);

    public SparkSecurity {
        if (secret != null && secret.length() < SHORTEST) {
            throw new InvalidInputException(
                    "%s is shorter than %d characters; make one, for example with openssl rand -hex 32"
                            .formatted(VARIABLE, SHORTEST));
        }
    }

    /** With a secret that all share. */
    public SparkSecurity(String secret) {
        this(secret, false);
    }

    /**
     * For this master, from the environment.
     *
     * @param unauthenticated whether the user said that the cluster has no authentication
     * @throws InvalidInputException if a standalone master is given without a secret
     */
    public static SparkSecurity of(String master, Map<String, String> environment, boolean unauthenticated) {
        if (!unauthenticated && SparkMaster.isManaged(master)) {
            return BY_CLUSTER;
        }
        if (unauthenticated || !master.startsWith("spark://")) {
            return NONE;
        }
        String secret = environment.get(VARIABLE);
        if (secret == null) {
            throw new InvalidInputException(
                    "Spark master %s is spoken to with a secret, and %s is not set: set it to spark.authenticate.secret of master and workers, or give --spark-unauthenticated where they have none"
                            .formatted(master, VARIABLE));
        }
        return new SparkSecurity(secret);
    }

    /** The settings, the same for master, workers and driver. */
    Map<String, String> settings() {
        if (secret == null && !isMadeByCluster) {
            return Map.of();
        }
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("spark.authenticate", "true");
        if (secret != null) {
            settings.put("spark.authenticate.secret", secret);
        }
        settings.put("spark.network.crypto.enabled", "true");
        settings.put("spark.network.crypto.authEngineVersion", "2");
        settings.put("spark.network.crypto.saslFallback", "false");
        return settings;
    }

    void apply(SparkConf conf) {
        settings().forEach(conf::set);
    }

    /** Never the secret. */
    @Override
    public String toString() {
        return settings().isEmpty() ? "SparkSecurity[none]" : "SparkSecurity[authenticated]";
    }
}
