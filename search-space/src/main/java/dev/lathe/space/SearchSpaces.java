package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import java.util.List;

/** The built-in search spaces by name. */
public final class SearchSpaces {
    private static final List<String> NAMES = List.of(MbConvTinySpace.NAME, VitTinySpace.NAME);

    private SearchSpaces() {}

    public static List<String> names() {
        return NAMES;
    }

    /**
     * The space of this name for a task.
     *
     * @throws InvalidInputException if no space has this name, or it cannot take images of this size
     */
    public static SearchSpace create(String name, TaskShape task) {
        return switch (name) {
            case MbConvTinySpace.NAME -> new MbConvTinySpace(task);
            case VitTinySpace.NAME -> new VitTinySpace(task);
            default -> throw InvalidInputException.unknown("search space", name, NAMES);
        };
    }
}
