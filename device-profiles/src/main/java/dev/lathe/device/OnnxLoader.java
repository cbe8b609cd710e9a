package dev.lathe.device;

import dev.lathe.base.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Loads model files into ONNX Runtime on this machine. An invocation is one call of the session with an input that was
 * prepared before, and the release of its result: the runtime's own work and the call from Java, a few microseconds.
 * Weights, activations and code are in the caches as far as they fit, because warm-up runs go before the timed ones.
 *
 * @param seed of the values of the input
 */
record OnnxLoader(DeviceProfile device, long seed) implements RunnableNetwork.Loader {
    @Override
    public RunnableNetwork load(MeasurementTask task) {
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
