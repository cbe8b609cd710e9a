package dev.lathe.predict;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A tree that is walked by hand, and written in the archive's layout.
 *
 * @param feature that is asked for; a leaf's is 0
 * @param threshold that a value must reach to go right
 * @param left null for a leaf
 * @param right null for a leaf
 * @param value of a leaf
 */
record HandMadeTree(
        int feature,
        float threshold,
        @Nullable HandMadeTree left,
        @Nullable HandMadeTree right,
        float value) {
    private static final int LEAF_LEFT = 16;
    private static final int LEAF_RIGHT = 64;
    private static final int LONGEST = 3;

    static HandMadeTree leaf(float value) {
        return new HandMadeTree(0, 0, null, null, value);
    }

    /** What is asked at a node. */
    interface Question {
        float threshold(int feature, RandomGenerator random);
    }

    /**
     * A tree of any shape.
     *
     * @param leaves how many
     * @param skew 0.5 for sides of like size, near 0 or 1 for a chain
     */
    static HandMadeTree random(int leaves, double skew, int features, Question question, RandomGenerator random) {
        if (leaves == 1) {
            return leaf((float) random.nextGaussian());
        }
        int left = Math.max(1, Math.min(leaves - 1, (int) Math.round(leaves * skew * 2 * random.nextDouble())));
        int feature = random.nextInt(features);
        return new HandMadeTree(
                feature,
                question.threshold(feature, random),
                random(left, skew, features, question, random),
                random(leaves - left, skew, features, question, random),
                0);
    }

    double walk(double[] row) {
        HandMadeTree t = this;
        while (t.left != null && t.right != null) {
            t = row[t.feature] >= t.threshold ? t.right : t.left;
        }
        return t.value;
    }

    byte[] bytes() {
        if (left == null) {
            // A tree of one leaf: no feature.
            return buffer(8)
                    .put((byte) 0)
                    .putChar((char) 0xFFFF)
                    .putFloat(value)
                    .array();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out);
        return out.toByteArray();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void write(ByteArrayOutputStream out) {
        if (left == null || right == null) {
            out.writeBytes(buffer(4).putFloat(value).array());
            return;
        }
        boolean isLeafLeft = left.left == null;
        int kind = (isLeafLeft ? LEAF_LEFT : LONGEST) | (right.left == null ? LEAF_RIGHT : 0);
        // Missing values go left; compared by number.
        out.writeBytes(buffer(8)
                .put((byte) kind)
                .putChar((char) feature)
                .put((byte) 3)
                .putFloat(threshold)
                .array());
        ByteArrayOutputStream ofLeft = new ByteArrayOutputStream();
        left.write(ofLeft);
        if (!isLeafLeft) {
            out.writeBytes(buffer(4).putInt(ofLeft.size()).array());
        }
        out.writeBytes(ofLeft.toByteArray());
        right.write(out);
    }
}
