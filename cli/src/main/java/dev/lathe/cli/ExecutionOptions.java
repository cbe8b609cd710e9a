package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.supernet.ComputeDevice;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a result is computed; nothing here changes the result. */
final class ExecutionOptions {
    @Option(names = "--threads", paramLabel = "N", description = "Threads of the search (default: all processors).")
    @Nullable
    Integer threads;

    @Option(
            names = "--device-index",
            paramLabel = "N",
            description =
                    "The GPU that trains and evaluates supernets, counted from 0; -1 is the CPU (default: the first GPU where the engine finds one).")
    @Nullable
    Integer deviceIndex;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Search, and evaluate subnets, on Apache Spark: local[2], spark://host:7077, or, by"
                    + " spark-submit, yarn or k8s://https://host:port (default: threads of this process).")
    @Nullable
    String master;

    @Option(
            names = "--strict",
            description =
                    "Refuse data with images that cannot be read, or with empty or overlong sentences (default: leave"
                            + " them out, counted and named).")
    boolean strict;

    @Option(
            names = "--spark-unauthenticated",
            description = "The Spark cluster has no authentication (default: LATHE_SPARK_SECRET holds its"
                    + " spark.authenticate.secret).")
    boolean sparkUnauthenticated;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress on standard error.")
    boolean quiet;

    /** Takes the compute device that was asked for. */
    void selectDevice() {
        if (deviceIndex != null) {
            ComputeDevice.use(deviceIndex);
        }
    }

    int threadCount() {
        if (threads == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (threads < 1 || threads > 1024) {
            throw new InvalidInputException("--threads is %d, it must be 1 to 1024".formatted(threads));
        }
        return threads;
    }

    ProgressListener progress() {
        return progress(quiet);
    }

    /** Progress on standard error, for commands whose other options are not these. */
    static ProgressListener progress(boolean quiet) {
        return quiet ? ProgressListener.SILENT : new ProgressPrinter(System.err, System.console() != null);
    }

    /** A line for people about what was done; silent with {@code --quiet}. */
    void say(String text) {
        if (!quiet) {
            System.err.println(text);
        }
    }
}
