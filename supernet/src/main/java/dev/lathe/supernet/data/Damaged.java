package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of a data set that cannot be used: counted, and the first of them named. */
final class Damaged {
    private static final int NAMED = 10;

    private final Path path;
    private final List<String> named = new ArrayList<>();
    private int bad;
    private int good;
    private @Nullable IOException cause;

    Damaged(Path path) {
        this.path = path;
    }

    /** Counts a file that was read. */
    void read() {
        good++;
    }

    void add(String file, IOException e) {
        bad++;
        if (cause == null) {
            cause = e;
        }
        if (named.size() < NAMED) {
            named.add("'%s' (%s)".formatted(Names.shown(file), Names.shown(String.valueOf(e.getMessage()))));
        }
    }

    /** @throws InvalidInputException if none is allowed, and there is one */
    void requireNoneWhere(boolean strict) {
        if (strict && cause != null) {
            throw new InvalidInputException(
                    "%d of %d images in %s cannot be used, the first is %s; mend or remove them, or leave --strict out"
                            .formatted(bad, bad + good, path, named.get(0)),
                    cause);
        }
    }

    String first() {
        return bad == 0 ? "all can be read" : "%d cannot, the first is %s".formatted(bad, named.get(0));
    }

    /** What was left out, in one line; none where nothing was. */
    List<String> notes() {
        return bad == 0
                ? List.of()
                : List.of("%d of %d images in %s are left out, for they cannot be used: %s%s"
                        .formatted(
                                bad,
                                bad + good,
                                path,
                                String.join(", ", named),
                                bad > named.size() ? " and %d more".formatted(bad - named.size()) : ""));
    }
}
