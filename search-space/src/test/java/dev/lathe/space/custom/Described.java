package dev.lathe.space.custom;

import dev.lathe.space.SearchSpace;
import java.nio.file.Path;

/** The described spaces that tests read. */
final class Described {
    static final Path EXAMPLES = Path.of("../examples/spaces");
    private static final Path TESTS = Path.of("src/test/resources/dev/lathe/space/custom");

    private Described() {}

    static SearchSpace test(String file) {
        SpaceFile f = SpaceFile.read(TESTS.resolve(file));
        return f.space(f.usualTask());
    }

    static Path path(String file) {
        return TESTS.resolve(file);
    }
}
