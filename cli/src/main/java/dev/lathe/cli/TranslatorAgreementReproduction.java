package dev.lathe.cli;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.OnnxTranslator;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.ParameterLayout;
import dev.lathe.supernet.SharedParameters;
import dev.lathe.supernet.Translations;
import dev.lathe.supernet.Translator;
import dev.lathe.supernet.TranslatorAgreement;
import dev.lathe.supernet.text.ParallelText;
import dev.lathe.supernet.text.TranslationData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Translators' two ONNX files, run token by token with kept keys and values, against the supernet that reads whole targets: on
 * the weights a training starts from, with a small vocabulary.
 */
final class TranslatorAgreementReproduction {
    /** Networks of each space: all sizes of the small one, two of each that is large. */
    private static final Map<String, Integer> NETWORKS = networks();

    private static final int SENTENCES = 8;
    private static final int MOST_WORDS = 9;
    private static final int LETTERS = 12;
    private static final int MERGES = 100;

    private TranslatorAgreementReproduction() {}

    private static Map<String, Integer> networks() {
        Map<String, Integer> n = new LinkedHashMap<>();
        n.put("hat-mini", 50);
        n.put("hat-iwslt-de-en", 2);
        n.put("hat-wmt-en-de", 2);
        n.put("hat-wmt-en-fr", 2);
        return n;
    }

    static List<ReproduceCommand.Row> run(ProgressListener progress) {
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        NETWORKS.forEach((space, count) -> rows.add(row(space, count, progress)));
        return rows;
    }

    private static ReproduceCommand.Row row(String name, int count, ProgressListener progress) {
        TranslationData text = text();
        Function<TranslationTask, SearchSpace> spaces = TranslationStep.spaces(name);
        SearchSpace space = SearchSpaces.create(name, text.task());
        double worst = 0;
        int sentences = 0;
        int same = 0;
        SharedParameters start = SharedParameters.initialize(ParameterLayout.of(space), 1);
        try (Translator translator = new Translator(spaces, start, text)) {
            int done = 0;
            for (Architecture a : RandomNetworks.draw(space, count, 1, "agreement")) {
                int positions = Translations.longest(TranslationData.LONGEST_SENTENCE);
                try (OnnxTranslator onnx =
                        OnnxTranslator.load(translator.export(a, positions, Map.of()), a.toString())) {
                    TranslatorAgreement agreement = TranslatorAgreement.of(
                            translator, a, onnx, text.test().first(SENTENCES));
                    worst = Math.max(worst, agreement.largestDifference());
                    sentences += agreement.sentences();
                    same += agreement.sameTranslations();
                }
                progress.report("agreement of " + name, ++done, count, "");
            }
        }
        return new ReproduceCommand.Row(
                "%s, %d random subnets, encoder and decoder token by token, largest difference of a score"
                        .formatted(name, count),
                "",
                "%.2e (%d of %d greedy translations the same)".formatted(worst, same, sentences),
                "below 1e-4",
                worst < ExportStep.AGREEMENT);
    }

    /** Words of chance: the scores, not the sense, are compared. */
    private static TranslationData text() {
        RandomGenerator random = Seeds.generator(1, "words", 0);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 2 * (SENTENCES + 100); i++) {
            StringBuilder line = new StringBuilder();
            for (int w = 1 + random.nextInt(MOST_WORDS); w > 0; w--) {
                for (int c = 1 + random.nextInt(4); c > 0; c--) {
                    line.append((char) ('a' + random.nextInt(LETTERS)));
                }
                line.append(' ');
            }
            lines.add(line.toString().strip());
        }
        int half = lines.size() / 2;
        ParallelText all = new ParallelText(lines.subList(0, half), lines.subList(half, 2 * half), 0);
        return TranslationData.of("words of chance", "", all, all, all, MERGES);
    }
}
