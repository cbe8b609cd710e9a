package dev.lathe.supernet;

import dev.lathe.base.InvalidInputException;
import dev.lathe.supernet.data.SeriesAugmentation;

/**
 * What keeps networks from learning the training part by heart, beside augmentation and weight decay. Each is drawn from a
 * stream of its own, so one that is off leaves the others' draws, and a training without them, as they are.
 *
 * @param mixup parameter of the symmetric Beta distribution by which images are mixed in pairs, 0 for none
 * @param erase share of images of which a random rectangle is replaced by noise, 0 for none
 * @param dropout rate in layers of full width of transformers, 0 for none
 * @param dropoutGamma power of a layer's relative width by which the rate falls: 0 gives all subnets one rate, 1 is HAT's, a
 *     large number spares all but the largest network as BigNAS does
 * @param series random changes of time series
 * @see <a href="https://arxiv.org/abs/1710.09412">Zhang et al., mixup, ICLR 2018</a>
 * @see <a href="https://arxiv.org/abs/1708.04896">Zhong et al., Random Erasing Data Augmentation, AAAI 2020</a>
 * @see <a href="https://arxiv.org/abs/2005.14187">Wang et al., HAT, ACL 2020</a>
 */
public record Regularization(
        double mixup, double erase, double dropout, double dropoutGamma, SeriesAugmentation series) {
    /** All off. */
    public static final Regularization NONE = new Regularization(0, 0, 0, 1);

    /** For data other than time series. */
    public Regularization(double mixup, double erase, double dropout, double dropoutGamma) {
        this(mixup, erase, dropout, dropoutGamma, SeriesAugmentation.NONE);
    }

    public Regularization {
        require(mixup >= 0 && mixup <= 2, "mixup", mixup, "0 (off) to 2");
        require(erase >= 0 && erase <= 1, "erase", erase, "0 (off) to 1");
        require(dropout >= 0 && dropout <= 0.9, "dropout", dropout, "0 (off) to 0.9");
        require(dropoutGamma >= 0 && dropoutGamma <= 1000, "dropoutGamma", dropoutGamma, "0 to 1000");
    }

    private static void require(boolean condition, String name, double value, String wanted) {
        if (!condition) {
            throw new InvalidInputException("training.%s is %s; it must be %s".formatted(name, value, wanted));
        }
    }
}
