package dev.lathe.results;

import java.util.Locale;

/** Numbers as people read them: a unit and no more digits than are known. */
final class Shown {
    private Shown() {}

    /** In percent with two decimals: one image of 450 is 0.22 %. */
    static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    static String kib(double bytes) {
        return bytes < 1024 * 1024 ? digits(bytes / 1024) + " KiB" : digits(bytes / 1024 / 1024) + " MiB";
    }

    /** A count in thousands or millions. */
    static String count(double n) {
        if (n < 10_000) {
            return String.format(Locale.ROOT, "%,d", Math.round(n));
        }
        return n < 1e6 ? digits(n / 1e3) + " k" : n < 1e9 ? digits(n / 1e6) + " M" : digits(n / 1e9) + " G";
    }

    /** Three significant digits, without an exponent for what a page shows. */
    static String digits(double v) {
        double a = Math.abs(v);
        int decimals = a == 0 || a >= 100 ? 0 : (int) Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(a))));
        return String.format(Locale.ROOT, "%." + decimals + "f", v);
    }

    /** A number with as many digits as it has, whole where it is. */
    static String plain(double v) {
        return v == Math.rint(v) && Math.abs(v) < 1e15 ? Long.toString((long) v) : Double.toString(v);
    }

    /** One unit of time for a whole page. */
    enum TimeUnit {
        MICROSECONDS("µs", 1000),
        MILLISECONDS("ms", 1);

        private final String symbol;
        private final double perMs;

        TimeUnit(String symbol, double perMs) {
            this.symbol = symbol;
            this.perMs = perMs;
        }

        /** The unit in which the largest is at least one. */
        static TimeUnit fit(double largestMs) {
            return largestMs < 1 ? MICROSECONDS : MILLISECONDS;
        }

        String symbol() {
            return symbol;
        }

        double from(double ms) {
            return ms * perMs;
        }

        String shown(double ms) {
            return digits(ms * perMs) + " " + symbol;
        }
    }
}
