package dev.lathe.results;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a device and a task make of a space's options. Immutable; units as everywhere: milliseconds, accuracy in 0..1.
 *
 * @param space its name
 * @param device that the networks were measured on
 * @param measured networks whose latency was measured
 * @param evaluated networks whose accuracy is known; 0 where none is
 * @param latencyExplained share of the latency's variance that the additive model explains
 * @param top1Explained the same of accuracy; null where none is known
 * @param usPerThousandMacs microseconds a thousand multiply-accumulates, the slope over all measured networks
 * @param kinds in the order of the space
 * @param reduced what became of the smaller space, in one line
 */
public record BlocksReport(
        String space,
        String device,
        int measured,
        int evaluated,
        double latencyExplained,
        @Nullable Double top1Explained,
        double usPerThousandMacs,
        List<Kind> kinds,
        String reduced) {
    public BlocksReport {
        kinds = List.copyOf(kinds);
    }

    /**
     * A kind of decision.
     *
     * @param name without the numbers of copies
     * @param decisions how many the space has of it
     * @param latencyShare share of the latency's variance that it makes
     * @param macsShare the same of the multiply-accumulates
     * @param top1Share the same of accuracy; null where none is known
     * @param options smallest first
     */
    public record Kind(
            String name,
            int decisions,
            double latencyShare,
            double macsShare,
            @Nullable Double top1Share,
            List<Option> options) {
        public Kind {
            options = List.copyOf(options);
        }
    }

    /**
     * One option, against the first of its kind, where every decision of the kind takes it.
     *
     * @param value of the decision
     * @param isKept whether the smaller space has it
     * @param latencyMs more of latency
     * @param latencyErrorMs standard error of it
     * @param macs more of multiply-accumulates
     * @param relativeCost latency that an added multiply-accumulate costs here, as a multiple of what one costs on average; null
     *     where the option adds none to speak of
     * @param top1 more of accuracy; null where none is known
     * @param top1Error standard error of it
     */
    public record Option(
            double value,
            boolean isKept,
            double latencyMs,
            double latencyErrorMs,
            double macs,
            @Nullable Double relativeCost,
            @Nullable Double top1,
            @Nullable Double top1Error) {}
}
