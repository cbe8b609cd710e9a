package dev.lathe.graph.quant;

import dev.lathe.graph.quant.FixedPoint.Multiplier;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a step of a quantized network computes, with all its constants. Activations are 8-bit numbers x; z is a zero point,
 * {@code rq} is {@link FixedPoint#requantize}, clamping is to 8 bits unless stated. Arrays are not to be changed.
 */
public sealed interface IntegerOperator {
    /**
     * A convolution or linear layer, or a batch norm or layer scale that follows neither (one weight a channel), with what is
     * folded into it: {@code y = clamp(rq(bias + Σ x w, multiplier, shift) + z, low,
     * high)}. The bias holds the effect of the input's zero point.
     *
     * @param weights (outputs, kernel rows, kernel columns, inputs per group), -127 to 127
     * @param bias per output
     * @param multiplier per output
     * @param shift per output
     * @param zeroPoint of the result
     * @param low least result: the zero point where ReLU is folded in
     * @param high largest result: above 127 for 16-bit logits
     */
    record Weighted(byte[] weights, int[] bias, int[] multiplier, int[] shift, int zeroPoint, int low, int high)
            implements IntegerOperator {}

    /**
     * Layer normalization over n channels. With A = Σ x, B = Σ x², V = nB - A² + epsilon, e = (leading zeros of V - 2) / 2, q =
     * ⌊√(V 2^2e)⌋ and inv = min(⌊2^61 / q⌋, 2^31 - 1): t = rq(n x - A, inv, 51 - e) has 10 fractional bits, and {@code y =
     * clamp(((t gain + offset + 2^(9 + fraction)) >> (10 + fraction)) + z)}.
     *
     * @param gains 16-bit numbers with {@code fraction} fractional bits
     * @param offsets with {@code 10 + fraction} fractional bits
     */
    record Norm(int[] gains, int[] offsets, int fraction, int zeroPoint, int epsilon) implements IntegerOperator {}

    /** {@code clamp(((a left + b right + 2^(shift - 1)) >> shift) + z)}. */
    record Sum(int left, int right, int shift, int zeroPoint) implements IntegerOperator {}

    /** Adds constants of the tensor's own scale: {@code clamp(x + values)}. */
    record Table(byte[] values) implements IntegerOperator {}

    /** Puts a constant token before the sequence. */
    record Prepend(byte[] values) implements IntegerOperator {}

    /** {@code y = values[x + 128]}: any non-linearity. */
    record Lookup(byte[] values) implements IntegerOperator {}

    /**
     * Softmax attention, row by row: with s_j = q k_j and u_j = rq(max s - s_j, score), n = u >> 8 and fr = u mod 256, e_j is 0 for
     * n above 14, else (exp[fr] + 2^(n-1)) >> n; Z = Σ e_j, l = leading zeros of Z - 1, inv = min(⌊2^61 / (Z 2^l)⌋, 2^31 - 1), and
     * {@code o_c = clamp(rq(rq(Σ e_j v_jc, inv, 45 - l), output))}. Neither scores nor probabilities are rounded to 8 bits.
     *
     * <p>Relative keys add rq(q t_v[dy], factor) + rq(q t_h[dx], factor) to each s_j. Relative values add rq(rq(b_c, inv, 45 -
     * l), factor) before the last rq, b_c being the sum over rows of the tables times the sums of e_j of their distance.
     *
     * @param score s_q s_k scale log2(e) 256
     * @param output s_v / s_o 2^-16
     * @param keys of relative positions, or null
     * @param values of relative positions, or null
     */
    record Attention(
            Multiplier score,
            Multiplier output,
            @Nullable Relative keys,
            @Nullable Relative values) implements IntegerOperator {}

    /**
     * Relative positions on a grid of tokens after one class token; rows as {@link
     * dev.lathe.graph.Operator#relativeRows} numbers them.
     *
     * @param vertical (2 clip + 2, width), of one scale with
     * @param horizontal likewise
     * @param columns tokens in a row of the grid
     * @param clip largest distance told apart
     * @param factor scale of the tables by that of keys or values
     */
    record Relative(byte[] vertical, byte[] horizontal, int columns, int clip, Multiplier factor) {
        public int rows() {
            return 2 * clip + 2;
        }
    }

    /** Mean of n values: {@code clamp(rq(Σ x - n z_x, factor) + z, low, high)}. */
    record Mean(Multiplier factor, int inputZeroPoint, int zeroPoint, int low, int high) implements IntegerOperator {}

    /** Largest value of a window. */
    record MaxPool() implements IntegerOperator {}

    /**
     * Mean of a window.
     *
     * @param factors for 1, 2, ... values within the image
     */
    record AveragePool(List<Multiplier> factors, int inputZeroPoint, int zeroPoint) implements IntegerOperator {
        public AveragePool {
            factors = List.copyOf(factors);
        }
    }

    /** {@code clamp(rq((x - z_x) (g - z_g), factor) + z)}, a gate g per channel. */
    record Gating(Multiplier factor, int inputZeroPoint, int gateZeroPoint, int zeroPoint) implements IntegerOperator {}

    /** The same numbers under another shape or in another order, or a range of them. */
    record Move() implements IntegerOperator {}
}
