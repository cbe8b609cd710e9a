package dev.lathe.supernet;

import ai.djl.Device;
import dev.lathe.base.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Where this process trains and evaluates supernets: the first GPU where the engine finds one, else the CPU, unless asked for
 * another. The choice holds for all supernets loaded after it. Results on a GPU are not bit-identical to those of a CPU, nor
 * from run to run: its convolutions and sums have no fixed order.
 */
public final class ComputeDevice {
    /** The index that stands for the CPU. */
    public static final int CPU = -1;

    private static volatile @Nullable Device chosen;

    private ComputeDevice() {}

    /**
     * Takes a device.
     *
     * @param index of the GPU, counted from 0; {@value #CPU} for the CPU
     * @throws InvalidInputException if there is no such GPU
     */
    public static void use(int index) {
        int gpus = Torch.engine().getGpuCount();
        if (index < CPU || index >= gpus) {
            throw new InvalidInputException("--device-index is %d, but the engine finds %s; -1 is the CPU%s"
                    .formatted(
                            index,
                            gpus == 0 ? "no GPU" : gpus == 1 ? "one GPU, 0" : "GPUs 0 to " + (gpus - 1),
                            gpus == 0
                                    ? ". For a GPU let PYTORCH_LIBRARY_PATH name the libraries of a PyTorch with CUDA (docs/how-to/train-on-a-gpu.md)"
                                    : ""));
        }
        chosen = index == CPU ? Device.cpu() : Device.gpu(index);
    }

    /** The device in use. */
    static Device current() {
        Device device = chosen;
        return device == null ? Torch.engine().defaultDevice() : device;
    }

    /** What it is called: {@code cpu}, or {@code gpu0} and so on. */
    static String name() {
        Device device = current();
        return device.isGpu() ? "gpu" + device.getDeviceId() : "cpu";
    }
}
