package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfilingFarmTest {
    private static final MeasurementProtocol PROTOCOL = new MeasurementProtocol(1, 2, 3, 0, 0.5, 1);
    private static final Connection LOCAL = new Connection.Local(Connection.Engine.ONNX_RUNTIME);

    @TempDir
    Path folder;

    /** Begins and ends of measuring, in the order in which they happened. */
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    private static Connection ssh(String host, int port) {
        return new Connection.Ssh(host, port, null, null, "python3", 10);
    }

    private static DeviceProfile profile(String id, Connection connection) {
        DeviceProfile p = FakeDevice.profile(id, 1, PROTOCOL);
        return new DeviceProfile(
                id,
                p.description(),
                p.runtime(),
                p.precision(),
                p.threads(),
                p.batch(),
                p.optimized(),
                p.memory(),
                connection,
                PROTOCOL,
                new TreeMap<>());
    }

    private interface Work {
        void done() throws IOException;
    }

    /** A device that measures when this work is done. */
    private ProfilingFarm.Order order(DeviceProfile device, int networks, Work work) {
        LatencyMeter meter = new LatencyMeter() {
            @Override
            public DeviceProfile device() {
                return device;
            }

            @Override
            public List<LatencyMeasurement> measure(
                    List<MeasurementTask> tasks, ProgressListener progress, MeasurementSink sink) throws IOException {
                events.add("+" + device.id());
                work.done();
                List<LatencyMeasurement> rows = new ArrayList<>();
                for (MeasurementTask t : tasks) {
                    rows.add(new LatencyMeasurement(t.id(), 1, 1, 1, 0, 3, 2, device.id(), PROTOCOL.id(), List.of()));
                    progress.report("measuring", rows.size(), tasks.size(), "");
                }
                sink.accept(rows);
                events.add("-" + device.id());
                return rows;
            }
        };
        return new ProfilingFarm.Order(meter, FakeDevice.tasks(networks), folder.resolve(device.id() + ".csv"));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS))
                    .as("another place measures")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The two hosts wait for each other, which only ends where both measure at once; profiles of one place never overlap. */
    @Test
    void placesMeasureAtOnceAndProfilesOfOnePlaceOneAfterTheOther() {
        CountDownLatch both = new CountDownLatch(2);
        Work meeting = () -> {
            both.countDown();
            await(both);
        };
        List<ProfilingFarm.Order> orders = List.of(
                order(profile("here", LOCAL), 2, () -> {}),
                order(profile("pi", ssh("pi", 0)), 3, meeting),
                order(profile("pi-int8", ssh("PI", 0)), 4, () -> {}),
                order(profile("phone", new Connection.Adb("s1", "/p", List.of(), 9)), 5, meeting),
                order(profile("here-int8", LOCAL), 6, () -> {}));
        List<Long> heard = Collections.synchronizedList(new ArrayList<>());
        List<ProfilingFarm.Outcome> found = ProfilingFarm.measure(orders, (phase, done, total, note) -> {
            assertThat(total).isEqualTo(20);
            heard.add(done);
        });
        assertThat(found.stream().map(o -> o.device().id()))
                .containsExactly("here", "pi", "pi-int8", "phone", "here-int8");
        assertThat(found.stream().map(ProfilingFarm.Outcome::place))
                .containsExactly("this machine", "pi", "pi", "adb s1", "this machine");
        assertThat(found.stream().map(o -> o.measurements().size())).containsExactly(2, 3, 4, 5, 6);
        assertThat(found).allMatch(o -> o.failure() == null);
        assertThat(heard).isSorted().last().isEqualTo(20L);
        Map<String, String> place = Map.of("here", "l", "here-int8", "l", "pi", "p", "pi-int8", "p", "phone", "a");
        Map<String, String> measuring = new HashMap<>();
        for (String e : events) {
            String id = e.substring(1);
            String at = place.get(id);
            if (e.startsWith("+")) {
                assertThat(measuring.put(at, id)).as("%s in %s", e, events).isNull();
            } else {
                assertThat(measuring.remove(at)).isEqualTo(id);
            }
        }
        // Networks for others are made on this machine: it comes when they are done.
        assertThat(events.subList(6, 10)).containsExactly("+here", "-here", "+here-int8", "-here-int8");
    }

    @Test
    void aDeviceThatFailsHoldsUpNoOtherAndGoesOnLater() throws IOException {
        List<ProfilingFarm.Order> orders = List.of(
                order(profile("pi", ssh("pi", 0)), 3, () -> {
                    throw new DeviceException("pi does not answer;\n plug it in");
                }),
                order(profile("pi-int8", ssh("pi", 0)), 2, () -> {}),
                order(profile("phone", new Connection.Adb(null, "/p", List.of(), 9)), 2, () -> {}));
        List<ProfilingFarm.Outcome> found = ProfilingFarm.measure(orders, ProgressListener.SILENT);
        assertThat(found.get(0).failure()).isEqualTo("pi does not answer; plug it in");
        assertThat(found.get(1).measurements()).hasSize(2);
        assertThat(found.get(2).measurements()).hasSize(2);
        events.clear();
        List<ProfilingFarm.Order> again =
                List.of(order(profile("pi", ssh("pi", 0)), 3, () -> {}), orders.get(1), orders.get(2));
        assertThat(ProfilingFarm.measure(again, ProgressListener.SILENT)).allMatch(o -> o.failure() == null);
        assertThat(events).containsExactly("+pi", "-pi");
        assertThat(Files.readAllLines(folder.resolve("pi.csv"))).hasSize(4);
    }

    /** Which profiles are of one place; the last column says whether these two are. */
    @ParameterizedTest
    @CsvSource({
        "ssh:pi:0, ssh:pi:0, true",
        "ssh:pi:0, ssh:pi2:0, false",
        "ssh:localhost:0, local, true",
        "ssh:127.0.0.1:2222, local, false",
        "ssh:h:2222, ssh:h:2223, false",
        "emulated, local, true",
        "adb:a, adb:b, false",
        "adb:a, adb:a, true",
        "adb, adb:b, true",
        "adb:a, local, false"
    })
    void placesAreMachinesAndPhones(String one, String other, boolean same) {
        List<ProfilingFarm.Order> orders = List.of(
                order(profile("one", connection(one)), 1, () -> {}),
                order(profile("other", connection(other)), 1, () -> {}));
        assertThat(ProfilingFarm.queues(orders)).hasSize(same ? 1 : 2);
    }

    private static Connection connection(String text) {
        String[] words = text.split(":");
        return switch (words[0]) {
            case "ssh" -> ssh(words[1], Integer.parseInt(words[2]));
            case "adb" -> new Connection.Adb(words.length > 1 ? words[1] : null, "/p", List.of(), 9);
            case "emulated" -> new Connection.Emulated("stm32f746", 216);
            default -> LOCAL;
        };
    }

    @Test
    void aDeviceIsThereOnce() {
        ProfilingFarm.Order o = order(profile("pi", ssh("pi", 0)), 1, () -> {});
        assertThatThrownBy(() -> ProfilingFarm.measure(List.of(o, o), ProgressListener.SILENT))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
