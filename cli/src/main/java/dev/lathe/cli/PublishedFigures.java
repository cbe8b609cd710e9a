package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Comparison;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** The comparisons that search spaces make of themselves with published tables, as reproductions. */
final class PublishedFigures {
    private PublishedFigures() {}

    /** Of figures that stand in papers and model cards, so that no data set is needed. */
    static ReproduceCommand.Reproduction inText(Supplier<List<Comparison>> compare) {
        return o -> rows(compare.get());
    }

    /** @param compare takes the folder of the data sets */
    static ReproduceCommand.Reproduction of(Function<Path, List<Comparison>> compare) {
        return o -> rows(compare.apply(data(o)));
    }

    /** @throws InvalidInputException if the folder of the data sets was not given */
    static Path data(ReproduceCommand o) {
        Path data = o.data;
        if (data == null || !Files.isDirectory(data)) {
            throw new InvalidInputException(
                    "this table needs the data sets; give their folder, for example --data ../shared/data");
        }
        return data;
    }

    private static List<ReproduceCommand.Row> rows(List<Comparison> comparisons) {
        return comparisons.stream()
                .map(c -> new ReproduceCommand.Row(c.what(), c.theirs(), c.ours(), c.bar(), c.agrees()))
                .toList();
    }
}
