package dev.lathe.results;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one run, held by one process at a time: while this object is open no other process can open the folder. The
 * lock goes with the process, however that ends.
 */
public final class RunDirectory implements AutoCloseable {
    private static final String LOCK = ".lock";

    private final Path folder;
    private final FileChannel lock;
    private RunManifest manifest;

    private RunDirectory(Path folder, FileChannel lock, RunManifest manifest) {
        this.folder = folder;
        this.lock = lock;
        this.manifest = manifest;
    }

    /**
     * Begins a run, or goes on with one.
     *
     * @param folder made where it is missing
     * @param manifest what is asked now
     * @param resume whether a run of the same experiment that is there already is continued; where none is there, a new one
     *     begins, because a run may have stopped before its first file
     * @throws InvalidInputException if the folder holds something else, another experiment, a run and {@code resume} is
     *     false, or is in use
     */
    public static RunDirectory start(Path folder, RunManifest manifest, boolean resume) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new InvalidInputException("%s is a file; give a folder as --out".formatted(folder));
        }
        boolean isRun = Files.exists(folder.resolve(RunManifest.FILE));
        if (!isRun && !isEmpty(folder)) {
            throw new InvalidInputException(
                    "folder %s is not empty and no run directory; give an empty or a new one as --out"
                            .formatted(folder));
        }
        if (isRun && !resume) {
            throw new InvalidInputException(
                    "%s holds a run already; give --resume to continue it, or another --out".formatted(folder));
        }
        Files.createDirectories(folder);
        FileChannel lock = lock(folder);
        try {
            // Read again under the lock: another process may have begun in between.
            Path file = folder.resolve(RunManifest.FILE);
            if (!Files.exists(file)) {
                manifest.write(file);
                return new RunDirectory(folder, lock, manifest);
            }
            RunManifest there = RunManifest.read(file);
            String key = there.firstDifference(manifest);
            if (key != null) {
                throw new InvalidInputException(
                        "run directory %s holds another experiment: %s is %s there and %s here; give another --out"
                                .formatted(
                                        folder,
                                        Names.shown(key),
                                        value(there.experiment().get(key)),
                                        value(manifest.experiment().get(key))));
            }
            return new RunDirectory(folder, lock, there);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * Opens the run that is there, for a step that works on what an earlier one left.
     *
     * @throws InvalidInputException if the folder is no run directory, or is in use
     */
    public static RunDirectory open(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new InvalidInputException(
                    "there is no run directory %s; give the --out of an earlier run".formatted(folder));
        }
        RunManifest manifest = RunManifest.read(folder.resolve(RunManifest.FILE));
        return new RunDirectory(folder, lock(folder), manifest);
    }

    private static String value(@Nullable String v) {
        return v == null ? "not set" : Names.shown(v);
    }

    /** Whether nothing of value is there: no files but those that a stopped process leaves. */
    private static boolean isEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return true;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> String.valueOf(f.getFileName()))
                    .allMatch(n -> n.equals(LOCK) || (n.startsWith("." + RunManifest.FILE) && n.endsWith(".tmp")));
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean held = false;
        try {
            held = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            held = false;
        } finally {
            if (!held) {
                channel.close();
            }
        }
        if (!held) {
            throw new InvalidInputException(
                    "run directory %s is in use by another process; wait for it to end, or give another --out"
                            .formatted(folder));
        }
        return channel;
    }

    public Path folder() {
        return folder;
    }

    public RunManifest manifest() {
        return manifest;
    }

    /**
     * Replaces {@code run.yaml}, for example when budgets are resolved.
     *
     * @throws IllegalArgumentException if it is of another experiment
     */
    public void update(RunManifest changed) throws IOException {
        if (!changed.experimentHash().equals(manifest.experimentHash())) {
            throw new IllegalArgumentException("A run keeps its experiment; the new manifest is of another one");
        }
        changed.write(folder.resolve(RunManifest.FILE));
        manifest = changed;
    }

    /** Folder of the supernet's checkpoint and training curve. */
    public Path supernet() {
        return folder.resolve("supernet");
    }

    /** What was measured on the device. */
    public Path measurements() {
        return folder.resolve("measurements.csv");
    }

    /** Accuracies of sampled subnets. */
    public Path accuracies() {
        return folder.resolve("accuracies.csv");
    }

    /** Every candidate evaluated. */
    public Path evaluations() {
        return folder.resolve("evaluations.csv");
    }

    /** What the search decided between its batches, where that takes time. */
    public Path decisions() {
        return folder.resolve("decisions.csv");
    }

    /** The Pareto front. */
    public Path front() {
        return folder.resolve("front.csv");
    }

    /** The page for people. */
    public Path report() {
        return folder.resolve("report.html");
    }

    /** Folder of model files, each with a JSON card. */
    public Path export() {
        return folder.resolve("export");
    }

    /** Lets other processes use the folder. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
