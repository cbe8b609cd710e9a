package dev.lathe.space.spaceevo;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Published INT8 latencies of single blocks in ONNX Runtime on an Intel processor with VNNI. A stage or a network takes the sum
 * of its blocks; sums rank networks, but overestimate their time, for each block was measured alone.
 *
 * <p>The table has no Fused-MB blocks, and not all widths of the hyperspace.
 */
public final class VnniBlockTable {
    private static final String HEADER = "block,hw,cin,cout,kernel,expand,stride,activation,latency_ms";
    /** Names of the hyperspace's block types in the table, by index; none for Fused-MB. */
    private static final String[] NAMES = {
        "MobileNetV1DualBlock", "MobileNetV2ResBlock", "MobileNetV3ResBlock", "ResNetBlock", "ResNetSEBlock", ""
    };

    /** @param expansion -1 where the table leaves it empty */
    private record Key(String block, int side, int inputs, int outputs, int kernel, double expansion, int stride) {}

    private final Map<Key, Double> latencyMs = new HashMap<>();

    private VnniBlockTable() {}

    /**
     * @param folder of the published tables
     * @throws dev.lathe.base.InvalidInputException naming file and line if a row is malformed
     */
    public static VnniBlockTable read(Path folder) {
        VnniBlockTable t = new VnniBlockTable();
        CsvRows.read(folder.resolve("ort_vnni_int8_block_latency.csv.gz"), HEADER, row -> {
            Key key = new Key(
                    row.text(0),
                    row.whole(1),
                    row.whole(2),
                    row.whole(3),
                    row.whole(4),
                    row.text(5).isEmpty() ? -1 : row.decimal(5),
                    row.whole(6));
            if (t.latencyMs.put(key, row.decimal(8)) != null) {
                throw row.wrong("this block has a row already");
            }
        });
        return t;
    }

    public int size() {
        return latencyMs.size();
    }

    /** Latency of a stage in milliseconds; empty where the table lacks one of its blocks. */
    public OptionalDouble latencyMs(StageInstance s) {
        double sum = 0;
        int side = s.side();
        int inputs = s.inputChannels();
        int stride = s.hyperspace().stage(s.stage()).stride();
        for (BlockChoice c : s.blocks()) {
            Double ms = s.hyperspace() == Hyperspace.ONNXW
                    ? latencyMs.get(
                            new Key(NAMES[s.block()], side, inputs, c.width(), c.kernel(), c.expansion(), stride))
                    : null;
            if (ms == null) {
                return OptionalDouble.empty();
            }
            sum += ms;
            side = (side + stride - 1) / stride;
            inputs = c.width();
            stride = 1;
        }
        return OptionalDouble.of(sum);
    }

    /**
     * Milliseconds of what all networks have: the first convolution and one block of stage 0, both of 16 channels, and the head.
     *
     * @param resolution rows and columns of the image, a multiple of 16 from 160 to 224
     * @param lastWidth channels that the head takes
     */
    public OptionalDouble stemAndHeadMs(int resolution, int lastWidth) {
        int last = resolution / 32;
        Key[] keys = {
            new Key("FirstConvBlock", resolution, 3, 16, 3, -1, 2),
            new Key("ResNetBlock", resolution / 2, 16, 16, 3, 0.5, 1),
            new Key("FinalExpandBlock", last, lastWidth, Hyperspace.FINAL_EXPAND_WIDTH, 1, -1, 1),
            new Key("FeatureMixBlock", last, Hyperspace.FINAL_EXPAND_WIDTH, Hyperspace.FEATURE_MIX_WIDTH, 1, -1, 1),
            new Key("LogitsBlock", 1, Hyperspace.FEATURE_MIX_WIDTH, 1000, 0, -1, 0)
        };
        double sum = 0;
        for (Key k : keys) {
            Double ms = latencyMs.get(k);
            if (ms == null) {
                return OptionalDouble.empty();
            }
            sum += ms;
        }
        return OptionalDouble.of(sum);
    }
}
