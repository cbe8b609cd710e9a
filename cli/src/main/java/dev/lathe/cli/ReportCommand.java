package dev.lathe.cli;

import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Writes the report page. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes report.html, one self-contained page, from what the earlier steps left in --out.",
        footer = {"", "Example:", "  lathe report --out results/vit"})
final class ReportCommand extends StepCommand {
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
            SearchSummary found = SearchSummary.read(w.searchSummary());
            TranslatorReportStep.run(w, text, found, TranslatorReportStep.cards(w));
            System.out.println("report: " + w.run().report());
            return 0;
        }
        ReportStep.run(w, SearchSummary.read(w.searchSummary()), ExportStep.read(w));
        System.out.println("report: " + w.run().report());
        return 0;
    }
}
