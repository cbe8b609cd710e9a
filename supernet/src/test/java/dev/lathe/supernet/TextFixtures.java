package dev.lathe.supernet;

import dev.lathe.base.Seeds;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TranslationTask;
import dev.lathe.space.hat.HatSettings;
import dev.lathe.space.hat.HatSpace;
import dev.lathe.supernet.data.Augmentation;
import dev.lathe.supernet.text.ParallelText;
import dev.lathe.supernet.text.TranslationData;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A language of numbers from zero to five, and one that says the same words in another order of two: small enough to learn. */
final class TextFixtures {
    private static final String[] SOURCE = {"zero", "one", "two", "three", "four", "five"};
    private static final String[] TARGET = {"null", "eins", "zwei", "drei", "vier", "fünf"};

    static final TranslationData NUMBERS =
            TranslationData.of("numbers", "", text(400, 1), text(40, 2), text(40, 3), 200);

    private TextFixtures() {}

    /** Three to five words; translated word by word, but the first two change places. */
    private static ParallelText text(int sentences, long seed) {
        RandomGenerator random = Seeds.generator(seed, "numbers", 0);
        List<String> source = new ArrayList<>();
        List<String> target = new ArrayList<>();
        for (int i = 0; i < sentences; i++) {
            int words = 3 + random.nextInt(3);
            List<String> s = new ArrayList<>();
            List<String> t = new ArrayList<>();
            for (int w = 0; w < words; w++) {
                int n = random.nextInt(SOURCE.length);
                s.add(SOURCE[n]);
                t.add(TARGET[n]);
            }
            java.util.Collections.swap(t, 0, 1);
            source.add(String.join(" ", s) + ".");
            target.add(String.join(" ", t) + ".");
        }
        return new ParallelText(source, target, 0);
    }

    static SearchSpace space(TranslationTask task) {
        return new HatSpace(
                new HatSettings(
                        "small",
                        "of HAT's structure",
                        List.of(16, 32),
                        3,
                        2,
                        List.of(32, 64),
                        List.of(2, 4),
                        32,
                        true,
                        NUMBERS.task()),
                task);
    }

    static TrainingConfig config(int steps, Strategy strategy) {
        return new TrainingConfig(steps, 256, 0.005, 0.0001, 0.1, 0.1, 1, 1, Augmentation.NONE, 1000, 5, strategy);
    }

    /** Parameters far from their start, so that nothing is the same by chance. */
    static SharedParameters perturbed() {
        return Fixtures.perturbed(space(NUMBERS.task()), 3);
    }
}
