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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Spark master's address, understood before Spark is started: Spark itself answers a wrong one late and at length. */
final class SparkMaster {
    private static final Pattern LOCAL = Pattern.compile("local(\\[(\\*|[1-9][0-9]{0,3})])?");
    private static final Pattern STANDALONE = Pattern.compile("spark://([^,/\\s]+(?:,[^,/\\s]+)*)");
    private static final Pattern ENDPOINT = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+):([0-9]{1,5})");

    private final String url;
    private final List<InetSocketAddress> endpoints;

    private SparkMaster(String url, List<InetSocketAddress> endpoints) {
        this.url = url;
        this.endpoints = List.copyOf(endpoints);
    }

    /** @throws InvalidInputException if this is neither a local master nor one or more standalone ones */
    static SparkMaster parse(String url) {
        if (LOCAL.matcher(url).matches()) {
            return new SparkMaster(url, List.of());
        }
        Matcher standalone = STANDALONE.matcher(url);
        if (!standalone.matches()) {
            throw bad(url);
        }
        List<InetSocketAddress> endpoints = new ArrayList<>();
        for (String endpoint : standalone.group(1).split(",", -1)) {
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
        return new InvalidInputException("'%s' is no Spark master: give local, local[2], local[*] or spark://HOST:PORT"
                .formatted(Names.shown(url)));
    }

    String url() {
        return url;
    }

    boolean isLocal() {
        return endpoints.isEmpty();
    }

    /**
     * The address of this machine that the master, and so its workers, can call back: the one a connection to it goes out
     * from; the loopback for a local master.
     *
     * @throws InvalidInputException if no connection can be made in this time
     */
    String driverAddress(Duration timeout) {
        if (isLocal()) {
            return "127.0.0.1";
        }
        List<String> reasons = new ArrayList<>();
        for (InetSocketAddress e : endpoints) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(InetAddress.getByName(e.getHostString()), e.getPort()), (int)
                        (timeout.toMillis() / endpoints.size()));
                return probe.getLocalAddress().getHostAddress();
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
