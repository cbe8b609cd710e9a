package dev.lathe.device;

/** A network loaded on its device with its input in place: the port between the protocol and what executes. */
public interface RunnableNetwork extends AutoCloseable {
    /** One invocation, from the call to the result. */
    void run();

    @Override
    void close();

    /** Loads the network of a task. */
    @FunctionalInterface
    interface Loader {
        /** @throws dev.lathe.base.InvalidInputException if the device refuses the network */
        RunnableNetwork load(MeasurementTask task);
    }
}
