package dev.lathe.predict.train.network;

/**
 * How accuracy networks are trained.
 *
 * @param networks whose mean predicts
 * @param hidden units of each of the two hidden layers
 * @param pretrainingPasses over the rows with free labels
 * @param headSteps steps in which only the new head is trained on what the encoder has learnt; none without pre-training
 * @param steps steps in which everything is trained, each on all accuracies
 * @param learningRate of Adam at the start of these
 * @param weightDecay of these, a step and unit of learning rate: pulls the encoder towards where it started
 */
public record NetworkSettings(
        int networks,
        int hidden,
        int pretrainingPasses,
        int headSteps,
        int steps,
        double learningRate,
        double weightDecay) {
    public NetworkSettings {
        if (networks < 1 || hidden < 1 || pretrainingPasses < 1 || headSteps < 0 || steps < 1) {
            throw new IllegalArgumentException(
                    "networks %d, hidden %d, pretrainingPasses %d, headSteps %d, steps %d: give positive numbers"
                            .formatted(networks, hidden, pretrainingPasses, headSteps, steps));
        }
        if (!(learningRate > 0 && learningRate < 1 && weightDecay >= 0 && learningRate * weightDecay < 1)) {
            throw new IllegalArgumentException("learningRate %s, weightDecay %s: give small positive numbers"
                    .formatted(learningRate, weightDecay));
        }
    }

    public static NetworkSettings defaults() {
        return new NetworkSettings(3, 32, 30, 100, 300, 0.003, 1);
    }

    @Override
    public String toString() {
        return "networks=%d hidden=%d pretrainingPasses=%d headSteps=%d steps=%d learningRate=%s weightDecay=%s"
                .formatted(networks, hidden, pretrainingPasses, headSteps, steps, learningRate, weightDecay);
    }
}
