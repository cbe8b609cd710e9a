package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.custom.SpaceFile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Search spaces by reference: the name of a built-in one, the path of a YAML file ({@code .yaml} or {@code .yml}) that describes
 * one, or such a file's text.
 */
public final class SearchSpaces {
    /**
     * A built-in space.
     *
     * @param make makes it for a task of its kind
     * @param usual the task it is published for
     */
    private record Entry(Function<Task, SearchSpace> make, Task usual) {}

    private static final TaskShape DIGITS = new TaskShape(1, 8, 8, 10);

    private static final Map<String, Entry> ALL = new LinkedHashMap<>();

    static {
        images(MbConvTinySpace.NAME, MbConvTinySpace::new, DIGITS);
        images(VitTinySpace.NAME, VitTinySpace::new, DIGITS);
    }

    private SearchSpaces() {}

    private static void images(String name, Function<TaskShape, SearchSpace> make, TaskShape usual) {
        ALL.put(name, new Entry(forImages(name, make), usual));
    }

    private static Function<Task, SearchSpace> forImages(String name, Function<TaskShape, SearchSpace> make) {
        return task -> {
            if (task instanceof TaskShape t) {
                return make.apply(t);
            }
            throw new InvalidInputException("search space %s classifies images; the task is %s".formatted(name, task));
        };
    }

    /** The description that a reference points at, or null for the name of a built-in space. */
    private static @Nullable SpaceFile file(String reference) {
        if (reference.indexOf('\n') >= 0) {
            return SpaceFile.parse("the space's description", reference);
        }
        String lower = reference.toLowerCase(Locale.ROOT);
        if (!lower.endsWith(".yaml") && !lower.endsWith(".yml")) {
            return null;
        }
        try {
            return SpaceFile.read(Path.of(reference));
        } catch (InvalidPathException e) {
            throw new InvalidInputException("'%s' is no path of a file".formatted(Names.shown(reference)), e);
        }
    }

    /** Names of the built-in spaces. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /**
     * The space of this reference for a task.
     *
     * @throws InvalidInputException if there is no such space, its file is wrong, or it is not made for this task
     */
    public static SearchSpace create(String name, Task task) {
        return entry(name).make().apply(task);
    }

    /** The task that the space is published for: what it takes and gives unless something else is asked for. */
    public static Task usualTask(String name) {
        return entry(name).usual();
    }

    private static Entry entry(String name) {
        SpaceFile file = file(name);
        if (file != null) {
            return new Entry(forImages(file.name(), file::space), file.usualTask());
        }
        Entry e = ALL.get(name);
        if (e == null) {
            throw InvalidInputException.unknown("search space", name, ALL.keySet());
        }
        return e;
    }
}
