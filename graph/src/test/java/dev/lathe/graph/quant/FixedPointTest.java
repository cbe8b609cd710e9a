package dev.lathe.graph.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.Seeds;
import dev.lathe.graph.quant.FixedPoint.Multiplier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FixedPointTest {
    /** One rounding, halves towards positive infinity, as exact arithmetic gives it. */
    @Test
    void requantizationIsTheExactProductRoundedOnce() {
        RandomGenerator random = Seeds.generator(1, "rq", 0);
        for (int i = 0; i < 20_000; i++) {
            int s = random.nextInt(1, 63);
            int m = (1 << 30) + random.nextInt(1 << 30);
            // So that the result fits 32 bits.
            int a = random.nextInt() >> Math.max(0, 32 - s);
            BigDecimal exact = new BigDecimal(BigInteger.valueOf(a).multiply(BigInteger.valueOf(m)))
                    .divide(new BigDecimal(BigInteger.ONE.shiftLeft(s)));
            int expected = exact.add(new BigDecimal("0.5"))
                    .setScale(0, RoundingMode.FLOOR)
                    .intValueExact();
            assertThat(FixedPoint.requantize(a, m, s))
                    .as("%d * %d >> %d", a, m, s)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"1.0, 1073741824, 30", "0.5, 1073741824, 31", "0.75, 1610612736, 31", "0.9999999999, 1073741824, 30"})
    void multipliersAreNormalized(double real, int value, int shift) {
        assertThat(Multiplier.of(real)).isEqualTo(new Multiplier(value, shift));
    }

    @Test
    void multipliersAreAsNearAsThirtyOneBitsAllow() {
        RandomGenerator random = Seeds.generator(2, "multiplier", 0);
        for (int i = 0; i < 2_000; i++) {
            double real = Math.scalb(1 + random.nextDouble(), random.nextInt(-30, 20));
            Multiplier m = Multiplier.of(real);
            assertThat(Math.scalb((double) m.value(), -m.shift())).isCloseTo(real, within(real * 0x1p-31));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e-20, 1e12})
    void ratiosOutOfReachAreRefused(double real) {
        assertThatThrownBy(() -> Multiplier.of(real))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageContaining(Double.toString(real));
    }

    @Test
    void squareRootsAreFloors() {
        RandomGenerator random = Seeds.generator(3, "root", 0);
        for (int i = 0; i < 20_000; i++) {
            long r = random.nextLong(1L << 31);
            assertThat(FixedPoint.squareRoot(r * r)).isEqualTo(r);
            if (r > 1) {
                assertThat(FixedPoint.squareRoot(r * r - 1)).isEqualTo(r - 1);
            }
        }
    }

    /** From a table of the error function (Abramowitz and Stegun, 7.1). */
    @ParameterizedTest
    @CsvSource({"0, 0", "0.5, 0.5204998778", "1, 0.8427007929", "2, 0.9953222650", "-1.5, -0.9661051465", "7, 1"})
    void theErrorFunctionIsTheTables(double x, double erf) {
        assertThat(FloatKernels.erf(x)).isCloseTo(erf, within(1e-10));
    }

    @Test
    void affineScalesHoldZeroExactlyAndSymmetricOnesHaveItAtZero() {
        Quantization q = Quantization.affine(-0.17, 6.1);
        assertThat(q.real(q.zeroPoint())).isZero();
        assertThat(q.quantize(0)).isEqualTo(q.zeroPoint());
        assertThat(q.quantize(6.1)).isEqualTo(127);
        assertThat(q.quantize(1e9)).isEqualTo(127);
        assertThat(Quantization.affine(2, 5).quantize(0)).isEqualTo(-128);
        assertThat(Quantization.symmetric(-3, 1).zeroPoint()).isZero();
        assertThat(Quantization.symmetric(0, 0).scale()).isPositive();
    }
}
