package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.results.FrontFile;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The networks that a search starts from: another run's front. They are copied into the run, so that it can be resumed when the other
 * one is gone or has changed; their values are not, because they may be of other predictors.
 */
final class WarmStart {
    private WarmStart() {}

    /** The copy in this run, made at first; empty where the experiment starts from nothing. */
    static List<Architecture> of(Workbench w) throws IOException {
        String from = w.experiment().method().warmStart();
        if (from == null) {
            return List.of();
        }
        Path copy = w.folder().resolve("warm-start.csv");
        if (!Files.exists(copy)) {
            Path front = Path.of(from).resolve("front.csv");
            if (!Files.exists(front)) {
                throw new InvalidInputException(
                        "--warm-start %s has no front.csv; give the directory of a run that has searched"
                                .formatted(from));
            }
            FrontFile.Front read = FrontFile.read(front);
            FrontFile.write(copy, read.metrics(), read.members());
        }
        List<Architecture> start = FrontFile.read(copy).members().stream()
                .map(e -> e.architecture())
                .toList();
        for (Architecture a : start) {
            try {
                w.space().check(a);
            } catch (InvalidInputException e) {
                Files.deleteIfExists(copy);
                throw new InvalidInputException(
                        "--warm-start %s is a run of another space: %s; give one of %s"
                                .formatted(from, e.getMessage(), w.space().name()),
                        e);
            }
        }
        return start.stream().map(w.space()::canonical).toList();
    }
}
