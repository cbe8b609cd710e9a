package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.micronas.MicroNasSpace;
import dev.lathe.space.nasbench.NasBench201Space;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The built-in search spaces by name. */
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
        images(MicroNasSpace.NAME, MicroNasSpace::new, MicroNasSpace.UCI_HAR);
        images(NasBench201Space.NAME, NasBench201Space::new, NasBench201Space.CIFAR10);
    }

    private SearchSpaces() {}

    private static void images(String name, Function<TaskShape, SearchSpace> make, TaskShape usual) {
        ALL.put(
                name,
                new Entry(
                        task -> {
                            if (task instanceof TaskShape t) {
                                return make.apply(t);
                            }
                            throw new InvalidInputException(
                                    "search space %s classifies images; the task is %s".formatted(name, task));
                        },
                        usual));
    }

    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /**
     * The space of this name for a task.
     *
     * @throws InvalidInputException if no space has this name, or it is not made for this task
     */
    public static SearchSpace create(String name, Task task) {
        return entry(name).make().apply(task);
    }

    /** The task that the space is published for: what it takes and gives unless something else is asked for. */
    public static Task usualTask(String name) {
        return entry(name).usual();
    }

    private static Entry entry(String name) {
        Entry e = ALL.get(name);
        if (e == null) {
            throw InvalidInputException.unknown("search space", name, ALL.keySet());
        }
        return e;
    }
}
