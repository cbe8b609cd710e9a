package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.micronas.MicroNasSpace;
import dev.lathe.space.nasbench.NasBench201Space;
import dev.lathe.space.hat.HatSettings;
import dev.lathe.space.hat.HatSpace;
import dev.lathe.space.spaceevo.SpaceEvoSpace;
import dev.lathe.space.spaceevo.SpaceGenome;
import dev.lathe.space.mcuformer.AutoFormerSpace;
import dev.lathe.space.mcuformer.McuFormerSpace;
import dev.lathe.space.mcuformer.TransformerSize;
import dev.lathe.space.ofa.OfaMobileSpace;
import dev.lathe.space.ofa.OfaResNetSpace;
import dev.lathe.space.ofa.ProxylessNasSpace;
import dev.lathe.space.fbnetv3.FbnetV3Space;
import dev.lathe.space.mobilenetv4.MobileNetV4Size;
import dev.lathe.space.mobilenetv4.MobileNetV4Space;
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
        images(MicroNasSpace.NAME, MicroNasSpace::new, MicroNasSpace.UCI_HAR);
        images(NasBench201Space.NAME, NasBench201Space::new, NasBench201Space.CIFAR10);
        hat(HatSettings.WMT_EN_DE);
        hat(HatSettings.WMT_EN_FR);
        hat(HatSettings.IWSLT_DE_EN);
        hat(HatSettings.MINI);
        SpaceGenome.released().forEach(g -> ALL.put(SpaceEvoSpace.PREFIX + g.toText(), spaceEvo(g)));
        images("mcuformer-t", t -> new McuFormerSpace(TransformerSize.TINY, t), IMAGENET_240);
        images("mcuformer-s", t -> new McuFormerSpace(TransformerSize.SMALL, t), IMAGENET_240);
        images("mcuformer-b", t -> new McuFormerSpace(TransformerSize.BASE, t), IMAGENET_240);
        images("autoformer-t", t -> new AutoFormerSpace(TransformerSize.TINY, t), IMAGENET);
        images("autoformer-s", t -> new AutoFormerSpace(TransformerSize.SMALL, t), IMAGENET);
        images("autoformer-b", t -> new AutoFormerSpace(TransformerSize.BASE, t), IMAGENET);
        images(OfaMobileSpace.MOBILENET_V3, OfaMobileSpace::mobileNetV3, IMAGENET);
        images(OfaMobileSpace.MOBILENET_V3_W12, OfaMobileSpace::mobileNetV3W12, IMAGENET);
        images(OfaMobileSpace.PROXYLESS_NAS, OfaMobileSpace::proxylessNas, IMAGENET);
        images(OfaResNetSpace.NAME, OfaResNetSpace::new, IMAGENET);
        images(ProxylessNasSpace.NAME, ProxylessNasSpace::new, IMAGENET);
        for (MobileNetV4Size size : MobileNetV4Size.values()) {
            images(size.spaceName(), task -> new MobileNetV4Space(size, task), imageNet(size.usualSide()));
        }
        images(FbnetV3Space.NAME, FbnetV3Space::new, imageNet(224));
    }

    private SearchSpaces() {}

    /** Colour images of the 1000 classes of ImageNet. */
    private static TaskShape imageNet(int side) {
        return new TaskShape(3, side, side, 1000);
    }

    private static void images(String name, Function<TaskShape, SearchSpace> make, TaskShape usual) {
        ALL.put(name, imageEntry(name, make, usual));
    }

    private static void hat(HatSettings settings) {
        ALL.put(
                settings.name(),
                new Entry(
                        task -> {
                            if (task instanceof TranslationTask t) {
                                return new HatSpace(settings, t);
                            }
                            throw new InvalidInputException("search space %s translates sentences; the task is %s"
                                    .formatted(settings.name(), task));
                        },
                        settings.usualTask()));
    }

    private static Entry imageEntry(String name, Function<TaskShape, SearchSpace> make, TaskShape usual) {
        return new Entry(
                task -> {
                    if (task instanceof TaskShape t) {
                        return make.apply(t);
                    }
                    throw new InvalidInputException(
                            "search space %s classifies images; the task is %s".formatted(name, task));
                },
                usual);
    }

    private static Entry spaceEvo(SpaceGenome genome) {
        return imageEntry(
                SpaceEvoSpace.PREFIX + genome.toText(),
                task -> new SpaceEvoSpace(genome, task),
                SpaceEvoSpace.IMAGENET);
    }

    /** The names that are listed; {@link #create} knows some more, such as SpaceEvo's spaces by their genome. */
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

    /** @throws InvalidInputException if no space has this name */
    public static void requireKnown(String name) {
        entry(name);
    }

    /** The task that the space is published for: what it takes and gives unless something else is asked for. */
    public static Task usualTask(String name) {
        return entry(name).usual();
    }

    private static Entry entry(String name) {
        Entry e = ALL.get(name);
        if (e == null && name.startsWith(SpaceEvoSpace.PREFIX)) {
            // A hyperspace has up to a thousand million spaces: any of them goes by its genome.
            return spaceEvo(SpaceGenome.parse(name.substring(SpaceEvoSpace.PREFIX.length())));
        }
        if (e == null) {
            throw InvalidInputException.unknown("search space", name, ALL.keySet());
        }
        return e;
    }
}
