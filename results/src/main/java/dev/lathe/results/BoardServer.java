package dev.lathe.results;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shows the runs of one folder to browsers on this machine, and to nobody else: it listens on the loopback address, answers only
 * requests that are addressed to it by that name (so that no other site's name can be pointed at it), and only reads. No path of
 * a request is ever a path of a file: a run is looked up by name in the list of the folder, and of a run's files only its report
 * is given, in a sandbox. Links are not followed.
 */
public final class BoardServer implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int BACKLOG = 64;
    private static final int MOST_RUNS = 1000;
    private static final long MOST_REPORT_BYTES = 64L << 20;
    private static final String HTML = "text/html; charset=utf-8";
    private static final String OWN_POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    /** A report is a file that anybody may have written: it gets an origin of its own. */
    private static final String REPORT_POLICY =
            "sandbox allow-scripts allow-downloads; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'";

    private final Path folder;
    private final RunReader reader;
    private final HttpServer server;
    private final ExecutorService threads;
    private final Map<Path, EvaluationTail> tails = new ConcurrentHashMap<>();

    private BoardServer(Path folder, RunReader reader, HttpServer server) {
        this.folder = folder;
        this.reader = reader;
        this.server = server;
        this.threads = Executors.newFixedThreadPool(THREADS, r -> {
            Thread t = new Thread(r, "board");
            t.setDaemon(true);
            return t;
        });
    }

    /**
     * Starts to answer.
     *
     * @param folder that holds run directories
     * @param port of the loopback address; 0 for any that is free
     * @param reader reads a run directory
     * @throws InvalidInputException if there is no such folder, or the port cannot be had
     */
    public static BoardServer start(Path folder, int port, RunReader reader) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new InvalidInputException(
                    "%s is no folder; give the one that holds run directories".formatted(folder));
        }
        if (port < 0 || port > 65535) {
            throw new InvalidInputException("port %d is not in 0 to 65535".formatted(port));
        }
        HttpServer http;
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        } catch (BindException e) {
            throw new InvalidInputException(
                    "port %d cannot be had (%s); give another --port, or 0 for any".formatted(port, e.getMessage()), e);
        }
        BoardServer board = new BoardServer(folder.toRealPath(), reader, http);
        http.createContext("/", board::answer);
        http.setExecutor(board.threads);
        http.start();
        return board;
    }

    /** Its port. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** What to open in a browser. */
    public String address() {
        return "http://127.0.0.1:%d/".formatted(port());
    }

    /** Stops at once. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
            exchange.getResponseHeaders().set("Cross-Origin-Resource-Policy", "same-origin");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            if (!isOurs(exchange.getRequestHeaders().getFirst("Host"))) {
                send(exchange, 403, OWN_POLICY, BoardPages.message("Refused", "This address is not the board's own."));
            } else if (!Set.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, 405, OWN_POLICY, BoardPages.message("Refused", "The board only shows."));
            } else {
                respond(exchange, String.valueOf(exchange.getRequestURI().getRawPath()));
            }
        } catch (RuntimeException e) {
            // The connection may be gone, or half answered; the next request finds the board as it was.
            send(exchange, 500, OWN_POLICY, BoardPages.message("Failed", String.valueOf(e.getMessage())));
        }
    }

    /** Names of the loopback address, with the port: a name of the outside world that points here is refused. */
    private boolean isOurs(@Nullable String host) {
        return host != null
                && Set.of("127.0.0.1:" + port(), "localhost:" + port(), "[::1]:" + port())
                        .contains(host.toLowerCase(Locale.ROOT));
    }

    private void respond(HttpExchange exchange, String path) throws IOException {
        String[] parts = path.split("/", -1);
        if (path.equals("/")) {
            List<BoardRun> runs = new ArrayList<>();
            for (Path p : runs()) {
                runs.add(look(p));
            }
            send(exchange, 200, OWN_POLICY, BoardPages.index(folder.toString(), runs));
            return;
        }
        if (path.equals("/compare")) {
            compare(exchange);
            return;
        }
        // "", "run", NAME, "" or "report.html"
        if (parts.length == 4 && parts[1].equals("run")) {
            Path found = named(parts[2]);
            if (found != null && parts[3].isEmpty()) {
                send(exchange, 200, OWN_POLICY, BoardPages.run(look(found)));
                return;
            }
            if (found != null && parts[3].equals("report.html")) {
                report(exchange, look(found));
                return;
            }
        }
        send(exchange, 404, OWN_POLICY, BoardPages.message("Not found", "The board has no such page."));
    }

    private void compare(HttpExchange exchange) throws IOException {
        List<RunSummary> summaries = new ArrayList<>();
        for (Path p : runs()) {
            RunSummary s = look(p).summary();
            if (s != null && !s.front().isEmpty()) {
                summaries.add(s);
            }
            if (summaries.size() == ComparePage.MOST_RUNS) {
                break;
            }
        }
        send(
                exchange,
                summaries.isEmpty() ? 404 : 200,
                summaries.isEmpty() ? OWN_POLICY : REPORT_POLICY,
                summaries.isEmpty()
                        ? BoardPages.message("Nothing to compare", "No run of this folder has a front yet.")
                        : ComparePage.render(summaries));
    }

    private void report(HttpExchange exchange, BoardRun run) throws IOException {
        Path file = run.report();
        if (!run.hasReport() || Files.size(file) > MOST_REPORT_BYTES) {
            send(exchange, 404, OWN_POLICY, BoardPages.message("Not found", "This run has no report yet."));
            return;
        }
        send(exchange, 200, REPORT_POLICY, Files.readAllBytes(file));
    }

    /** The run directories in the folder, or the folder itself where it is one; by name. */
    private List<Path> runs() throws IOException {
        if (isRun(folder)) {
            return List.of(folder);
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(BoardServer::isRun).sorted().limit(MOST_RUNS).toList();
        }
    }

    private static boolean isRun(Path p) {
        return Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS)
                && Files.isRegularFile(p.resolve(RunManifest.FILE), LinkOption.NOFOLLOW_LINKS);
    }

    /** The run of that name in an address; null where there is none. */
    private @Nullable Path named(String encoded) throws IOException {
        String name;
        try {
            name = URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
        return runs().stream()
                .filter(p -> String.valueOf(p.getFileName()).equals(name))
                .findFirst()
                .orElse(null);
    }

    private BoardRun look(Path run) throws IOException {
        EvaluationTail tail = tails.computeIfAbsent(run, p -> new EvaluationTail(p.resolve("evaluations.csv")));
        synchronized (tail) {
            return BoardRun.look(run, reader, tail);
        }
    }

    private static void send(HttpExchange exchange, int status, String policy, String page) throws IOException {
        send(exchange, status, policy, page.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String policy, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", HTML);
        exchange.getResponseHeaders().set("Content-Security-Policy", policy);
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, isHead ? -1 : body.length);
        if (!isHead) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }
}
