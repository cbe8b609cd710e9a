package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoardServerTest {
    @TempDir
    Path folder;

    private Path runs;
    private BoardServer board;

    @BeforeEach
    void aBoard() throws IOException {
        runs = Files.createDirectory(folder.resolve("runs"));
        run("first");
        Files.writeString(folder.resolve("secret.txt"), "secret");
        board = BoardServer.start(
                runs, 0, p -> SampleRuns.run(String.valueOf(p.getFileName()), "digits", new double[] {0.9, 1}));
    }

    @AfterEach
    void stop() {
        board.close();
    }

    private Path run(String name) throws IOException {
        Path run = Files.createDirectories(runs.resolve(name));
        RunManifest.of(Map.of("space", "s"), Map.of(), Map.of(), Map.of(), List.of(), "now")
                .write(run.resolve(RunManifest.FILE));
        return run;
    }

    private String ask(String request, String host) throws IOException {
        try (Socket s = new Socket(InetAddress.getLoopbackAddress(), board.port())) {
            s.setSoTimeout(10_000);
            s.getOutputStream()
                    .write((request + " HTTP/1.1\r\n" + (host.isEmpty() ? "" : "Host: " + host + "\r\n")
                                    + "Connection: close\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            return new String(s.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String get(String path) throws IOException {
        return ask("GET " + path, "127.0.0.1:" + board.port());
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    @Test
    void givenRuns_whenAsked_thenTheyAreListedAndFollowed() throws Exception {
        assertThat(board.address()).isEqualTo("http://127.0.0.1:%d/".formatted(board.port()));
        String index = get("/");
        assertThat(index)
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("Content-Security-Policy: default-src 'none'")
                .containsIgnoringCase("X-Content-Type-Options: nosniff")
                .contains("href=\"/run/first/\"", "stopped");
        Hostile.requireText(body(index), 1);
        Path running = run("second one");
        RunProgress.now("run", "training", 30, 120, "loss 0.3", 75L, null).write(running);
        Files.writeString(
                running.resolve("evaluations.csv"),
                "index,architecture,top1,latencyMs\n0,s:0,0.5,2.0\n1,s:1,0.6,3.0\n");
        assertThat(get("/")).contains("/run/second%20one/", "running", "training: 30 of 120 (loss 0.3)", "1 min 15 s");
        String page = get("/run/second%20one/");
        assertThat(page).startsWith("HTTP/1.1 200").contains("value=\"0.2500\"", "left of this phase");
        Hostile.requireText(body(page), 1);
        RunProgress.now("run", "report", 1, 1, "", null, RunProgress.Ending.FAILED)
                .write(running);
        assertThat(get("/")).contains("failed");
        assertThat(get("/compare")).startsWith("HTTP/1.1 200").contains("2 runs compared");
    }

    @Test
    void givenAReport_whenAsked_thenItComesInASandbox() throws Exception {
        assertThat(get("/run/first/report.html")).startsWith("HTTP/1.1 404");
        Files.writeString(runs.resolve("first/report.html"), "<p>report</p>");
        assertThat(get("/run/first/report.html"))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("Content-Security-Policy: sandbox allow-scripts")
                .endsWith("<p>report</p>");
        assertThat(ask("HEAD /run/first/report.html", "localhost:" + board.port()))
                .startsWith("HTTP/1.1 200")
                .endsWith("\r\n\r\n");
    }

    /** Nothing outside the folder, and nothing inside it but reports. */
    @Test
    void givenPathsThatLeadElsewhere_whenAsked_thenNothingIsThere() throws Exception {
        Files.writeString(runs.resolve("first/secret.txt"), "secret");
        Files.createSymbolicLink(runs.resolve("first/report.html"), folder.resolve("secret.txt"));
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.copy(runs.resolve("first").resolve(RunManifest.FILE), elsewhere.resolve(RunManifest.FILE));
        Files.writeString(elsewhere.resolve("report.html"), "secret");
        Files.createSymbolicLink(runs.resolve("linked"), elsewhere);
        assertThat(get("/")).doesNotContain("linked");
        for (String path : List.of(
                "/run/first/report.html",
                "/run/linked/report.html",
                "/run/linked/",
                "/run/../elsewhere/report.html",
                "/run/..%2Felsewhere/report.html",
                "/run/%2e%2e/report.html",
                "/run/first/../../secret.txt",
                "/run/first/%2e%2e%2f%2e%2e%2fsecret.txt",
                "/run/first/secret.txt",
                "/run/first/run.yaml",
                "/run/first/.lock",
                "/run//report.html",
                "/run/first%00/report.html",
                "/run/%zz/report.html",
                "//etc/passwd",
                "/../secret.txt",
                "/secret.txt",
                "/run/" + "a".repeat(10_000) + "/")) {
            String answer = get(path);
            assertThat(answer).as(path).doesNotContain("secret").doesNotStartWith("HTTP/1.1 200");
        }
    }

    /** A page of another site may have its name resolved to this machine; its requests bear its name. */
    @Test
    void givenAnotherHostOrMethod_whenAsked_thenItIsRefused() throws Exception {
        for (String host : List.of(
                "evil.example",
                "evil.example:" + board.port(),
                "127.0.0.1",
                "127.0.0.1:1",
                "127.0.0.1.evil.example:" + board.port(),
                "localhost.:" + board.port(),
                "")) {
            String answer = ask("GET /", host);
            assertThat(answer).as(host).matches("(?s)HTTP/1.1 40[03] .*").doesNotContain("/run/first/");
        }
        for (String host : List.of("localhost:", "127.0.0.1:", "[::1]:", "LOCALHOST:")) {
            assertThat(ask("GET /", host + board.port())).as(host).startsWith("HTTP/1.1 200");
        }
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "TRACE")) {
            assertThat(ask(method + " /", "127.0.0.1:" + board.port()))
                    .as(method)
                    .startsWith("HTTP/1.1 405");
        }
    }

    @Test
    void givenABoard_whenAskedByAnotherAddressOfThisMachine_thenNobodyListens() throws Exception {
        for (NetworkInterface n : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress a : Collections.list(n.getInetAddresses())) {
                if (!a.isLoopbackAddress() && a instanceof java.net.Inet4Address) {
                    assertThatThrownBy(() -> new Socket(a, board.port()).close())
                            .isInstanceOf(IOException.class);
                }
            }
        }
    }

    @Test
    void givenHostileNamesAndFiles_whenShown_thenTheyAreTextOnly() throws Exception {
        String name = "<img src=x onerror=alert(1)>\"'& evil";
        Path hostile = run(name);
        RunProgress.now(Hostile.TEXTS.get(0), Hostile.TEXTS.get(1), 1, 0, Hostile.TEXTS.get(7), 1L, null)
                .write(hostile);
        board.close();
        board = BoardServer.start(runs, 0, p -> {
            if (p.endsWith("first")) {
                throw new InvalidInputException("damaged: " + Hostile.TEXTS.get(2));
            }
            return SampleRuns.run(String.valueOf(p.getFileName()), Hostile.TEXTS.get(3));
        });
        String index = body(get("/"));
        assertThat(index).contains("cannot be read: damaged", "&lt;img src=x");
        Hostile.requireText(index, 1);
        String address =
                BoardPages.address(BoardRun.look(hostile, p -> SampleRuns.run("x", "y"), new EvaluationTail(hostile)));
        assertThat(address).matches("/run/[A-Za-z0-9%._*-]+/");
        String page = get(address);
        assertThat(page).startsWith("HTTP/1.1 200");
        Hostile.requireText(body(page), 1);
    }

    @Test
    void givenNoFolderOrATakenPort_whenStarted_thenItIsBadInput() {
        assertThatThrownBy(() -> BoardServer.start(folder.resolve("nowhere"), 0, p -> SampleRuns.run("x", "y")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("nowhere");
        assertThatThrownBy(() -> BoardServer.start(runs, board.port(), p -> SampleRuns.run("x", "y")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("--port");
        assertThatThrownBy(() -> BoardServer.start(runs, 70_000, p -> SampleRuns.run("x", "y")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("70000");
    }
}
