package dev.lathe.supernet;

import dev.lathe.base.ProgressListener;
import java.io.IOException;

/** A training that goes on step by step, whatever it trains. */
abstract class Trainer implements AutoCloseable {
    private final TrainingLoop loop;

    Trainer(TrainingLoop loop) {
        this.loop = loop;
    }

    /** Steps done. */
    public int step() {
        return loop.step();
    }

    public TrainingConfig config() {
        return loop.config();
    }

    /** Trains to the end and saves. */
    public void run(ProgressListener listener) throws IOException {
        loop.runTo(loop.config().steps(), listener);
    }

    /**
     * Trains up to a step and saves.
     *
     * @throws IllegalStateException if a loss is no finite number, naming step and architecture
     */
    public void runTo(int lastStep, ProgressListener listener) throws IOException {
        loop.runTo(lastStep, listener);
    }

    /** Releases what was trained. */
    @Override
    public abstract void close();
}
