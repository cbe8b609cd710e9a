package dev.lathe.results;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One plot as inline SVG: two linear axes with round ticks, and marks. Colors are CSS classes, so that a page can be light or
 * dark. Texts are escaped here. Used by one thread.
 */
final class SvgPlot {
    private static final int LEFT = 58;
    private static final int RIGHT = 14;
    private static final int TOP = 14;
    private static final int BOTTOM = 46;

    /** The forms of a marker: inside and outside a budget must differ without color. */
    enum Marker {
        CIRCLE,
        CROSS
    }

    private final int width;
    private final int height;
    private final Axis x;
    private final Axis y;
    private final StringBuilder body = new StringBuilder();
    private final StringBuilder over = new StringBuilder();

    /**
     * An axis.
     *
     * @param label what it shows, with the unit
     * @param low least value drawn
     * @param high largest value drawn, above {@code low}
     */
    record Axis(String label, double low, double high) {
        Axis {
            if (!(low < high) || !Double.isFinite(high - low)) {
                throw new IllegalArgumentException("Axis '%s' cannot go from %s to %s".formatted(label, low, high));
            }
        }

        /** An axis over all values, with some room; {@code values} may be empty or equal. */
        static Axis over(String label, double... values) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (double v : values) {
                low = Math.min(low, v);
                high = Math.max(high, v);
            }
            if (low > high) {
                return new Axis(label, 0, 1);
            }
            double room = high > low ? 0.05 * (high - low) : Math.max(Math.abs(high) * 0.05, 1e-9);
            return new Axis(label, low - room, high + room);
        }

        boolean holds(double v) {
            return v >= low && v <= high;
        }

        /** Round values within the axis, about {@code wanted} of them. */
        List<Double> ticks(int wanted) {
            double step = step(wanted);
            List<Double> ticks = new ArrayList<>();
            for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
                ticks.add(i * step);
            }
            return ticks;
        }

        /** 1, 2 or 5 times a power of ten. */
        double step(int wanted) {
            double raw = (high - low) / wanted;
            double power = Math.pow(10, Math.floor(Math.log10(raw)));
            double lead = raw / power;
            return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
        }

        String tick(double v, int wanted) {
            int decimals = (int) Math.max(0, -Math.floor(Math.log10(step(wanted)) + 1e-9));
            return String.format(Locale.ROOT, "%,." + decimals + "f", v == 0 ? 0.0 : v);
        }
    }

    SvgPlot(int width, int height, Axis x, Axis y) {
        this.width = width;
        this.height = height;
        this.x = x;
        this.y = y;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    private double px(double v) {
        return LEFT + (v - x.low()) / (x.high() - x.low()) * (width - LEFT - RIGHT);
    }

    private double py(double v) {
        return height - BOTTOM - (v - y.low()) / (y.high() - y.low()) * (height - TOP - BOTTOM);
    }

    private static String n(double v) {
        return String.format(Locale.ROOT, "%.1f", v);
    }

    /** Many dots in one path; those outside the axes are left out. Returns how many were. */
    int dots(List<double[]> points, String cssClass) {
        StringBuilder d = new StringBuilder();
        int left = 0;
        for (double[] p : points) {
            if (x.holds(p[0]) && y.holds(p[1])) {
                d.append('M')
                        .append(n(px(p[0])))
                        .append(' ')
                        .append(n(py(p[1])))
                        .append("h0");
            } else {
                left++;
            }
        }
        if (!d.isEmpty()) {
            body.append("<path class=\"dots %s\" d=\"%s\"/>".formatted(cssClass, d));
        }
        return left;
    }

    /** A line through points in their order. */
    void line(List<double[]> points, String cssClass) {
        if (points.isEmpty()) {
            return;
        }
        StringBuilder d = new StringBuilder();
        for (double[] p : points) {
            d.append(d.isEmpty() ? 'M' : 'L').append(n(px(p[0]))).append(' ').append(n(py(p[1])));
        }
        body.append("<path class=\"line %s\" d=\"%s\"/>".formatted(cssClass, d));
    }

    /** A vertical line with a word at its top; nothing where it lies outside the axis. */
    void vertical(double at, String label, String cssClass) {
        if (!x.holds(at)) {
            return;
        }
        body.append("<path class=\"line %s\" d=\"M%s %dV%d\"/>".formatted(cssClass, n(px(at)), TOP, height - BOTTOM));
        boolean right = px(at) < width * 0.6;
        over.append("<text class=\"note\" x=\"%s\" y=\"%d\" text-anchor=\"%s\">%s</text>"
                .formatted(n(px(at) + (right ? 6 : -6)), TOP + 12, right ? "start" : "end", Html.text(label)));
    }

    /** A horizontal line with a word at its right end; nothing where it lies outside the axis. */
    void horizontal(double at, String label, String cssClass) {
        if (!y.holds(at)) {
            return;
        }
        body.append("<path class=\"line %s\" d=\"M%d %sH%d\"/>".formatted(cssClass, LEFT, n(py(at)), width - RIGHT));
        over.append("<text class=\"note\" x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>"
                .formatted(width - RIGHT - 4, n(py(at) - 5), Html.text(label)));
    }

    /** Vertical bars, each from a lower to an upper value, cut off at the axis. */
    void bars(List<double[]> fromTo, String cssClass) {
        StringBuilder d = new StringBuilder();
        for (double[] p : fromTo) {
            double low = Math.max(p[1], y.low());
            double high = Math.min(p[2], y.high());
            if (x.holds(p[0]) && low <= high) {
                d.append('M')
                        .append(n(px(p[0])))
                        .append(' ')
                        .append(n(py(low)))
                        .append('V')
                        .append(n(py(high)));
            }
        }
        if (!d.isEmpty()) {
            body.append("<path class=\"bars %s\" d=\"%s\"/>".formatted(cssClass, d));
        }
    }

    /** A rectangle that tells of itself. */
    void box(double fromX, double toX, double fromY, double toY, String cssClass, String title) {
        body.append("<rect class=\"box %s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"><title>%s</title></rect>"
                .formatted(
                        cssClass,
                        n(px(fromX)),
                        n(py(toY)),
                        n(px(toX) - px(fromX)),
                        n(py(fromY) - py(toY)),
                        Html.text(title)));
    }

    /** A disk with a letter in it, that tells of itself. */
    void letter(String letter, double atX, double atY, String cssClass, String title) {
        over.append(
                "<g class=\"letter %s\"><title>%s</title><circle cx=\"%s\" cy=\"%s\" r=\"7\"/><text x=\"%s\" y=\"%s\" text-anchor=\"middle\">%s</text></g>"
                        .formatted(
                                cssClass,
                                Html.text(title),
                                n(px(atX)),
                                n(py(atY)),
                                n(px(atX)),
                                n(py(atY) + 3.5),
                                Html.text(letter)));
    }

    /** A ring around a point, with a word to its left: nothing of a front lies there, being better in both axes. */
    void chosen(double atX, double atY, String label) {
        boolean right = px(atX) < LEFT + 80;
        over.append("<circle class=\"ring\" cx=\"%s\" cy=\"%s\" r=\"10\"/>".formatted(n(px(atX)), n(py(atY))));
        over.append("<text class=\"note strong\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>"
                .formatted(n(px(atX) + (right ? 14 : -14)), n(py(atY) + 5), right ? "start" : "end", Html.text(label)));
    }

    /**
     * A mark that tells of itself.
     *
     * @param index row of the table that it belongs to
     */
    void marker(Marker form, double atX, double atY, String cssClass, int index, String title) {
        double cx = px(atX);
        double cy = py(atY);
        over.append("<g class=\"mark %s\" data-i=\"%d\" tabindex=\"0\"><title>%s</title>"
                .formatted(cssClass, index, Html.text(title)));
        // A larger invisible disk, for fingers.
        over.append("<circle class=\"reach\" cx=\"%s\" cy=\"%s\" r=\"11\"/>".formatted(n(cx), n(cy)));
        switch (form) {
            case CIRCLE -> over.append("<circle class=\"form\" cx=\"%s\" cy=\"%s\" r=\"6\"/>".formatted(n(cx), n(cy)));
            case CROSS ->
                over.append(
                        "<path class=\"form open\" d=\"M%s %sl10 10m0-10l-10 10\"/>".formatted(n(cx - 5), n(cy - 5)));
        }
        over.append("</g>");
    }

    /**
     * The finished plot.
     *
     * @param name what it shows, for those who do not see it
     * @param cssClass of the svg element
     */
    String render(String name, String cssClass) {
        return "<svg class=\"plot %s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
                        .formatted(cssClass, width, height, Html.text(name))
                + content()
                + "</svg>";
    }

    /** What is within the svg element, in a box of {@link #width} by {@link #height}. */
    String content() {
        int xTicks = Math.max(3, (width - LEFT - RIGHT) / 90);
        int yTicks = Math.max(3, (height - TOP - BOTTOM) / 55);
        StringBuilder s = new StringBuilder();
        for (double t : y.ticks(yTicks)) {
            s.append("<path class=\"grid\" d=\"M%d %sH%d\"/>".formatted(LEFT, n(py(t)), width - RIGHT));
            s.append("<text class=\"tick\" x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>"
                    .formatted(LEFT - 7, n(py(t) + 4), y.tick(t, yTicks)));
        }
        for (double t : x.ticks(xTicks)) {
            s.append("<path class=\"grid\" d=\"M%s %dV%d\"/>".formatted(n(px(t)), TOP, height - BOTTOM));
            s.append("<text class=\"tick\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>"
                    .formatted(n(px(t)), height - BOTTOM + 17, x.tick(t, xTicks)));
        }
        s.append("<path class=\"axis\" d=\"M%d %dV%dH%d\"/>".formatted(LEFT, TOP, height - BOTTOM, width - RIGHT));
        s.append("<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>"
                .formatted((LEFT + width - RIGHT) / 2, height - 8, Html.text(x.label())));
        s.append("<text class=\"label\" transform=\"translate(14 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>"
                .formatted((TOP + height - BOTTOM) / 2, Html.text(y.label())));
        return s.append(body).append(over).toString();
    }
}
