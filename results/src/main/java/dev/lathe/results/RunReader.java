package dev.lathe.results;

import java.io.IOException;
import java.nio.file.Path;

/** Reads what a run has left so far, without holding or changing its folder. */
@FunctionalInterface
public interface RunReader {
    /** @throws dev.lathe.base.InvalidInputException if the folder is no run directory, or a file in it is damaged */
    RunSummary read(Path folder) throws IOException;
}
