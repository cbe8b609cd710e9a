package dev.lathe.device;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Times model files on this machine with ONNX Runtime. An invocation is one call of the session with an input that was
 * prepared before, and the release of its result: the runtime's own work and the call from Java, a few microseconds.
 * Weights, activations and code are in the caches as far as they fit, because warm-up runs go before the timed ones.
 */
public final class OnnxLatencyMeter implements LatencyMeter {
    private final DeviceProfile device;
    private final InterleavedTimer timer;

    /** @param seed decides the order in which networks are timed, and the values of their input */
    public OnnxLatencyMeter(DeviceProfile device, long seed) {
        this.device = device;
        this.timer = new InterleavedTimer(device, seed, System::nanoTime, task -> load(task, device, seed));
    }

    @Override
    public DeviceProfile device() {
        return device;
    }

    @Override
    public List<LatencyMeasurement> measure(
            List<MeasurementTask> tasks, ProgressListener progress, MeasurementSink sink) throws IOException {
        return timer.measure(tasks, progress, sink);
    }

    private static RunnableNetwork load(MeasurementTask task, DeviceProfile device, long seed) {
        RandomGenerator random = Seeds.generator(seed, "measurement input", 0);
        OnnxModel model = OnnxModel.load(task.model().get(), task.id(), device.threads(), device.optimized());
        try {
            List<float[]> inputs = new ArrayList<>();
            for (OnnxModel.Input i : model.inputs()) {
                float[] input = new float[Math.multiplyExact((int) i.shape().elements(), device.batch())];
                for (int j = 0; j < input.length; j++) {
                    input[j] = random.nextFloat();
                }
                inputs.add(input);
            }
            return model.withInputs(inputs, device.batch());
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }
}
