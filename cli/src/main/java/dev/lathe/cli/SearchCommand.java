package dev.lathe.cli;

import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Searches under the budgets. */
@Command(
        name = "search",
        mixinStandardHelpOptions = true,
        description =
                "Fits the predictors and searches under the budgets, on what lathe profile and lathe train left in --out, or in --from; of translators on what lathe train left, by the losses of a sample.",
        footer = {
            "",
            "Examples:",
            "  lathe search --out results/vit",
            "  lathe search --from results/vit --space vit-tiny --budget latency=p10 --out results/vit-fast",
            "  lathe search --out results/vit --master local[2]",
            "  lathe search --out results/hat",
            "  lathe search --from results/vit --space vit-tiny --set search.strategy=islands --warm-start results/vit --out results/more",
            "",
            "search.strategy is nsga2 (default), nsga3, islands, steady-state, regularized-evolution, hat-evolution, random, linas or",
            "expected-gain; search.stop.stalled=N and search.stop.seconds=S end a search before its evaluations are used up."
        })
final class SearchCommand extends StepCommand {
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
        SearchSummary s =
                w.content() instanceof TranslationData text ? TranslatorSearchStep.run(w, text) : SearchStep.run(w);
        System.out.print(Summary.front(w, s));
        return 0;
    }
}
