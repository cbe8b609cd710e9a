package dev.lathe.cli;

import dev.lathe.base.AppendLog;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Translator;
import dev.lathe.supernet.text.SentencePairs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cross-entropies of translators with inherited weights on the validation part, or its first sentences, by canonical architecture:
 * a loss stands in the run's {@value #FILE} before it is returned, so no subnet is evaluated twice, across stops too.
 */
final class InheritedLosses implements AutoCloseable {
    /** In the run directory. */
    static final String FILE = "losses.csv";

    static final String HEADER = "architecture,crossEntropy,sentences";

    private final Workbench w;
    private final Translator translator;
    private final SentencePairs part;
    private final AppendLog log;
    private final Map<Architecture, Double> known = new LinkedHashMap<>();

    private InheritedLosses(Workbench w, Translator translator, SentencePairs part, AppendLog log) {
        this.w = w;
        this.translator = translator;
        this.part = part;
        this.log = log;
    }

    /** @throws InvalidInputException if the file is of other sentences, or damaged */
    static InheritedLosses open(Workbench w, Translator translator) throws IOException {
        SentencePairs validation = translator.data().validation();
        Integer some = w.experiment().accuracyImages();
        AppendLog log = AppendLog.open(file(w), HEADER);
        InheritedLosses losses =
                new InheritedLosses(w, translator, some == null ? validation : validation.first(some), log);
        try {
            int line = 1;
            for (String row : log.existing()) {
                losses.parse(row, ++line);
            }
            return losses;
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private static Path file(Workbench w) {
        return w.folder().resolve(FILE);
    }

    /** Nats a token, evaluated if it is not known. */
    double of(Architecture a) throws IOException {
        Architecture canonical = w.space().canonical(a);
        Double loss = known.get(canonical);
        if (loss == null) {
            loss = translator.crossEntropy(canonical, part);
            log.append(List.of("%s,%s,%d".formatted(canonical, loss, part.size())));
            known.put(canonical, loss);
        }
        return loss;
    }

    private void parse(String row, int line) {
        String[] cells = row.split(",", -1);
        try {
            if (cells.length == 3) {
                Architecture a = Architecture.parse(cells[0]);
                w.space().check(a);
                double loss = Double.parseDouble(cells[1]);
                boolean sound = Double.isFinite(loss) && loss >= 0 && Integer.parseInt(cells[2]) == part.size();
                if (sound && known.put(w.space().canonical(a), loss) == null) {
                    return;
                }
            }
        } catch (IllegalArgumentException | InvalidInputException e) {
            // The message below covers it.
        }
        throw new InvalidInputException(
                "%s line %d is no loss of this space on %d sentences: '%s'; delete the file, it is made again"
                        .formatted(file(w), line, part.size(), Names.shown(row)));
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
