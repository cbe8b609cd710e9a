package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.device.DeviceFile;
import dev.lathe.device.mcu.Microcontroller;
import dev.lathe.results.TranslatorCard;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Exports and verifies the front. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes every network of the front with a JSON card: as an ONNX file that is run on the test part and measured on the device, as an 8-bit ONNX file compared with its float32 form, or as 8-bit C for a microcontroller, compared bit by bit with an integer reference.",
            "Of a supernet of translators, writes every network of the front, before a search the largest and the smallest, or those of --architecture: an encoder and a decoder of one token each, with the tokenizer."
        },
        footer = {
            "",
            "Examples:",
            "  lathe export --out results/vit",
            "  lathe export --out results/vit --precision int8",
            "  lathe export --out results/vit --format c --mcu stm32f746",
            "  lathe export --out results/hat --sentences 1000"
        })
final class ExportCommand extends StepCommand {
    @Option(names = "--json", description = "Print one JSON object on standard output instead of the table.")
    boolean json;

    enum Format {
        onnx,
        c
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Format format = Format.onnx;

    enum Numbers {
        fp32,
        int8
    }

    @Option(
            names = "--precision",
            paramLabel = "PRECISION",
            description =
                    "Number format of ONNX files: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). int8 is quantized after training with ranges from the training part, and written to export/int8.")
    Numbers precision = Numbers.fp32;

    @Option(
            names = "--mcu",
            paramLabel = "NAME",
            description =
                    "The microcontroller that C is for: stm32f427, stm32f746, stm32h743, or the YAML file of an emulated device (default: the run's device with the budgets of its search, where it is a microcontroller; else stm32f746).")
    @Nullable
    String microcontroller;

    @Option(
            names = "--percentile",
            paramLabel = "P",
            description =
                    "Share of activations, in percent, that the ranges of 8-bit forms hold on each side (default: ${DEFAULT-VALUE}).")
    double percentile = CExportStep.ALL;

    @Option(
            names = "--architecture",
            paramLabel = "TEXT",
            description =
                    "A translator to export, as cards and tables write it; may be given several times (default: the front, or before a search the largest and the smallest).")
    List<String> architectures = List.of();

    @Option(
            names = "--sentences",
            paramLabel = "N",
            description =
                    "Sentences of the test part that each exported translator translates for its BLEU, at most (default: ${DEFAULT-VALUE}).")
    int sentences = TranslatorExportStep.SENTENCES;

    @Override
    boolean continues() {
        return true;
    }

    @Override
    boolean takesText() {
        return true;
    }

    @Override
    int work(Workbench w) throws IOException {
        if (w.content() instanceof TranslationData text) {
            System.out.print(translators(w, text));
            return 0;
        }
        if (!architectures.isEmpty() || sentences != TranslatorExportStep.SENTENCES) {
            throw new InvalidInputException(
                    "--architecture and --sentences are for translators, but data '%s' is no text; leave them out"
                            .formatted(w.experiment().data()));
        }
        if (format == Format.c) {
            String name = microcontroller;
            System.out.print(
                    name == null
                            ? CExportStep.run(w, percentile, json)
                            : CExportStep.run(w, microcontroller(name), percentile, json));
            return 0;
        }
        if (precision == Numbers.int8) {
            System.out.print(Int8ExportStep.summary(w, Int8ExportStep.run(w, percentile), json));
            return 0;
        }
        SearchSummary search = SearchSummary.read(w.searchSummary());
        ExportStep.Exported exported = ExportStep.run(w, search);
        System.out.print(json ? Summary.json(w, search, exported) + "\n" : Summary.text(w, search, exported));
        return 0;
    }

    private String translators(Workbench w, TranslationData text) throws IOException {
        if (format != Format.onnx) {
            throw new InvalidInputException("translators are exported as ONNX files; leave --format out");
        }
        if (sentences < 1) {
            throw new InvalidInputException("--sentences is %d; give at least 1".formatted(sentences));
        }
        Map<String, Architecture> networks =
                architectures.isEmpty() ? TranslatorExportStep.networks(w) : new LinkedHashMap<>();
        for (String a : architectures) {
            Architecture asked = Architecture.parse(a);
            w.space().check(asked);
            networks.put("net-%02d".formatted(networks.size() + 1), w.space().canonical(asked));
        }
        Map<String, TranslatorCard> cards = TranslatorExportStep.run(w, text, networks, sentences);
        return precision == Numbers.int8
                ? TranslatorInt8Step.summary(w, TranslatorInt8Step.run(w, text, cards), json)
                : TranslatorExportStep.summary(w, cards, json);
    }

    private static Microcontroller microcontroller(String name) {
        return name.endsWith(".yaml") || name.endsWith(".yml")
                ? DeviceFile.read(Path.of(name))
                        .microcontroller()
                        .orElseThrow(() -> new InvalidInputException(
                                "--mcu %s describes no microcontroller; give a device of kind emulated"
                                        .formatted(name)))
                : Microcontroller.get(name);
    }
}
