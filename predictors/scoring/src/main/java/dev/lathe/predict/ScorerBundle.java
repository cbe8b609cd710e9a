package dev.lathe.predict;

import dev.lathe.base.Hashes;
import dev.lathe.space.ScorerSource;
import dev.lathe.space.TaskShape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All that scoring an architecture takes, as plain bytes: what a cluster sends to each worker once. {@link
 * ArchitectureScorer} makes it work. Two bundles are equal when their bytes are.
 *
 * @param space reference of the search space, from which a Spark worker makes it
 * @param task what the networks take and give
 * @param latencyMojo predictor of {@code latencyMs}, as a MOJO archive or the content of a look-up table's file; null or empty
 *     where there is none
 * @param top1Mojo predictor of {@code top1}, as a MOJO archive; null or empty where there is none
 * @param fewShotLatency predictor of {@code latencyMs} that was adapted from a few measurements, as the content of its file,
 *     in the place of {@code latencyMojo}; null or empty where there is none
 * @param confidence of {@code latencyUpperMs}, which a {@code fewShotLatency} gives; 0 where that metric is not wanted
 * @param ramLimitBytes where networks run as C on a microcontroller: RAM of the firmware, by which schedules are chosen, 0 where
 *     it is not scarce; null where they do not
 * @param memory predictor of {@code memoryBytes}, as the content of its file; null or empty where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, compared by content
public record ScorerBundle(
        String space,
        TaskShape task,
        byte @Nullable [] latencyMojo,
        byte @Nullable [] top1Mojo,
        byte @Nullable [] fewShotLatency,
        double confidence,
        @Nullable Long ramLimitBytes,
        byte @Nullable [] memory)
        implements ScorerSource {
    private static final long serialVersionUID = 3L;

    public ScorerBundle {
        latencyMojo = copy(latencyMojo);
        top1Mojo = copy(top1Mojo);
        fewShotLatency = copy(fewShotLatency);
        memory = copy(memory);
        if (latencyMojo != null && fewShotLatency != null) {
            throw new IllegalArgumentException("A bundle has one predictor of the latency, not two");
        }
        if (confidence != 0 && (fewShotLatency == null || !(confidence >= 0.5 && confidence < 1))) {
            throw new IllegalArgumentException(
                    "A confidence is from 0.5 and below 1, of a few-shot predictor; it is %s".formatted(confidence));
        }
    }

    /** With predictors that were fitted to many measurements, for networks that do not run as C. */
    public ScorerBundle(String space, TaskShape task, byte @Nullable [] latencyMojo, byte @Nullable [] top1Mojo) {
        this(space, task, latencyMojo, top1Mojo, null, 0, null, null);
    }

    /** A copy of the archive, or null where there is none. */
    @Override
    public byte @Nullable [] latencyMojo() {
        return copy(latencyMojo);
    }

    /** A copy of the archive, or null where there is none. */
    @Override
    public byte @Nullable [] top1Mojo() {
        return copy(top1Mojo);
    }

    /** A copy of the file's content, or null where there is none. */
    @Override
    public byte @Nullable [] fewShotLatency() {
        return copy(fewShotLatency);
    }

    /** A copy of the file's content, or null where there is none. */
    @Override
    public byte @Nullable [] memory() {
        return copy(memory);
    }

    @Override
    public ArchitectureScorer open() {
        return new ArchitectureScorer(this);
    }

    @Override
    public String sha256() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] text = (space + "\n" + task + "\n" + confidence + "\n" + ramLimitBytes).getBytes(StandardCharsets.UTF_8);
        for (byte @Nullable [] part : new byte @Nullable [][] {text, latencyMojo, top1Mojo, fewShotLatency, memory}) {
            int length = part == null ? 0 : part.length;
            all.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
            if (part != null) {
                all.writeBytes(part);
            }
        }
        return Hashes.sha256(all.toByteArray());
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof ScorerBundle b
                && space.equals(b.space)
                && task.equals(b.task)
                && Objects.equals(ramLimitBytes, b.ramLimitBytes)
                && Arrays.equals(latencyMojo, b.latencyMojo)
                && Arrays.equals(top1Mojo, b.top1Mojo)
                && Arrays.equals(fewShotLatency, b.fewShotLatency)
                && Arrays.equals(memory, b.memory)
                && confidence == b.confidence;
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                space,
                task,
                Arrays.hashCode(latencyMojo),
                Arrays.hashCode(top1Mojo),
                Arrays.hashCode(fewShotLatency),
                confidence,
                ramLimitBytes,
                Arrays.hashCode(memory));
    }

    /** Shows sizes, not bytes. */
    @Override
    public String toString() {
        return "ScorerBundle[space=%s, task=%s, latencyMojo=%s bytes, top1Mojo=%s bytes, fewShotLatency=%s bytes, confidence=%s, ramLimitBytes=%s, memory=%s bytes]"
                .formatted(
                        space,
                        task,
                        size(latencyMojo),
                        size(top1Mojo),
                        size(fewShotLatency),
                        confidence,
                        ramLimitBytes,
                        size(memory));
    }

    private static int size(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static byte @Nullable [] copy(byte @Nullable [] bytes) {
        return bytes == null || bytes.length == 0 ? null : bytes.clone();
    }
}
