package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.supernet.data.Mixup;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private static Batches.Batch batch(Regularization r, int step) {
        return new Batches(Fixtures.DIGITS, Fixtures.config(100).withRegularization(r)).of(step);
    }

    @Test
    void givenMixup_whenBatchesAreDrawn_thenPixelsAndLabelsAreThoseOfThePlainBatchMixedAlike() {
        Batches.Batch plain = batch(Regularization.NONE, 5);
        Batches.Batch mixed = batch(new Regularization(0.4, 0, 0, 1), 5);
        Mixup.Pairs pairs = Objects.requireNonNull(mixed.mixed());
        assertThat(mixed.labels()).isEqualTo(plain.labels());
        assertThat(mixed.pixels()).isEqualTo(pairs.mix(plain.pixels()));
        int n = plain.labels().length;
        try (var m = Torch.newManager()) {
            float[] own = plain.target(m, 0.1).toFloatArray();
            float[] target = mixed.target(m, 0.1).toFloatArray();
            for (int i = 0; i < n; i++) {
                float sum = 0;
                for (int c = 0; c < 10; c++) {
                    float wanted =
                            pairs.share(i) * own[i * 10 + c] + (1 - pairs.share(i)) * own[pairs.partner(i) * 10 + c];
                    assertThat(target[i * 10 + c]).isCloseTo(wanted, within(1e-7f));
                    sum += target[i * 10 + c];
                }
                assertThat(sum).isCloseTo(-1f / n, within(1e-6f));
            }
        }
        assertThat(batch(new Regularization(0.4, 0, 0, 1), 5).pixels()).isEqualTo(mixed.pixels());
        assertThat(batch(new Regularization(0.4, 0, 0, 1), 6).pixels()).isNotEqualTo(mixed.pixels());
    }

    @Test
    void givenErasing_whenBatchesAreDrawn_thenTheRestOfTheImagesIsThatOfThePlainBatch() {
        float[] plain = batch(Regularization.NONE, 3).pixels();
        float[] erased = batch(new Regularization(0, 0.5, 0, 1), 3).pixels();
        int images = 0;
        for (int i = 0; i < plain.length / 64; i++) {
            int changed = 0;
            for (int k = 0; k < 64; k++) {
                changed += plain[i * 64 + k] == erased[i * 64 + k] ? 0 : 1;
            }
            assertThat(changed).isLessThan(32);
            images += changed > 0 ? 1 : 0;
        }
        assertThat(images).isBetween(3, 13);
    }

    /** The values that this batch had before there was mixup or erasing. */
    @Test
    void givenTheDefaults_whenABatchIsDrawn_thenItIsAugmentationAlone() {
        TrainingConfig config = Fixtures.config(100);
        Batches.Batch b = new Batches(Fixtures.DIGITS, config).of(2);
        int[] order = Seeds.permutation(Fixtures.DIGITS.train().size(), Seeds.generator(config.seed(), "epoch", 0));
        var random = Seeds.generator(config.seed(), "augment", 2);
        float[] pixels = new float[16 * 64];
        for (int i = 0; i < 16; i++) {
            config.augmentation().apply(Fixtures.DIGITS.train(), order[32 + i], random, pixels, i * 64);
        }
        Fixtures.DIGITS.normalization().apply(pixels, 0, 16, 64);
        assertThat(b.pixels()).isEqualTo(pixels);
        assertThat(b.mixed()).isNull();
    }

    @Test
    void givenPrefetching_whenStepsAreAskedInAnyOrder_thenBatchesAreThoseOfTheSource() {
        TrainingConfig config = Fixtures.config(100).withRegularization(new Regularization(0.2, 0.2, 0, 1));
        PrefetchedBatches ahead = new PrefetchedBatches(new Batches(Fixtures.DIGITS, config));
        for (int step : new int[] {0, 1, 2, 3, 70, 71, 5, 6, 6, 4}) {
            Batches.Batch wanted = new Batches(Fixtures.DIGITS, config).of(step);
            Batches.Batch got = (Batches.Batch) ahead.of(step);
            assertThat(got.pixels()).as("step %d", step).isEqualTo(wanted.pixels());
            assertThat(got.labels()).isEqualTo(wanted.labels());
        }
    }

    @Test
    void givenASourceThatFails_whenAskedForThatStep_thenItsOwnExceptionComes() {
        TrainingBatches failing = new TrainingBatches() {
            private final TrainingBatches real = new Batches(Fixtures.DIGITS, Fixtures.config(100));

            @Override
            public TrainingBatch of(int step) {
                if (step == 1) {
                    throw new InvalidInputException("no such step");
                }
                return real.of(step);
            }

            @Override
            public String fingerprint() {
                return real.fingerprint();
            }

            @Override
            public Initialization initialization() {
                return real.initialization();
            }

            @Override
            public double squaredGradientDecay() {
                return real.squaredGradientDecay();
            }
        };
        PrefetchedBatches ahead = new PrefetchedBatches(failing);
        ahead.of(0);
        assertThatThrownBy(() -> ahead.of(1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("no such step");
    }

    @Test
    void givenSettingsOutOfRange_whenMade_thenTheSettingIsNamed() {
        List<String> messages = new ArrayList<>();
        for (double[] r : new double[][] {
            {-1, 0, 0, 1}, {3, 0, 0, 1}, {0, 1.1, 0, 1}, {0, 0, 0.95, 1}, {0, 0, 0, -1}, {Double.NaN, 0, 0, 1}
        }) {
            try {
                messages.add(new Regularization(r[0], r[1], r[2], r[3]).toString());
            } catch (InvalidInputException e) {
                messages.add(String.valueOf(e.getMessage()).split(" ", -1)[0]);
            }
        }
        assertThat(messages)
                .containsExactly(
                        "training.mixup",
                        "training.mixup",
                        "training.erase",
                        "training.dropout",
                        "training.dropoutGamma",
                        "training.mixup");
    }

    @Test
    void givenSettingsThatAreOff_whenTrainingsAreCompared_thenTheyAreAsIfTheyDidNotExist() {
        TrainingConfig c = Fixtures.config(100);
        assertThat(c.text()).endsWith("strategy=SANDWICH]");
        assertThat(c.withRegularization(new Regularization(0, 0, 0.1, 1)).text())
                .contains("dropout=0.1");
        assertThat(c.withShrinking(new ShrinkingOptions(true, false)).text()).contains("kernelTransforms=true");
    }
}
