package dev.lathe.device;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A device behind a session that is begun anew when it breaks; models are sent again as they are needed. */
final class RemoteDevice implements AutoCloseable {
    /** How often a request is made before the device is given up. */
    static final int TRIES = 4;

    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final byte[] NOTHING = {};

    private final DeviceProfile device;
    private final RemoteCommand command;
    private final RemoteMeter.Pause pause;
    private @Nullable RemoteSession session;
    /** Counts sessions, so that networks know whether they were sent in this one. */
    private int generation;

    private int networks;

    RemoteDevice(DeviceProfile device, RemoteCommand command, RemoteMeter.Pause pause) {
        this.device = device;
        this.command = command;
        this.pause = pause;
    }

    TimedNetwork load(MeasurementTask task) throws IOException {
        Network n = new Network(task, networks++);
        tried(() -> {
            n.send(open());
            return NOTHING;
        });
        return n;
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T run() throws IOException;
    }

    private <T> T tried(Attempt<T> attempt) throws DeviceException {
        long wait = FIRST_PAUSE_MILLIS;
        for (int i = 1; ; i++) {
            try {
                return attempt.run();
            } catch (IOException e) {
                close();
                if (i == TRIES || Thread.currentThread().isInterrupted()) {
                    throw new DeviceException(
                            "device %s (%s): %s, after %d tries; see that it is on and reachable, then run the same command again: it goes on behind what was kept"
                                    .formatted(device.id(), command.what(), e.getMessage(), i),
                            e);
                }
            }
            try {
                pause.millis(wait);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            wait *= 2;
        }
    }

    private RemoteSession open() throws IOException {
        RemoteSession s = session;
        if (s == null) {
            s = new RemoteSession(command);
            session = s;
            generation++;
        }
        return s;
    }

    @Override
    public void close() {
        RemoteSession s = session;
        session = null;
        if (s != null) {
            s.close();
        }
    }

    private final class Network implements TimedNetwork {
        private final MeasurementTask task;
        private final int number;
        private int sentIn;

        Network(MeasurementTask task, int number) {
            this.task = task;
            this.number = number;
        }

        /** @throws InvalidInputException if the device's runtime refuses the model */
        void send(RemoteSession s) throws IOException {
            byte[] bytes = task.model().get();
            String answer = s.ask(
                    "load %d %d %d %d %d"
                            .formatted(
                                    number, device.threads(), device.batch(), device.optimized() ? 1 : 0, bytes.length),
                    bytes);
            if (answer.startsWith("refused ")) {
                throw new InvalidInputException(
                        "device %s refuses model %s: %s; export it for the runtime there, or update that"
                                .formatted(device.id(), Names.shown(task.id()), Names.shown(answer.substring(8))));
            }
            if (!answer.equals("ok")) {
                throw new IOException("it answers '%s' to a model".formatted(Names.shown(answer)));
            }
            sentIn = generation;
        }

        @Override
        public double[] round() throws IOException {
            return tried(() -> {
                RemoteSession s = open();
                if (sentIn != generation) {
                    send(s);
                }
                MeasurementProtocol p = device.protocol();
                String answer = s.ask(
                        "time %d %d %d %d".formatted(number, p.warmUpRuns(), p.repetitions(), p.timedRunMicros()),
                        NOTHING);
                return parse(answer, p.repetitions());
            });
        }

        private double[] parse(String answer, int repetitions) throws IOException {
            String[] words = answer.split(" ", -1);
            if (!words[0].equals("times") || words.length != repetitions + 1) {
                throw new IOException("it answers '%s', not %d times".formatted(Names.shown(answer), repetitions));
            }
            double[] ms = new double[repetitions];
            for (int i = 0; i < repetitions; i++) {
                try {
                    ms[i] = Double.parseDouble(words[i + 1]) / 1e6;
                } catch (NumberFormatException e) {
                    throw new IOException("it answers '%s' for a time".formatted(Names.shown(words[i + 1])), e);
                }
            }
            if (Arrays.stream(ms).anyMatch(v -> !(v > 0 && Double.isFinite(v)))) {
                throw new IOException("it measures %s ms"
                        .formatted(Arrays.stream(ms)
                                .filter(v -> !(v > 0 && Double.isFinite(v)))
                                .findFirst()
                                .orElse(0)));
            }
            return ms;
        }

        @Override
        public void close() {
            RemoteSession s = session;
            if (s != null && sentIn == generation) {
                try {
                    s.ask("drop " + number, NOTHING);
                } catch (IOException e) {
                    RemoteDevice.this.close();
                }
            }
        }
    }
}
