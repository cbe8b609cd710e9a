package dev.lathe.supernet;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Batches of which the next is made in another thread while a step trains on this one. They are the same, since a batch is a
 * function of its step alone; memory is that of one more batch. To be asked by one thread at a time; so is the source.
 */
final class PrefetchedBatches implements TrainingBatches {
    private final TrainingBatches source;
    private @Nullable CompletableFuture<TrainingBatch> next;
    private int nextStep;

    PrefetchedBatches(TrainingBatches source) {
        this.source = source;
    }

    @Override
    public TrainingBatch of(int step) {
        TrainingBatch prepared = next == null ? null : join(next);
        TrainingBatch batch = prepared != null && nextStep == step ? prepared : source.of(step);
        nextStep = step + 1;
        next = CompletableFuture.supplyAsync(() -> source.of(step + 1));
        return batch;
    }

    private static TrainingBatch join(CompletableFuture<TrainingBatch> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public String fingerprint() {
        return source.fingerprint();
    }

    @Override
    public Initialization initialization() {
        return source.initialization();
    }

    @Override
    public double squaredGradientDecay() {
        return source.squaredGradientDecay();
    }
}
