package dev.lathe.predict.lookup;

import dev.lathe.graph.Graph;

/** Latency of networks by their operators' times. Immutable and thread-safe. */
public final class LookupPredictor {
    private final OperatorTimes times;
    private final Calibration calibration;

    LookupPredictor(OperatorTimes times, Calibration calibration) {
        this.times = times;
        this.calibration = calibration;
    }

    /** Predicted latency in milliseconds; a calibration by slower networks may say less than 0 of a very small one. */
    public double predictMs(Graph network) {
        return calibration.predict(times.of(network));
    }
}
