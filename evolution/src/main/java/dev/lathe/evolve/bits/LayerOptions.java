package dev.lathe.evolve.bits;

import dev.lathe.base.InvalidInputException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The bit widths that one layer may have.
 *
 * @param layer its name
 * @param options at least one, of different widths
 */
public record LayerOptions(String layer, List<Option> options) {
    /**
     * One width.
     *
     * @param bits of its weights and inputs
     * @param sensitivity what the network loses by it, at least 0: for example the Kullback-Leibler divergence of its outputs
     * @param costs what it takes, in the order of the limits, each at least 0: for example bytes and milliseconds
     */
    public record Option(int bits, double sensitivity, List<Double> costs) {
        public Option {
            costs = List.copyOf(costs);
            if (bits < 1 || !isAmount(sensitivity) || !costs.stream().allMatch(Option::isAmount)) {
                throw new InvalidInputException(
                        "%d bits with sensitivity %s and costs %s: widths are at least 1, the others finite and at least 0"
                                .formatted(bits, sensitivity, costs));
            }
        }

        private static boolean isAmount(double value) {
            return value >= 0 && Double.isFinite(value);
        }
    }

    public LayerOptions {
        options = List.copyOf(options);
        if (options.isEmpty()) {
            throw new InvalidInputException("layer %s has no widths; give one at least".formatted(layer));
        }
        Set<Integer> widths = new HashSet<>();
        for (Option o : options) {
            if (!widths.add(o.bits())
                    || o.costs().size() != options.get(0).costs().size()) {
                throw new InvalidInputException(
                        "layer %s has %d bits twice, or other costs than its other widths".formatted(layer, o.bits()));
            }
        }
    }
}
