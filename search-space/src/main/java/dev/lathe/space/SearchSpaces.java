package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.mcuformer.AutoFormerSpace;
import dev.lathe.space.mcuformer.McuFormerSpace;
import dev.lathe.space.mcuformer.TransformerSize;
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
    private static final TaskShape IMAGENET = new TaskShape(3, 224, 224, 1000);
    private static final TaskShape IMAGENET_240 = new TaskShape(3, 240, 240, 1000);

    private static final Map<String, Entry> ALL = new LinkedHashMap<>();

    static {
        images(MbConvTinySpace.NAME, MbConvTinySpace::new, DIGITS);
        images(VitTinySpace.NAME, VitTinySpace::new, DIGITS);
        images("mcuformer-t", t -> new McuFormerSpace(TransformerSize.TINY, t), IMAGENET_240);
        images("mcuformer-s", t -> new McuFormerSpace(TransformerSize.SMALL, t), IMAGENET_240);
        images("mcuformer-b", t -> new McuFormerSpace(TransformerSize.BASE, t), IMAGENET_240);
        images("autoformer-t", t -> new AutoFormerSpace(TransformerSize.TINY, t), IMAGENET);
        images("autoformer-s", t -> new AutoFormerSpace(TransformerSize.SMALL, t), IMAGENET);
        images("autoformer-b", t -> new AutoFormerSpace(TransformerSize.BASE, t), IMAGENET);
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
