package dev.lathe.predict.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import water.ExtensionManager;
import water.H2O;

/**
 * The one H2O node of this process: started when first needed, without a socket and without a web server, never stopped.
 * Its scratch folder goes when the process ends.
 */
final class H2ONode {
    private static final int START_TIMEOUT_MS = 30_000;
    private static boolean started;

    private H2ONode() {}

    /**
     * Starts the node unless it runs already.
     *
     * @param threads number of worker threads
     * @throws UncheckedIOException if no scratch folder can be made
     */
    static synchronized void start(int threads) {
        if (started) {
            return;
        }
        Path scratch;
        try {
            scratch = Files.createTempDirectory("lathe-h2o-");
        } catch (IOException e) {
            throw new UncheckedIOException("No scratch folder can be made for H2O", e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteTree(scratch), "lathe-h2o-scratch"));
        // H2O ends the process on a Java newer than those it was tested with; it works all the same.
        if (System.getProperty("sys.ai.h2o.debug.noJavaVersionCheck") == null) {
            System.setProperty("sys.ai.h2o.debug.noJavaVersionCheck", "true");
        }
        H2O.main(new String[] {
            "-name",
            "lathe-" + ProcessHandle.current().pid(),
            "-ip",
            "127.0.0.1",
            "-nthreads",
            Integer.toString(threads),
            "-disable_web",
            "-disable_net",
            "-quiet",
            "-log_level",
            "FATAL",
            "-ice_root",
            scratch.toString()
        });
        H2O.waitForCloudSize(1, START_TIMEOUT_MS);
        // Without the schemas a model cannot write its MOJO.
        ExtensionManager.getInstance().registerRestApiExtensions();
        H2O.finalizeRegistration();
        started = true;
    }

    private static void deleteTree(Path root) {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                    Files.deleteIfExists(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            // The process ends: what is left lies in the system's folder for temporary files.
        }
    }
}
