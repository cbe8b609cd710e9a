package dev.lathe.predict.adapt;

/**
 * A latency and where it lies with a stated probability.
 *
 * @param lowerMs lower end, may be below 0 where the device is hardly known
 * @param latencyMs the prediction
 * @param upperMs upper end
 */
public record LatencyInterval(double lowerMs, double latencyMs, double upperMs) {
    public double widthMs() {
        return upperMs - lowerMs;
    }

    public boolean contains(double measuredMs) {
        return lowerMs <= measuredMs && measuredMs <= upperMs;
    }
}
