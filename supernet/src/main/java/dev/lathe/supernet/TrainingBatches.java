package dev.lathe.supernet;

/** The batches of a training, each a function of its seed and the step alone. */
interface TrainingBatches {
    TrainingBatch of(int step);

    /** SHA-256 of the data. */
    String fingerprint();

    /** How fresh matrices of networks for the data are drawn. */
    Initialization initialization();

    /** Decay of the optimizer's mean squared gradient that suits the data. */
    double squaredGradientDecay();
}
