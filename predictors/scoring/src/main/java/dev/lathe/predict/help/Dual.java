package dev.lathe.predict.help;

import org.jspecify.annotations.Nullable;

/**
 * Numbers and, where asked for, their derivatives along one direction of the parameters. A backward pass over duals gives
 * the gradient and its derivative along that direction, which is the Hessian times the direction.
 *
 * @see <a href="https://www.bcl.hamilton.ie/~barak/papers/nc-hessian.pdf">Pearlmutter, Fast exact multiplication by the
 *     Hessian, Neural Computation 1994</a>
 */
final class Dual {
    final double[] value;
    final double @Nullable [] tangent;

    Dual(double[] value, double @Nullable [] tangent) {
        this.value = value;
        this.tangent = tangent;
    }

    static Dual zeros(int n, boolean withTangent) {
        return new Dual(new double[n], withTangent ? new double[n] : null);
    }

    boolean hasTangent() {
        return tangent != null;
    }

    /** The tangent, where there is one for certain. */
    double[] along() {
        if (tangent == null) {
            throw new IllegalStateException("No direction was given");
        }
        return tangent;
    }
}
