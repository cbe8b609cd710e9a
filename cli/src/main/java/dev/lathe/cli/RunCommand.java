package dev.lathe.cli;

import dev.lathe.results.TranslatorCard;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The whole way: profile, train, search, export, report. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description =
                "Runs an experiment from nothing to a verified Pareto front: profiles the device, trains the supernet, searches, exports,"
                        + " measures again, writes a report. Of translators: trains, searches by loss and MACs, exports, writes a report.",
        footer = {
            "",
            "Examples:",
            "  lathe run",
            "  lathe run --space vit-tiny --out results/vit",
            "  lathe run --data photos/ --image-size 32 --budget latency='200 us' --budget peakActivation='64 KiB'",
            "  lathe run experiment.yaml --set training.steps=500 --json",
            "  lathe run --space hat-mini --data multi30k:../shared/data/multi30k --out results/hat",
            "  lathe run --device stm32f746 --budget peakSram='64 KiB'",
            "  lathe run --resume --out results/vit",
            "  lathe run --from results/vit --space vit-tiny --budget latency=p10 --out results/vit-fast"
        })
final class RunCommand extends StepCommand {
    @Option(names = "--resume", description = "Go on with the run in --out.")
    boolean resume;

    @Option(names = "--json", description = "Print one JSON object on standard output instead of the table.")
    boolean json;

    @Override
    boolean continues() {
        return resume;
    }

    @Override
    boolean takesText() {
        return true;
    }

    @Override
    int work(Workbench w) throws IOException {
        if (w.content() instanceof TranslationData text) {
            TranslatorSearchStep.check(w);
            TrainStep.run(w);
            SearchSummary found = TranslatorSearchStep.run(w, text);
            w.say(Summary.front(w, found));
            Map<String, TranslatorCard> cards =
                    TranslatorExportStep.run(w, text, TranslatorExportStep.networks(w), TranslatorExportStep.SENTENCES);
            TranslatorReportStep.run(w, text, found, cards);
            System.out.print(TranslatorExportStep.summary(w, cards, json));
            if (!json) {
                System.out.println("report: " + w.run().report());
            }
            return 0;
        }
        ProfileStep.checkExactBudgets(w);
        ProfileStep.Budgets budgets = ProfileCommand.profile(w);
        w.say(Summary.of(budgets));
        TrainStep.run(w);
        SearchSummary search = SearchStep.run(w);
        ExportStep.Exported exported = ExportStep.run(w, search);
        ReportStep.run(w, search, exported);
        String firmware = w.device().runsCode() ? CExportStep.run(w, CExportStep.ALL, false) : "";
        if (json) {
            System.out.println(Summary.json(w, search, exported));
        } else {
            System.out.print(Summary.text(w, search, exported));
            System.out.print(firmware);
        }
        return 0;
    }
}
