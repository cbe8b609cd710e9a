package dev.lathe.supernet;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.data.Augmentation;
import dev.lathe.supernet.data.ImageDataset;
import java.util.Map;
import java.util.TreeMap;

/**
 * What decides the trained weights, with data and space; stored with the checkpoint. How to run it lives elsewhere.
 *
 * @param steps optimizer steps
 * @param batchSize images a step; of sentences the most tokens of a side, padding counted
 * @param learningRate peak of AdamW's rate, reached after warm-up, then a cosine to 0
 * @param weightDecay decoupled, on matrices and filters only
 * @param warmupFraction part of the steps in which the rate rises linearly
 * @param labelSmoothing share of the target that is uniform over the classes; of the largest network only
 * @param randomSubnets random networks a step, beside the largest and the smallest
 * @param gradientClip largest global norm of the gradient, 0 for no limit
 * @param augmentation of training images
 * @param checkpointEverySteps steps between checkpoints
 * @param seed of initialization, batches, augmentation and sampled networks
 * @param strategy which networks a step trains, and on what
 * @param regularization mixup, random erasing and dropout
 * @param shrinking options of progressive shrinking
 */
public record TrainingConfig(
        int steps,
        int batchSize,
        double learningRate,
        double weightDecay,
        double warmupFraction,
        double labelSmoothing,
        int randomSubnets,
        double gradientClip,
        Augmentation augmentation,
        int checkpointEverySteps,
        long seed,
        Strategy strategy,
        Regularization regularization,
        ShrinkingOptions shrinking) {
    /** Images of the embedded training part, for which the default steps were tuned. */
    private static final double EMBEDDED_IMAGES = 1047;

    /** How many times as many steps a larger training part may get: transformers learn from data what convolutions are made for. */
    private static final double MOST_STEPS_CONVOLUTIONAL = 2;

    private static final double MOST_STEPS_TRANSFORMER = 3;

    private static final int TRANSLATION_STEPS = 8000;

    public TrainingConfig {
        require(steps >= 1, "steps", steps, "at least 1");
        require(batchSize >= 2, "batchSize", batchSize, "at least 2, because batch normalization needs a spread");
        require(learningRate > 0 && learningRate <= 1, "learningRate", learningRate, "above 0 and at most 1");
        require(weightDecay >= 0 && weightDecay <= 1, "weightDecay", weightDecay, "0 to 1");
        require(warmupFraction >= 0 && warmupFraction <= 1, "warmupFraction", warmupFraction, "0 to 1");
        require(labelSmoothing >= 0 && labelSmoothing < 1, "labelSmoothing", labelSmoothing, "0 to below 1");
        require(randomSubnets >= 0 && randomSubnets <= 64, "randomSubnets", randomSubnets, "0 to 64");
        require(gradientClip >= 0 && Double.isFinite(gradientClip), "gradientClip", gradientClip, "0 (off) or above");
        require(checkpointEverySteps >= 1, "checkpointEverySteps", checkpointEverySteps, "at least 1");
    }

    /** Without further regularization and options. */
    public TrainingConfig(
            int steps,
            int batchSize,
            double learningRate,
            double weightDecay,
            double warmupFraction,
            double labelSmoothing,
            int randomSubnets,
            double gradientClip,
            Augmentation augmentation,
            int checkpointEverySteps,
            long seed,
            Strategy strategy) {
        this(
                steps,
                batchSize,
                learningRate,
                weightDecay,
                warmupFraction,
                labelSmoothing,
                randomSubnets,
                gradientClip,
                augmentation,
                checkpointEverySteps,
                seed,
                strategy,
                Regularization.NONE,
                ShrinkingOptions.NONE);
    }

    private static void require(boolean condition, String name, Object value, String wanted) {
        if (!condition) {
            throw new InvalidInputException("training.%s is %s; it must be %s".formatted(name, value, wanted));
        }
    }

    /**
     * Settings that train well in about two minutes on one thread at the embedded digits' size: by whether the space's
     * networks are convolutional (batch normalization) or transformers. Larger training parts get more steps, up to two or three
     * times as many.
     */
    public static TrainingConfig defaults(SearchSpace space, ImageDataset train) {
        boolean convolutional = false;
        for (Node node : space.lower(space.largest()).nodes()) {
            convolutional |= node.op() instanceof Operator.BatchNorm;
        }
        double most = convolutional ? MOST_STEPS_CONVOLUTIONAL : MOST_STEPS_TRANSFORMER;
        double more = Math.max(1, Math.min(most, train.size() / EMBEDDED_IMAGES));
        return convolutional
                ? new TrainingConfig(
                        (int) (4500 * more),
                        32,
                        0.004,
                        0.02,
                        0.05,
                        0.1,
                        2,
                        0,
                        Augmentation.strongerDefaults(train),
                        100,
                        1,
                        Strategy.SANDWICH)
                : new TrainingConfig(
                        (int) (3600 * more),
                        32,
                        0.003,
                        0.05,
                        0.05,
                        0.05,
                        2,
                        0,
                        Augmentation.strongerDefaults(train),
                        200,
                        1,
                        Strategy.SANDWICH);
    }

    /**
     * Settings for translators of a few million weights at the size of Multi30k (29,000 sentences): six epochs in small batches.
     *
     * <p>HAT's one random network a step wants tens of thousands of steps: on hat-mini its loss after 600 steps is that of the
     * sandwich's largest network after 250.
     */
    public static TrainingConfig translationDefaults() {
        return new TrainingConfig(
                TRANSLATION_STEPS, 384, 0.001, 1e-4, 0.06, 0.1, 1, 0, Augmentation.NONE, 250, 1, Strategy.SANDWICH);
    }

    /** The rate of step {@code step}, counted from 0: linear warm-up, then half a cosine down to 0. */
    public double learningRate(int step) {
        int warmup = (int) Math.round(warmupFraction * steps);
        if (step < warmup) {
            return learningRate * (step + 1) / warmup;
        }
        double t = (step - warmup) / (double) Math.max(1, steps - warmup);
        return learningRate * 0.5 * (1 + StrictMath.cos(Math.PI * t));
    }

    public TrainingConfig withSteps(int newSteps) {
        return with(newSteps, learningRate, checkpointEverySteps, seed, strategy, regularization, shrinking);
    }

    public TrainingConfig withSeed(long newSeed) {
        return with(steps, learningRate, checkpointEverySteps, newSeed, strategy, regularization, shrinking);
    }

    public TrainingConfig withCheckpointEverySteps(int newEvery) {
        return with(steps, learningRate, newEvery, seed, strategy, regularization, shrinking);
    }

    public TrainingConfig withStrategy(Strategy newStrategy) {
        return with(steps, learningRate, checkpointEverySteps, seed, newStrategy, regularization, shrinking);
    }

    public TrainingConfig withLearningRate(double newRate) {
        return with(steps, newRate, checkpointEverySteps, seed, strategy, regularization, shrinking);
    }

    public TrainingConfig withRegularization(Regularization newRegularization) {
        return with(steps, learningRate, checkpointEverySteps, seed, strategy, newRegularization, shrinking);
    }

    /**
     * The same with a recipe's values in place of its own: {@code learningRate}, {@code weightDecay}, {@code labelSmoothing},
     * {@code mixup}, {@code erase}, {@code dropout}.
     *
     * @throws InvalidInputException if the recipe has another value, or one out of range
     */
    public TrainingConfig withRecipe(Map<String, Double> recipe) {
        Map<String, Double> left = new TreeMap<>(recipe);
        TrainingConfig changed = new TrainingConfig(
                steps,
                batchSize,
                taken(left, "learningRate", learningRate),
                taken(left, "weightDecay", weightDecay),
                warmupFraction,
                taken(left, "labelSmoothing", labelSmoothing),
                randomSubnets,
                gradientClip,
                augmentation,
                checkpointEverySteps,
                seed,
                strategy,
                new Regularization(
                        taken(left, "mixup", regularization.mixup()),
                        taken(left, "erase", regularization.erase()),
                        taken(left, "dropout", regularization.dropout()),
                        regularization.dropoutGamma()),
                shrinking);
        if (!left.isEmpty()) {
            throw new InvalidInputException(
                    "this training has no %s; leave it out of the recipe".formatted(String.join(", ", left.keySet())));
        }
        return changed;
    }

    private static double taken(Map<String, Double> from, String name, double otherwise) {
        Double value = from.remove(name);
        return value == null ? otherwise : value;
    }

    public TrainingConfig withShrinking(ShrinkingOptions newShrinking) {
        return with(steps, learningRate, checkpointEverySteps, seed, strategy, regularization, newShrinking);
    }

    private TrainingConfig with(
            int newSteps,
            double newRate,
            int newEvery,
            long newSeed,
            Strategy newStrategy,
            Regularization newRegularization,
            ShrinkingOptions newShrinking) {
        return new TrainingConfig(
                newSteps,
                batchSize,
                newRate,
                weightDecay,
                warmupFraction,
                labelSmoothing,
                randomSubnets,
                gradientClip,
                augmentation,
                newEvery,
                newSeed,
                newStrategy,
                newRegularization,
                newShrinking);
    }

    /** All settings but those that are off, which are as if they did not exist: a training from before is the same training. */
    String text() {
        return toString()
                .replace(", shrinking=" + ShrinkingOptions.NONE, "")
                .replace(", regularization=" + Regularization.NONE, "");
    }
}
