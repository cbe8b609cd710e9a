package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.device.DeviceProfile;
import dev.lathe.device.Devices;
import dev.lathe.device.mcu.Microcontroller;
import dev.lathe.results.RunDirectory;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.supernet.ShrinkingOptions;
import dev.lathe.supernet.Strategy;
import dev.lathe.supernet.TrainingConfig;
import dev.lathe.supernet.data.DataFiles;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.Datasets;
import dev.lathe.supernet.data.ImageFolder;
import dev.lathe.supernet.data.TimeSeries;
import dev.lathe.supernet.data.TrainingData;
import dev.lathe.supernet.text.TranslationData;
import dev.lathe.supernet.text.TranslationFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every step of an experiment needs: the data, the space for its shape, the device, and the run's folder.
 *
 * @param experiment what is asked for
 * @param run the run directory, held
 * @param content the data set's three parts
 * @param space the space for the data's shape
 * @param device what networks are measured on
 * @param execution threads and cluster
 * @param progress hears of long work
 */
record Workbench(
        Experiment experiment,
        RunDirectory run,
        TrainingData content,
        SearchSpace space,
        DeviceProfile device,
        ExecutionOptions execution,
        ProgressListener progress) {

    private static final String UCI = "uci-digits:";
    private static final String HAR = "uci-har:";
    /** The six basic activities; the others are rare postural transitions. */
    private static final int HAR_CLASSES = 6;

    /** @throws InvalidInputException if the space, or the device cannot be used, or the space not for this data */
    static Workbench of(
            Experiment e,
            RunDirectory run,
            TrainingData content,
            ExecutionOptions execution,
            ProgressListener progress) {
        DeviceProfile device = check(e);
        SearchSpace space = SearchSpaces.create(e.space(), content.task());
        return new Workbench(e, run, content, space, device, execution, progress);
    }

    /**
     * The device. Refuses an unknown one, and budgets that it cannot have, at once: that should not wait for the data, nor leave a folder behind. The space was found when the
     * experiment was read.
     */
    static DeviceProfile check(Experiment e) {
        DeviceProfile device = Devices.get(e.device());
        Meters.check(device);
        for (String name : Quantities.FIRMWARE) {
            String text = e.budgets().get(name);
            if (!device.runsCode() && (text != null || e.objectives().contains(name))) {
                throw new InvalidInputException(
                        "%s %s is for microcontrollers, and %s is none; give such a device, for example stm32f746, or peakActivation"
                                .formatted(text == null ? "objective" : "budget", name, device.id()));
            }
            Long has = memory(device, name);
            if (has != null && text != null && Quantities.budget(name, text).limit() > has) {
                throw new InvalidInputException("budget %s %s is more than the %d bytes of %s; lower it or leave it out"
                        .formatted(name, text, has, device.id()));
            }
        }
        return device;
    }

    /** What a microcontroller has of the memory that a budget limits; null where it is not scarce. */
    static @Nullable Long memory(DeviceProfile device, String budget) {
        return switch (budget) {
            case "peakSram" -> device.runsCode() ? device.memory().ramBytes() : null;
            case "flash" -> device.runsCode() ? device.memory().flashBytes() : null;
            default -> null;
        };
    }

    /** Hard budgets as written: those asked for, and a microcontroller's own memory where they name none. */
    Map<String, String> budgets() {
        Map<String, String> all = new LinkedHashMap<>(experiment.budgets());
        for (String name : Quantities.FIRMWARE) {
            Long has = memory(device, name);
            if (has != null) {
                all.putIfAbsent(name, has + " B");
            }
        }
        return all;
    }

    /** RAM by which the schedules of firmware are chosen; null where networks do not run as firmware. */
    @Nullable
    Long firmwareRamBytes() {
        return device.microcontroller().map(Microcontroller::sramBytes).orElse(null);
    }

    /** @param strict whether damaged images and empty sentences are refused, and not left out */
    static TrainingData load(Experiment e, boolean strict) throws IOException {
        TrainingData data = read(e, strict);
        Integer some = e.accuracyImages();
        if (some != null && data instanceof DataSplit d && some > d.validation().size()) {
            throw new InvalidInputException(
                    "profile.accuracyImages is %d, but the validation part has %d images; give at most as many, or leave it out"
                            .formatted(some, d.validation().size()));
        }
        return data;
    }

    private static TrainingData read(Experiment e, boolean strict) throws IOException {
        if (TranslationFiles.isText(e.data())) {
            if (e.imageSize() != null) {
                throw new InvalidInputException("imageSize is %d, but data '%s' is text; leave imageSize out"
                        .formatted(e.imageSize(), e.data()));
            }
            return TranslationFiles.load(e.data(), e.seed(), strict);
        }
        if (e.data().equals("digits")) {
            return Datasets.digits(e.seed());
        }
        if (e.data().startsWith(UCI)) {
            return Datasets.uciDigits(Path.of(e.data().substring(UCI.length())), e.seed());
        }
        if (e.data().startsWith(HAR)) {
            return TimeSeries.load(Path.of(e.data().substring(HAR.length())), HAR_CLASSES, e.seed());
        }
        Path path;
        try {
            path = Path.of(e.data());
        } catch (java.nio.file.InvalidPathException bad) {
            throw new InvalidInputException(
                    "data '%s' is no path; give digits, uci-digits:DIR, uci-har:DIR, multi30k:DIR, parallel:SOURCE,TARGET, or a folder or ZIP of images, IDX or NPY files"
                            .formatted(e.data()),
                    bad);
        }
        Integer size = e.imageSize();
        return DataFiles.load(
                path, new ImageFolder.Options(size == null ? 0 : size, ImageFolder.Channels.AUTO, e.seed(), strict));
    }

    /** @throws InvalidInputException if the data is text */
    DataSplit data() {
        if (content instanceof DataSplit images) {
            return images;
        }
        throw isText(experiment);
    }

    /** What a step says that has no use for text. */
    static InvalidInputException isText(Experiment e) {
        return new InvalidInputException(
                "data '%s' is text, and this step is for classifiers; translators are trained and scored by lathe train, searched by lathe search and exported by lathe export"
                        .formatted(e.data()));
    }

    TrainingConfig trainingConfig() {
        Experiment.Training t = experiment.training();
        boolean text = content instanceof TranslationData;
        if (text && t.flip() != null) {
            throw new InvalidInputException(
                    "training.flip is %s, but the data is text; leave it out".formatted(t.flip()));
        }
        if (text && t.quantization() != null) {
            throw new InvalidInputException("training.quantization is %s, but the data is text; leave it out"
                    .formatted(t.quantization().text()));
        }
        Strategy strategy = t.strategy() == null ? Strategy.SANDWICH : t.strategy();
        checkOptions(t, strategy);
        TrainingConfig d = text ? TrainingConfig.translationDefaults() : TrainingConfig.defaults(space, data().train());
        Integer steps = t.steps();
        Integer batch = t.batchSize();
        Double rate = t.learningRate();
        Double decay = t.weightDecay();
        return new TrainingConfig(
                steps == null ? d.steps() : steps,
                batch == null ? d.batchSize() : batch,
                rate == null ? d.learningRate() : rate,
                decay == null ? d.weightDecay() : decay,
                d.warmupFraction(),
                d.labelSmoothing(),
                d.randomSubnets(),
                d.gradientClip(),
                t.flip() == null ? d.augmentation() : d.augmentation().withFlip(t.flip()),
                d.checkpointEverySteps(),
                experiment.seed(),
                t.strategy() == null ? d.strategy() : t.strategy(),
                t.regularization(),
                t.shrinking());
    }

    /** Refuses what the data or the space has no use for: it would do nothing, or harm. */
    private void checkOptions(Experiment.Training t, Strategy strategy) {
        boolean image = content instanceof DataSplit d && !d.train().isTimeSeries();
        if (t.regularization().erase() > 0 && !image) {
            throw new InvalidInputException("training.erase is %s, but the data is no images; leave it out"
                    .formatted(t.regularization().erase()));
        }
        boolean series = content instanceof DataSplit d && d.train().isTimeSeries();
        if (!t.regularization().series().isNone() && !series) {
            throw new InvalidInputException(
                    "training.jitter, training.scaling and training.shift are for time series, and the data is none; leave them out");
        }
        if (t.regularization().mixup() > 0 && content instanceof TranslationData) {
            throw new InvalidInputException("training.mixup is %s, but the data is text; leave it out"
                    .formatted(t.regularization().mixup()));
        }
        if (!t.shrinking().equals(ShrinkingOptions.NONE) && strategy != Strategy.PROGRESSIVE_SHRINKING) {
            throw new InvalidInputException(
                    "training.%s is for training.strategy progressive-shrinking, not %s; give that, or leave it out"
                            .formatted(
                                    t.shrinking().kernelTransforms() ? "kernelTransforms" : "reorderChannels",
                                    strategy.text()));
        }
        if (t.shrinking().kernelTransforms()
                && space.decisions().stream().noneMatch(d -> d.name().endsWith("kernel") && d.size() > 1)) {
            throw new InvalidInputException(
                    "training.kernelTransforms is true, but space %s has no elastic kernels; leave it out"
                            .formatted(space.name()));
        }
    }

    void say(String text) {
        if (progress instanceof ProgressFile f) {
            f.finishLine();
        }
        execution.say(text);
    }

    Path folder() {
        return run.folder();
    }

    /** Predictors, each a model and where it comes from. */
    Path predictors() {
        return folder().resolve("predictors");
    }

    /** What the search was and found, for the steps after it. */
    Path searchSummary() {
        return folder().resolve("search.json");
    }
}
