package dev.lathe.cli;

import dev.lathe.results.BoardServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Follows the runs of a folder in a browser. */
@Command(
        name = "board",
        mixinStandardHelpOptions = true,
        description = {
            "Shows all runs of a folder in a browser, and follows those that are running: state, time left, the front so far.",
            "Serves this machine only (the loopback address), reads only, and stops on Ctrl-C."
        },
        footer = {"", "Examples:", "  lathe board results", "  lathe board results --port 0"})
final class BoardCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "DIR",
            arity = "0..1",
            defaultValue = "results",
            description = "The folder that holds run directories (default: ${DEFAULT-VALUE}).")
    Path folder = Path.of("results");

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8640",
            description = "Port of the loopback address, 0 for any that is free (default: ${DEFAULT-VALUE}).")
    int port = 8640;

    @Override
    public Integer call() throws IOException {
        // A browser that asks slowly, or not to the end, must not hold a thread for ever.
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", "60");
        try (BoardServer board = BoardServer.start(folder, port, RunSummaries::read)) {
            System.out.println(board.address());
            System.out.flush();
            Runtime.getRuntime().addShutdownHook(new Thread(board::close));
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }
}
