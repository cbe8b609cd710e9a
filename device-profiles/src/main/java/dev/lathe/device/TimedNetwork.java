package dev.lathe.device;

import java.io.IOException;

/** A network loaded on its device, which times it there: the port between the protocol and near or far devices. */
interface TimedNetwork extends AutoCloseable {
    /**
     * A round: warm-up runs, then timed ones.
     *
     * @return milliseconds an invocation of each timed run, in their order
     * @throws IOException in one line, if the device does not answer
     */
    double[] round() throws IOException;

    @Override
    void close();

    /** Loads the network of a task. */
    @FunctionalInterface
    interface Loader {
        TimedNetwork load(MeasurementTask task) throws IOException;
    }
}
