package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Budgets as people write them ({@code 80 us}, {@code 16 KiB}, {@code p30}) and numbers as people read them. */
final class Quantities {
    private static final Pattern WITH_UNIT =
            Pattern.compile("\\s*([0-9]+(?:\\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)\\s*([A-Za-zµ]*)\\s*");
    private static final Pattern PERCENTILE = Pattern.compile("\\s*p([0-9]{1,2}(?:\\.[0-9]+)?)\\s*");
    private static final Map<String, Double> TIME = units("ms", 1.0, "us", 1e-3, "µs", 1e-3, "s", 1e3);
    private static final Map<String, Double> BYTES =
            units("B", 1.0, "KiB", 1024.0, "MiB", 1024.0 * 1024, "kB", 1e3, "MB", 1e6);
    private static final Map<String, Double> COUNT = units("", 1.0, "k", 1e3, "M", 1e6, "G", 1e9);

    /** Budget names a user may give, with the metric each bounds. */
    private static final Map<String, String> METRICS = new LinkedHashMap<>();

    static {
        METRICS.put("latency", "latencyMs");
        METRICS.put("peakActivation", "peakActivationBytes");
        METRICS.put("macs", "macs");
        METRICS.put("parameters", "parameters");
        METRICS.put("peakSram", "peakSramBytes");
        METRICS.put("flash", "flashBytes");
        METRICS.put(MemoryStep.NAME, MemoryStep.METRIC);
    }

    private Quantities() {}

    private static Map<String, Double> units(Object... pairs) {
        Map<String, Double> m = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            m.put((String) pairs[i], (Double) pairs[i + 1]);
        }
        return m;
    }

    /**
     * A budget as given: a fixed limit, or a percentile of what random networks of the space need on the device.
     *
     * @param name as the user knows it, for example {@code latency}
     * @param metric what it bounds, for example {@code latencyMs}
     * @param limit in the metric's unit, or NaN where it is a percentile
     * @param percentile in 0..100, or NaN where it is a fixed limit
     * @param text as it was written
     */
    record BudgetText(String name, String metric, double limit, double percentile, String text) {
        boolean isPercentile() {
            return !Double.isNaN(percentile);
        }
    }

    /** Names of the budgets, and objectives, that only firmware has. */
    static final List<String> FIRMWARE = List.of("peakSram", "flash");

    /** Budgets that a run's settings name only where they are asked for: they came after runs without them. */
    static boolean isNamedWhereAsked(String name) {
        return FIRMWARE.contains(name) || name.equals(MemoryStep.NAME);
    }

    /** Names of the budgets. */
    static List<String> budgetNames() {
        return List.copyOf(METRICS.keySet());
    }

    /** @throws InvalidInputException for an unknown name or unit, or a value that is not positive and finite */
    static BudgetText budget(String name, String text) {
        String metric = METRICS.get(name);
        if (metric == null) {
            throw InvalidInputException.unknown("budget", name, METRICS.keySet());
        }
        Matcher percentile = PERCENTILE.matcher(text);
        if (percentile.matches()) {
            double p = Double.parseDouble(percentile.group(1));
            if (p <= 0) {
                throw new InvalidInputException("budget %s: percentile %s is not above 0; write for example p30"
                        .formatted(name, Names.shown(text)));
            }
            return new BudgetText(name, metric, Double.NaN, p, text.trim());
        }
        Map<String, Double> known = unitsOf(metric);
        Matcher m = WITH_UNIT.matcher(text);
        if (!m.matches()) {
            throw new InvalidInputException("budget %s: '%s' is no quantity; write for example %s"
                    .formatted(name, Names.shown(text), example(metric)));
        }
        Double factor = known.get(m.group(2));
        if (factor == null) {
            String units = String.join(
                    ", ", known.keySet().stream().filter(u -> !u.isEmpty()).toList());
            String problem = m.group(2).isEmpty()
                    ? "'%s' has no unit".formatted(Names.shown(text))
                    : "unit '%s' of '%s' is not known".formatted(m.group(2), Names.shown(text));
            throw new InvalidInputException(
                    "budget %s: %s; use one of %s, for example %s".formatted(name, problem, units, example(metric)));
        }
        double value = Double.parseDouble(m.group(1)) * factor;
        if (!(value > 0 && Double.isFinite(value))) {
            throw new InvalidInputException("budget %s: '%s' is not positive and finite; write for example %s"
                    .formatted(name, Names.shown(text), example(metric)));
        }
        return new BudgetText(name, metric, value, Double.NaN, text.trim());
    }

    private static Map<String, Double> unitsOf(String metric) {
        return metric.endsWith("Ms") ? TIME : metric.endsWith("Bytes") ? BYTES : COUNT;
    }

    private static String example(String metric) {
        return metric.endsWith("Ms") ? "'80 us' or p30" : metric.endsWith("Bytes") ? "'16 KiB' or p30" : "'2M' or p30";
    }

    /** A metric's value with its unit, for people. */
    static String show(String metric, double value) {
        if (metric.equals("top1")) {
            return "%.1f %%".formatted(100 * value);
        }
        if (metric.equals("loss")) {
            return String.format(Locale.ROOT, "%.3f", value);
        }
        if (metric.endsWith("Ms")) {
            return value < 1 ? "%.1f us".formatted(1000 * value) : "%.2f ms".formatted(value);
        }
        if (metric.endsWith("Bytes")) {
            return value < 1024 * 1024 ? "%.1f KiB".formatted(value / 1024) : "%.2f MiB".formatted(value / 1024 / 1024);
        }
        return String.format(Locale.ROOT, "%,d", Math.round(value));
    }
}
