package dev.lathe.predict.adapt;

import dev.lathe.base.InvalidInputException;

/** Checks what was measured on a new device. */
public final class Measurements {
    private Measurements() {}

    /** @throws InvalidInputException in one line, if there are too few, or one is no finite latency */
    public static void check(int rows, double[] latencyMs, int least) {
        if (rows != latencyMs.length) {
            throw new InvalidInputException("%d architectures were measured and %d latencies given; give one each"
                    .formatted(rows, latencyMs.length));
        }
        if (rows < least) {
            throw new InvalidInputException(
                    "%d measurements do not describe a device; give at least %d".formatted(rows, least));
        }
        for (int i = 0; i < latencyMs.length; i++) {
            if (!(latencyMs[i] >= 0 && Double.isFinite(latencyMs[i]))) {
                throw new InvalidInputException(
                        "measurement %d is %s ms; leave the architecture out or measure it again"
                                .formatted(i, latencyMs[i]));
            }
        }
    }
}
