package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the protocol does about networks that scatter, devices that throttle, and clocks that err. */
class ProtocolTest {
    private static final MeasurementProtocol ROUNDS = new MeasurementProtocol(1, 3, 5, 0, 0.9, 0, 0.1, 8, 0);
    private static final MeasurementProtocol WATCHED = new MeasurementProtocol(1, 1, 4, 0, 9, 4, 0, 0, 0.3);

    @Test
    void onlyANetworkThatScattersGetsMoreRounds() throws IOException {
        FakeDevice device = new FakeDevice();
        List<LatencyMeasurement> m = device.timer(
                        ROUNDS, 1, id -> id.equals("net-0") ? 100_000 : 100_000 + 40_000 * (device.runs.size() / 4 % 3))
                .measure(FakeDevice.tasks(2), ProgressListener.SILENT, MeasurementSink.NONE);
        assertThat(m.get(0).rounds()).isEqualTo(5);
        assertThat(m.get(1).rounds()).isGreaterThan(5).isLessThanOrEqualTo(13);
        assertThat(m.get(1).repetitionsMs()).hasSize(m.get(1).rounds());
    }

    @Test
    void theBootstrapIntervalHoldsTheMedianAndShrinksWithMoreValues() {
        int inside = 0;
        for (int t = 0; t < 200; t++) {
            var random = Seeds.generator(t, "bootstrap test", 0);
            double[] v = random.doubles(25).toArray();
            BootstrapInterval i = BootstrapInterval.ofMedian(v, random);
            inside += i.lower() <= 0.5 && 0.5 <= i.upper() ? 1 : 0;
        }
        assertThat(inside).isBetween(180, 200);
        double few = BootstrapInterval.ofMedian(
                        Seeds.generator(1, "v", 0).doubles(9).toArray(), Seeds.generator(1, "b", 0))
                .width();
        double many = BootstrapInterval.ofMedian(
                        Seeds.generator(1, "v", 0).doubles(900).toArray(), Seeds.generator(1, "b", 0))
                .width();
        assertThat(many).isLessThan(few / 3);
        assertThat(BootstrapInterval.ofMedian(new double[] {7}, Seeds.generator(1, "b", 0))
                        .width())
                .isZero();
    }

    @Test
    void roundsOfAThrottlingDeviceAreMeasuredAgain() throws IOException {
        FakeDevice device = new FakeDevice();
        int n = 40;
        // The device is twice as slow for a while; without the reference every fourth round of all would be kept so.
        List<LatencyMeasurement> m = device.timer(WATCHED, 1, id -> {
                    int turn = device.runs.size();
                    return turn > 60 && turn < 140 ? 200_000 : 100_000;
                })
                .measure(FakeDevice.tasks(n), ProgressListener.SILENT, MeasurementSink.NONE);
        assertThat(m).allSatisfy(x -> assertThat(x.roundMediansMs()).containsOnly(0.1));
    }

    @Test
    void theReferenceIsSlowBesideItsMedianOnly() {
        ReferenceWatch w = new ReferenceWatch(0.25);
        for (double ms : new double[] {1, 1.1, 1.5, 1, 0.9}) {
            w.timed(ms);
        }
        // Before the third timing, and after it.
        assertThat(w.isSlow(2)).isTrue();
        assertThat(w.isSlow(3)).isTrue();
        assertThat(w.isSlow(1)).isFalse();
        assertThat(w.isSlow(5)).isFalse();
        assertThat(w.isSlow(ReferenceWatch.NEVER)).isFalse();
        assertThat(w.slowShare()).isEqualTo(0.2);
        assertThat(new ReferenceWatch(0).slowShare()).isZero();
    }

    @Test
    void aClockThatGoesBackIsReadAgainAndOneThatAlwaysDoesIsTold() throws IOException {
        long[] now = {0};
        int[] reads = {0};
        RunnableNetwork network = new RunnableNetwork() {
            @Override
            public void run() {
                now[0] += 100_000;
            }

            @Override
            public void close() {}
        };
        MeasurementProtocol p = new MeasurementProtocol(2, 3, 1, 0, 0.5, 0);
        double[] ms = new LocalRounds(network, p, () -> now[0] - (reads[0]++ == 3 ? 5_000_000 : 0)).round();
        assertThat(ms).containsOnly(0.1);
        long[] down = {0};
        assertThatThrownBy(() -> new LocalRounds(network, p, () -> down[0]--).round())
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("backwards");
    }

    @Test
    void aDeviceThatGivesNoNumberIsToldInOneLine() {
        for (double bad : new double[] {Double.NaN, -1, 0, Double.POSITIVE_INFINITY}) {
            InterleavedTimer timer = new InterleavedTimer(FakeDevice.profile(ROUNDS), 1, 8, t -> new TimedNetwork() {
                @Override
                public double[] round() {
                    return new double[] {1, bad, 1};
                }

                @Override
                public void close() {}
            });
            assertThatThrownBy(() -> timer.measure(FakeDevice.tasks(1), ProgressListener.SILENT, MeasurementSink.NONE))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContainingAll("net-0", Double.toString(bad))
                    .hasMessageNotContaining("\n");
        }
    }
}
