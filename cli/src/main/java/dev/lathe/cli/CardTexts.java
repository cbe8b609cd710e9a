package dev.lathe.cli;

import dev.lathe.results.Provenance;
import dev.lathe.space.TaskShape;
import dev.lathe.supernet.data.ImageDataset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the cards of exported networks say besides numbers: what it is, how each number was got, how to get it again. */
final class CardTexts {
    /** File in the export folder that asks for the same run. */
    static final String EXPERIMENT = "experiment.yaml";

    private static final String COUNTED = "counted: read off the architecture's graph, exact";
    private static final String TEST =
            "computed with inherited weights on the test part, which no earlier step has read";

    /** Of networks that were timed in a form. @param timed what was timed, for example {@code this file} */
    static Map<String, String> onnxOrigins(String timed) {
        return origins(
                "decisions", "read off the architecture",
                "accuracy.validationTop1",
                        "computed with inherited weights on the validation part, by which the search chose: optimistic",
                "accuracy.testTop1", TEST,
                "latency.medianMs", "measured on the device with %s, median over rounds".formatted(timed),
                "latency.spreadMs", "measured, median absolute deviation of the rounds' medians",
                "latency.predictedMs", "predicted by a model that was fitted to measurements of other networks",
                "memory.peakActivationBytes",
                        "planned: exact for the schedule of the graph, not measured in the runtime",
                "macs", COUNTED,
                "parameters", COUNTED,
                "budgets", "as asked; percentiles resolved with measured random networks",
                "withinBudget", "latency as measured, memory as planned, the rest as counted");
    }

    static final Map<String, String> C_ORIGINS = origins(
            "decisions", "read off the architecture",
            "accuracy.float32Top1", TEST + ", before quantization",
            "accuracy.int8Top1", TEST + ", by an integer reference whose every bit the C gives",
            "memory.arenaBytes", "planned: exact, and where checks say so found used to its last byte",
            "memory.constantBytes", COUNTED,
            "memory.ramBytes", "measured: of the linked firmware, stack included",
            "memory.flashBytes", "measured: of the linked firmware, without the samples that it was checked with",
            "memory.ramLimitBytes", "of the device's data sheet",
            "memory.flashLimitBytes", "of the device's data sheet",
            "macs", COUNTED,
            "instructions", "measured: counted by an emulator, which knows no cycles");

    static final Map<String, String> TRANSLATOR_ORIGINS = origins(
            "decisions", "read off the architecture",
            "quality.validationLoss", "computed by the supernet with inherited weights on the validation part",
            "quality.testBleu",
                    "computed by the two files with inherited weights on the test part, which no earlier step has read",
            "agreement.largestDifference", "computed: files token by token against the supernet, teacher-forced",
            "agreement.sameTranslations", "computed: greedy translations by the files and by the supernet",
            "macs", COUNTED,
            "parameters", COUNTED);

    private CardTexts() {}

    private static Map<String, String> origins(String... pairs) {
        Map<String, String> m = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            m.put(pairs[i], pairs[i + 1]);
        }
        return Collections.unmodifiableMap(m);
    }

    /** @param form for example {@code exported as ONNX} */
    static String about(Workbench w, String form) {
        TaskShape t = TaskShape.of(w.space());
        return "A classifier of inputs of %d x %d x %d in %d classes (%s), a network of the search space %s (%s) with weights cut from a shared supernet, not trained on its own; %s by Lathe %s."
                .formatted(
                        t.channels(),
                        t.height(),
                        t.width(),
                        t.classes(),
                        w.data().train().name(),
                        w.space().name(),
                        w.space().description(),
                        form,
                        Main.VERSION);
    }

    /** Author, source and licence of the data, or that they are not known. */
    static String attribution(ImageDataset data) {
        return attribution(data.attribution());
    }

    /** The same of what any data says of itself. */
    static String attribution(String known) {
        return known.isBlank()
                ? "author and licence of the data are not known to Lathe; ask who gave it to you before you pass the network on"
                : known;
    }

    static Provenance provenance(Workbench w) {
        TaskShape t = TaskShape.of(w.space());
        return new Provenance(
                w.run().manifest().experimentHash(),
                EXPERIMENT,
                w.experiment().data(),
                w.content().fingerprint(),
                new Provenance.Input(t.channels(), t.height(), t.width(), t.classes()),
                List.of("lathe run " + EXPERIMENT + " --out again", "lathe verify ."));
    }
}
