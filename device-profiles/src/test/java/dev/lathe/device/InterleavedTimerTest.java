package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterleavedTimerTest {
    private static final MeasurementProtocol SMALL = new MeasurementProtocol(2, 3, 5, 0, 0.5, 2);

    @Test
    void givenRoundsOfKnownTimes_whenMeasured_thenEveryNumberIsTheOneWorkedOutByHand() throws IOException {
        FakeDevice device = new FakeDevice();
        // 5 rounds of 2 warm-up runs, which must not count, and 3 timed runs, in microseconds.
        long[] micros = {
            999, 999, 100, 110, 300, //
            1, 1, 101, 109, 120, //
            1, 1, 90, 111, 112, //
            1, 1, 95, 105, 400, //
            1, 1, 120, 130, 140
        };
        List<LatencyMeasurement> m = device.timer(SMALL, 1, id -> micros[device.runs.size() - 1] * 1000)
                .measure(FakeDevice.tasks(1), ProgressListener.SILENT, MeasurementSink.NONE);

        assertThat(m).hasSize(1);
        LatencyMeasurement only = m.get(0);
        assertThat(only.roundMediansMs()).containsExactly(0.110, 0.109, 0.111, 0.105, 0.130);
        assertThat(only.medianMs()).isEqualTo(0.110);
        assertThat(only.minMs()).isEqualTo(0.090);
        // Sorted: 90 95 100 101 105 109 110 111 112 120 120 130 140 300 400; index 12.6 of 0..14.
        assertThat(only.p90Ms()).isCloseTo(0.140 + 0.6 * 0.160, within(1e-9));
        // Deviations 0 1 1 5 20.
        assertThat(only.spreadMs()).isCloseTo(0.001, within(1e-9));
        assertThat(only.rounds()).isEqualTo(5);
        assertThat(only.repetitions()).isEqualTo(3);
        assertThat(only.device()).isEqualTo("fake");
        assertThat(only.protocol()).isEqualTo("median-w2-t3-r5-us0-x0.5-m2");
        assertThat(device.loaded).isZero();
    }

    @Test
    void givenNetworksShorterThanATimedRun_whenMeasured_thenInvocationsAreBatchedAndTheirMeanCounts()
            throws IOException {
        FakeDevice device = new FakeDevice();
        MeasurementProtocol protocol = new MeasurementProtocol(4, 3, 2, 20, 0.5, 0);
        List<LatencyMeasurement> m = device.timer(protocol, 1, id -> id.equals("net-0") ? 3_000 : 50_000)
                .measure(FakeDevice.tasks(2), ProgressListener.SILENT, MeasurementSink.NONE);

        assertThat(m.get(0).medianMs()).isCloseTo(0.003, within(1e-12));
        assertThat(m.get(1).medianMs()).isCloseTo(0.050, within(1e-12));
        // 20 µs hold 7 invocations of 3 µs: 2 rounds of 4 + 3 * 7; of 50 µs there is one a timed run.
        assertThat(Collections.frequency(device.runs, "net-0")).isEqualTo(2 * (4 + 3 * 7));
        assertThat(Collections.frequency(device.runs, "net-1")).isEqualTo(2 * (4 + 3));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void givenManyNetworks_whenMeasured_thenEveryRoundVisitsAllOnceInItsOwnOrder(long seed) throws IOException {
        int n = 20;
        FakeDevice device = new FakeDevice();
        device.timer(SMALL, seed, id -> 1000)
                .measure(FakeDevice.tasks(n), ProgressListener.SILENT, MeasurementSink.NONE);
        List<String> joined = new ArrayList<>();
        for (int i = 0; i < device.runs.size(); i += 5) {
            List<String> round = device.runs.subList(i, i + 5);
            assertThat(new HashSet<>(round)).hasSize(1);
            joined.add(round.get(0));
        }
        assertThat(joined).hasSize(5 * n);
        List<List<String>> orders = new ArrayList<>();
        for (int r = 0; r < 5; r++) {
            List<String> order = joined.subList(r * n, (r + 1) * n);
            assertThat(order).doesNotHaveDuplicates();
            orders.add(order);
        }
        assertThat(orders).doesNotHaveDuplicates();

        FakeDevice again = new FakeDevice();
        again.timer(SMALL, seed, id -> 1000)
                .measure(FakeDevice.tasks(n), ProgressListener.SILENT, MeasurementSink.NONE);
        assertThat(again.runs).isEqualTo(device.runs);
    }

    @Test
    void givenAMachineThatGetsSlower_whenMeasured_thenNetworksKeepTheirRanks() throws IOException {
        // The machine's pace falls to a third while the networks differ by 10 %: measured one after the other, their
        // order
        // would be wrong.
        FakeDevice device = new FakeDevice();
        MeasurementProtocol protocol = new MeasurementProtocol(1, 3, 9, 0, 5, 0);
        int n = 8;
        long[] invocations = {0};
        List<LatencyMeasurement> m = device.timer(protocol, 3, id -> {
                    double pace = 1 + 2.0 * invocations[0]++ / (n * 9 * 4);
                    int size = Integer.parseInt(id.substring(4));
                    return (long) (100_000 * pace * Math.pow(1.1, n - size));
                })
                .measure(FakeDevice.tasks(n), ProgressListener.SILENT, MeasurementSink.NONE);
        for (int i = 1; i < n; i++) {
            assertThat(m.get(i).medianMs()).isLessThan(m.get(i - 1).medianMs());
        }
    }

    @Test
    void givenADisturbedRound_whenMeasured_thenThatNetworkAloneIsMeasuredAgain() throws IOException {
        FakeDevice device = new FakeDevice();
        // The first visit of net-1 is three times slower.
        List<LatencyMeasurement> m = device.timer(
                        SMALL,
                        1,
                        id -> id.equals("net-1") && Collections.frequency(device.runs, id) <= 5 ? 300_000 : 100_000)
                .measure(FakeDevice.tasks(3), ProgressListener.SILENT, MeasurementSink.NONE);
        assertThat(m.get(1).roundMediansMs()).containsOnly(0.1);
        assertThat(m.get(1).minMs()).isEqualTo(0.1);
        assertThat(m.get(1).p90Ms()).isEqualTo(0.1);
        assertThat(Collections.frequency(device.runs, "net-1")).isEqualTo(6 * 5);
        assertThat(Collections.frequency(device.runs, "net-0")).isEqualTo(5 * 5);
        assertThat(Collections.frequency(device.runs, "net-2")).isEqualTo(5 * 5);
    }

    @Test
    void givenANetworkThatNeverSettles_whenMeasured_thenItIsRepeatedTwiceAndKept() throws IOException {
        FakeDevice device = new FakeDevice();
        List<LatencyMeasurement> m = device.timer(SMALL, 1, id ->
                        (long) (1000 * Math.pow(3, (device.runs.size() - 1) / 5)))
                .measure(FakeDevice.tasks(1), ProgressListener.SILENT, MeasurementSink.NONE);
        assertThat(device.runs).hasSize((5 + 2) * 5);
        assertThat(m.get(0).spreadMs()).isPositive();
    }

    @Test
    void givenRoundMedians_whenAnOutlierIsSought_thenItIsTheFarthestBeyondTheShare() {
        assertThat(InterleavedTimer.outlier(new double[] {1, 1, 1.4, 1}, 0.5)).isEqualTo(-1);
        assertThat(InterleavedTimer.outlier(new double[] {1, 1.6, 2.4, 1, 1}, 0.5))
                .isEqualTo(2);
        assertThat(InterleavedTimer.outlier(new double[] {1, 1, 0.4}, 0.5)).isEqualTo(2);
        assertThat(InterleavedTimer.outlier(new double[] {7}, 0.5)).isEqualTo(-1);
    }

    @Test
    void givenMoreNetworksThanABlock_whenMeasured_thenEachBlockIsHandedOverAndClosedBeforeTheNext() throws IOException {
        FakeDevice device = new FakeDevice();
        List<Integer> blocks = new ArrayList<>();
        List<long[]> told = new ArrayList<>();
        int n = 2 * InterleavedTimer.BLOCK + 3;
        List<LatencyMeasurement> m = device.timer(SMALL, 1, id -> 1000)
                .measure(
                        FakeDevice.tasks(n),
                        (phase, done, total, note) -> told.add(new long[] {done, total}),
                        block -> {
                            assertThat(device.loaded).isZero();
                            blocks.add(block.size());
                        });
        assertThat(blocks).containsExactly(InterleavedTimer.BLOCK, InterleavedTimer.BLOCK, 3);
        assertThat(device.mostLoaded).isEqualTo(InterleavedTimer.BLOCK);
        assertThat(m.stream().map(LatencyMeasurement::id))
                .containsExactlyElementsOf(
                        FakeDevice.tasks(n).stream().map(MeasurementTask::id).toList());
        assertThat(told).hasSize(n * 5);
        assertThat(told.get(told.size() - 1)).containsExactly(n * 5L, n * 5L);
    }

    @Test
    void givenAModelThatIsRefused_whenMeasured_thenWhatWasLoadedIsClosed() {
        FakeDevice device = new FakeDevice();
        InterleavedTimer timer = new InterleavedTimer(FakeDevice.profile(SMALL), 1, () -> device.now, t -> {
            if (t.id().equals("net-2")) {
                throw new InvalidInputException("refused");
            }
            return device.load(t.id(), id -> 1000);
        });
        assertThatThrownBy(() -> timer.measure(FakeDevice.tasks(4), ProgressListener.SILENT, MeasurementSink.NONE))
                .isInstanceOf(InvalidInputException.class);
        assertThat(device.loaded).isZero();
    }

    @Test
    void givenOneIdTwice_whenMeasured_thenItIsRefused() {
        List<MeasurementTask> twice = new ArrayList<>(FakeDevice.tasks(2));
        twice.addAll(FakeDevice.tasks(1));
        assertThatThrownBy(() -> new FakeDevice()
                        .timer(SMALL, 1, id -> 1)
                        .measure(twice, ProgressListener.SILENT, MeasurementSink.NONE))
                .hasMessageContaining("net-0")
                .hasMessageContaining("twice");
    }

    @Test
    void givenSortedValues_whenAQuantileIsTaken_thenItIsLinearBetweenNeighbors() {
        double[] v = {1, 2, 4, 8};
        assertThat(InterleavedTimer.quantile(v, 0)).isEqualTo(1);
        assertThat(InterleavedTimer.quantile(v, 0.5)).isEqualTo(3);
        assertThat(InterleavedTimer.quantile(v, 1)).isEqualTo(8);
        assertThat(Arrays.stream(new double[] {0.1, 0.4, 0.9})
                        .map(q -> InterleavedTimer.quantile(new double[] {5}, q))
                        .toArray())
                .containsOnly(5);
    }

    @Test
    void givenSettingsThatAreNoProtocol_whenMade_thenTheyAreNamed() {
        assertThatThrownBy(() -> new MeasurementProtocol(0, 1, 1, 0, 0.5, 0)).hasMessageContaining("0 warm-up runs");
        assertThatThrownBy(() -> new MeasurementProtocol(1, 1, 1, 0, Double.NaN, 0))
                .hasMessageContaining("NaN");
        assertThat(MeasurementProtocol.STANDARD.id()).doesNotContain(",");
        assertThat(MeasurementProtocol.STANDARD.description())
                .contains(MeasurementProtocol.STANDARD.rounds() + " rounds");
    }
}
