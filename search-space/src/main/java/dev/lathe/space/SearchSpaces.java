package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.custom.SpaceFile;
import dev.lathe.space.fbnetv3.FbnetV3Space;
import dev.lathe.space.hat.HatSettings;
import dev.lathe.space.hat.HatSpace;
import dev.lathe.space.mcuformer.AutoFormerSpace;
import dev.lathe.space.mcuformer.McuFormerSpace;
import dev.lathe.space.mcuformer.TransformerSize;
import dev.lathe.space.micronas.MicroNasSpace;
import dev.lathe.space.mobilenetv4.MobileNetV4Size;
import dev.lathe.space.mobilenetv4.MobileNetV4Space;
import dev.lathe.space.nasbench.NasBench201Space;
import dev.lathe.space.ofa.OfaMobileSpace;
import dev.lathe.space.ofa.OfaResNetSpace;
import dev.lathe.space.ofa.ProxylessNasSpace;
import dev.lathe.space.spaceevo.SpaceEvoSpace;
import dev.lathe.space.spaceevo.SpaceGenome;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
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

    /** Made when asked for: a description need not be read by a program that uses another space. */
    private static final Map<String, Supplier<Entry>> ALL = new LinkedHashMap<>();

    static {
        images(MbConvTinySpace.NAME, MbConvTinySpace::new, DIGITS);
        images(VitTinySpace.NAME, VitTinySpace::new, DIGITS);
        ALL.put("conv-small", () -> described(SpaceFile.builtIn("conv-small.yaml")));
        images(OfaMobileSpace.MOBILENET_V3, OfaMobileSpace::mobileNetV3, imageNet(224));
        images(OfaMobileSpace.MOBILENET_V3_W12, OfaMobileSpace::mobileNetV3W12, imageNet(224));
        images(OfaMobileSpace.PROXYLESS_NAS, OfaMobileSpace::proxylessNas, imageNet(224));
        images(OfaResNetSpace.NAME, OfaResNetSpace::new, imageNet(224));
        images(ProxylessNasSpace.NAME, ProxylessNasSpace::new, imageNet(224));
        for (MobileNetV4Size size : MobileNetV4Size.values()) {
            images(size.spaceName(), task -> new MobileNetV4Space(size, task), imageNet(size.usualSide()));
        }
        images(FbnetV3Space.NAME, FbnetV3Space::new, imageNet(224));
        for (SpaceGenome genome : SpaceGenome.released()) {
            String name = SpaceEvoSpace.PREFIX + genome.toText();
            ALL.put(name, () -> spaceEvo(name, genome));
        }
        images("mcuformer-t", t -> new McuFormerSpace(TransformerSize.TINY, t), imageNet(240));
        images("mcuformer-s", t -> new McuFormerSpace(TransformerSize.SMALL, t), imageNet(240));
        images("mcuformer-b", t -> new McuFormerSpace(TransformerSize.BASE, t), imageNet(240));
        images("autoformer-t", t -> new AutoFormerSpace(TransformerSize.TINY, t), imageNet(224));
        images("autoformer-s", t -> new AutoFormerSpace(TransformerSize.SMALL, t), imageNet(224));
        images("autoformer-b", t -> new AutoFormerSpace(TransformerSize.BASE, t), imageNet(224));
        images(NasBench201Space.NAME, NasBench201Space::new, NasBench201Space.CIFAR10);
        images(MicroNasSpace.NAME, MicroNasSpace::new, MicroNasSpace.UCI_HAR);
        for (HatSettings settings :
                List.of(HatSettings.WMT_EN_DE, HatSettings.WMT_EN_FR, HatSettings.IWSLT_DE_EN, HatSettings.MINI)) {
            ALL.put(settings.name(), () -> new Entry(forTranslation(settings), settings.usualTask()));
        }
    }

    private SearchSpaces() {}

    /** Colour images of the 1000 classes of ImageNet. */
    private static TaskShape imageNet(int side) {
        return new TaskShape(3, side, side, 1000);
    }

    private static void images(String name, Function<TaskShape, SearchSpace> make, TaskShape usual) {
        ALL.put(name, () -> new Entry(forImages(name, make), usual));
    }

    private static Entry described(SpaceFile file) {
        return new Entry(forImages(file.name(), file::space), file.usualTask());
    }

    private static Entry spaceEvo(String name, SpaceGenome genome) {
        return new Entry(forImages(name, task -> new SpaceEvoSpace(genome, task)), SpaceEvoSpace.IMAGENET);
    }

    private static Function<Task, SearchSpace> forImages(String name, Function<TaskShape, SearchSpace> make) {
        return task -> {
            if (task instanceof TaskShape t) {
                return make.apply(t);
            }
            throw new InvalidInputException("search space %s classifies images; the task is %s".formatted(name, task));
        };
    }

    private static Function<Task, SearchSpace> forTranslation(HatSettings settings) {
        return task -> {
            if (task instanceof TranslationTask t) {
                return new HatSpace(settings, t);
            }
            throw new InvalidInputException(
                    "search space %s translates sentences; the task is %s".formatted(settings.name(), task));
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

    /** The names that are listed; {@link #create} knows some more, such as SpaceEvo's spaces by their genome. */
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

    /**
     * The reference, or for a file its text: what a run keeps, so that it goes on though the file changes.
     *
     * @throws InvalidInputException if there is no such space, or its file is wrong
     */
    public static String kept(String reference) {
        SpaceFile file = file(reference);
        if (file != null) {
            return file.text().endsWith("\n") ? file.text() : file.text() + "\n";
        }
        entry(reference);
        return reference;
    }

    /** The name that a reference's space has. */
    public static String nameOf(String reference) {
        SpaceFile file = file(reference);
        return file == null ? reference : file.name();
    }

    /** The task that the space is published for: what it takes and gives unless something else is asked for. */
    public static Task usualTask(String name) {
        return entry(name).usual();
    }

    private static Entry entry(String name) {
        SpaceFile file = file(name);
        if (file != null) {
            return described(file);
        }
        Supplier<Entry> e = ALL.get(name);
        if (e == null && name.startsWith(SpaceEvoSpace.PREFIX)) {
            // A hyperspace has up to a thousand million spaces: any of them goes by its genome.
            return spaceEvo(name, SpaceGenome.parse(name.substring(SpaceEvoSpace.PREFIX.length())));
        }
        if (e == null) {
            throw InvalidInputException.unknown("search space", name, ALL.keySet());
        }
        return e.get();
    }
}
