package dev.lathe.results;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.results.GraphBoxes.Box;
import dev.lathe.results.GraphBoxes.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/**
 * A network as one self-contained SVG: boxes from top to bottom in schedule order, framed by stage and block, colored by kind, as
 * broad as the root of their channels, with arcs where data skips boxes. Long networks go on in further columns.
 */
public final class GraphPicture {
    private static final int ROW = 24;
    private static final int BAR_HEIGHT = 17;
    private static final int CAPTION = 22;
    private static final int GROUP_GAP = 9;
    private static final int LANE = 9;
    private static final int BAR_AREA = 150;
    private static final int LEAST_BAR = 16;
    private static final int LABELS = 300;
    private static final int MARGIN = 20;
    private static final int COLUMN_GAP = 26;
    private static final int MOST_ROWS = 46;
    private static final int MOST_LANES = 7;
    private static final double CHARACTER = 6.3;

    private static final String STYLE = scoped(
            "text{font:11px system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2933}"
                    + ".title{font-size:17px;font-weight:600}.sub{fill:#616e7c}.code{font:10px ui-monospace,Menlo,Consolas,monospace;fill:#616e7c}"
                    + ".group{font-weight:600;fill:#3e4c59}.frame{fill:#f5f7fa;stroke:#dfe4ea}.name{font-weight:600}.shape{fill:#7b8794}"
                    + ".arc{fill:none;stroke:#9aa5b1;stroke-width:1.2}.residual{stroke:#d64545;stroke-width:1.6}.flow{stroke:#cbd2d9;stroke-width:1.5}"
                    + ".convolution{fill:#2f80d0}.depthwise{fill:#27ab9c}.linear{fill:#7c5cc4}.attention{fill:#e8833a}.norm{fill:#9aa5b1}"
                    + ".pool{fill:#57a639}.sum{fill:#d64545}.gate{fill:#d65db1}.input{fill:#3e4c59}.other{fill:#b08b4f}");

    private final List<Box> boxes;
    private final int[] column;
    private final double[] top;
    private final int[] laneOf;
    private final List<int[]> arcs = new ArrayList<>();
    private final StringBuilder frames = new StringBuilder();
    private final StringBuilder lines = new StringBuilder();
    private final StringBuilder marks = new StringBuilder();
    private int columns = 1;
    private int lanes;
    private double bottom;

    private GraphPicture(List<Box> boxes) {
        this.boxes = boxes;
        this.column = new int[boxes.size()];
        this.top = new double[boxes.size()];
        for (int j = 0; j < boxes.size(); j++) {
            for (int i : boxes.get(j).sources()) {
                if (i != j - 1) {
                    arcs.add(new int[] {i, j});
                }
            }
        }
        this.laneOf = new int[arcs.size()];
    }

    /**
     * @param title what it is, in one line
     * @param code the architecture's text, or another long text; may be empty
     */
    public static String svg(Graph graph, String title, String code) {
        return new GraphPicture(GraphBoxes.of(graph)).draw(graph, title, code);
    }

    /** Rules for what lies in a picture only, so that it can stand within a page. */
    private static String scoped(String rules) {
        return ".network " + rules.substring(0, rules.length() - 1).replace("}", "}.network ") + "}";
    }

    private String draw(Graph graph, String title, String code) {
        int headHeight = MARGIN + 64 + codeLines(code).size() * 14;
        assignLanes();
        place(headHeight);
        int most = 1;
        for (Box b : boxes) {
            most = Math.max(most, b.channels());
        }
        for (int i = 0; i < boxes.size(); i++) {
            box(i, most);
        }
        for (int a = 0; a < arcs.size(); a++) {
            arc(arcs.get(a)[0], arcs.get(a)[1], laneOf[a], most);
        }
        for (int i = 1; i < boxes.size(); i++) {
            flow(i);
        }
        int width = Math.max(620, 2 * MARGIN + columns * columnWidth() + (columns - 1) * COLUMN_GAP);
        int height = (int) Math.ceil(bottom) + MARGIN;
        CostModel.Cost cost = CostModel.of(graph);
        StringBuilder s = new StringBuilder();
        s.append(String.format(
                Locale.ROOT,
                "<svg class=\"network\" xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                width,
                height,
                width,
                height,
                Html.text(title)));
        s.append("<style>")
                .append(STYLE)
                .append("</style><rect class=\"paper\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        s.append(text(MARGIN, MARGIN + 14, "title", title));
        s.append(text(
                MARGIN,
                MARGIN + 33,
                "sub",
                "%s parameters, %s MACs, %d operators; a box includes what follows it of norms and reshapes"
                        .formatted(
                                Shown.count(cost.parameters()),
                                Shown.count(cost.macs()),
                                graph.nodes().size())));
        int y = MARGIN + 50;
        for (String line : codeLines(code)) {
            s.append(text(MARGIN, y, "code", line));
            y += 14;
        }
        legend(s, y + 3);
        return s.append(frames).append(lines).append(marks).append("</svg>\n").toString();
    }

    private List<String> codeLines(String code) {
        List<String> all = new ArrayList<>();
        int per = 86;
        for (int at = 0; at < code.length() && all.size() < 4; at += per) {
            all.add(code.substring(at, Math.min(code.length(), at + per)));
        }
        return all;
    }

    private void legend(StringBuilder s, double y) {
        double x = MARGIN;
        EnumSet<Kind> present = EnumSet.noneOf(Kind.class);
        boxes.forEach(b -> present.add(b.kind()));
        for (Kind k : present) {
            s.append(rect(x, y - 9, 11, 11, cssClass(k)));
            s.append(text(x + 16, y, "sub", k.word()));
            x += 16 + k.word().length() * CHARACTER + 14;
        }
    }

    private static String cssClass(Kind k) {
        return k.name().toLowerCase(Locale.ROOT);
    }

    private int columnWidth() {
        return lanes * LANE + 24 + BAR_AREA + LABELS;
    }

    private double left(int i) {
        return MARGIN + column[i] * (double) (columnWidth() + COLUMN_GAP);
    }

    private double center(int i) {
        return left(i) + lanes * LANE + 18 + BAR_AREA / 2.0;
    }

    /** Groups stay together unless one alone is longer than a column. */
    private void place(int head) {
        int rows = boxes.size();
        int wanted = Math.max(1, (int) Math.ceil(rows / (double) MOST_ROWS));
        int perColumn = (int) Math.ceil(rows / (double) wanted);
        double y = head;
        int inColumn = 0;
        int c = 0;
        for (int i = 0; i < rows; ) {
            int end = groupEnd(i);
            boolean framed = !boxes.get(i).group().isEmpty();
            if (inColumn > 0 && (inColumn >= perColumn || (inColumn + end - i > perColumn + 4))) {
                c++;
                y = head;
                inColumn = 0;
            }
            double from = y;
            y += framed ? CAPTION : 0;
            for (int k = i; k < end; k++) {
                column[k] = c;
                top[k] = y;
                y += ROW;
            }
            if (framed) {
                frames.append("<rect class=\"frame\" rx=\"6\" x=\"%s\" y=\"%s\" width=\"%d\" height=\"%s\"/>"
                        .formatted(n(left(i)), n(from), columnWidth(), n(y - from + 2)));
                frames.append(
                        text(labels(i), from + 16, "group", cut(boxes.get(i).group(), 40)));
            }
            y += framed ? GROUP_GAP : 0;
            inColumn += end - i;
            bottom = Math.max(bottom, y);
            i = end;
        }
        columns = c + 1;
    }

    private int groupEnd(int i) {
        String group = boxes.get(i).group();
        int end = i + 1;
        while (!group.isEmpty()
                && end < boxes.size()
                && end - i < MOST_ROWS
                && boxes.get(end).group().equals(group)) {
            end++;
        }
        return end;
    }

    /** Short arcs inside, long ones outside; arcs that overlap have lanes of their own as far as there are any. */
    private void assignLanes() {
        Integer[] order = new Integer[arcs.size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Integer.compare(span(a), span(b)));
        List<List<int[]>> taken = new ArrayList<>();
        for (int a : order) {
            int[] arc = arcs.get(a);
            int lane = 0;
            while (lane < taken.size() && taken.get(lane).stream().anyMatch(o -> arc[0] < o[1] && o[0] < arc[1])) {
                lane++;
            }
            if (lane == taken.size()) {
                taken.add(new ArrayList<>());
            }
            taken.get(lane).add(arc);
            laneOf[a] = Math.min(lane, MOST_LANES - 1);
        }
        lanes = Math.max(2, Math.min(MOST_LANES, taken.size()));
    }

    private int span(int arc) {
        return arcs.get(arc)[1] - arcs.get(arc)[0];
    }

    private static double barWidth(Box b, int most) {
        return LEAST_BAR + (BAR_AREA - LEAST_BAR) * Math.sqrt(b.channels() / (double) most);
    }

    private void box(int i, int most) {
        Box b = boxes.get(i);
        double w = barWidth(b, most);
        double y = top[i] + (ROW - BAR_HEIGHT) / 2.0;
        marks.append("<g><title>")
                .append(Html.text("%s%n%s, %,d MACs".formatted(String.join("\n", b.nodes()), b.shape(), b.macs())))
                .append("</title>");
        if (b.kind() == Kind.SUM) {
            double cx = center(i);
            double cy = top[i] + ROW / 2.0;
            marks.append("<circle class=\"sum\" cx=\"%s\" cy=\"%s\" r=\"8\"/>".formatted(n(cx), n(cy)));
            marks.append(
                    "<path d=\"M%s %sh8m-4-4v8\" stroke=\"#fff\" stroke-width=\"1.8\"/>".formatted(n(cx - 4), n(cy)));
        } else {
            marks.append(rect(center(i) - w / 2, y, w, BAR_HEIGHT, cssClass(b.kind())));
        }
        String shown = shape(b) + elsewhere(i);
        int room = (int) ((LABELS - 24) / CHARACTER) - shown.length();
        String name = b.label().startsWith(b.name()) ? "" : cut(b.name(), 20);
        String label = cut(b.label(), room - name.length());
        marks.append(
                "<text x=\"%s\" y=\"%s\"><tspan class=\"name\">%s</tspan> %s <tspan class=\"shape\">%s</tspan></text></g>"
                        .formatted(
                                n(labels(i)),
                                n(top[i] + ROW / 2.0 + 4),
                                Html.text(name),
                                Html.text(label),
                                Html.text(shown)));
    }

    /** What it reads in another column: a line over the columns between would say less than the name. */
    private String elsewhere(int i) {
        for (int source : boxes.get(i).sources()) {
            if (column[source] != column[i] && source != i - 1) {
                Box b = boxes.get(source);
                return " ← " + cut((b.group() + " " + b.name()).strip(), 24);
            }
        }
        return "";
    }

    private double labels(int i) {
        return left(i) + lanes * LANE + 24 + BAR_AREA + 10;
    }

    private static String cut(String s, int most) {
        return s.length() <= most ? s : s.substring(0, Math.max(1, most - 1)) + "…";
    }

    private static String shape(Box b) {
        StringBuilder s = new StringBuilder();
        for (int e : b.shape().toArray()) {
            s.append(s.isEmpty() ? "" : "×").append(e);
        }
        return s.toString();
    }

    private void arc(int i, int j, int lane, int most) {
        if (column[i] != column[j]) {
            return;
        }
        double y1 = top[i] + ROW / 2.0;
        double y2 = top[j] + ROW / 2.0;
        boolean sum = boxes.get(j).kind() == Kind.SUM;
        double x2 = center(j) - (sum ? 8 : barWidth(boxes.get(j), most) / 2);
        double x1 = center(i) - (boxes.get(i).kind() == Kind.SUM ? 8 : barWidth(boxes.get(i), most) / 2);
        double x = left(i) + 10 + (lanes - 1 - lane) * LANE;
        lines.append("<path class=\"arc%s\" d=\"M%s %sH%sQ%s %s %s %sV%sQ%s %s %s %sH%s\"/>"
                .formatted(
                        sum ? " residual" : "",
                        n(x1),
                        n(y1),
                        n(x + 6),
                        n(x),
                        n(y1),
                        n(x),
                        n(y1 + 6),
                        n(y2 - 6),
                        n(x),
                        n(y2),
                        n(x + 6),
                        n(y2),
                        n(x2)));
        lines.append("<path class=\"%s\" d=\"M%s %sl-5-3v6z\"/>".formatted(sum ? "sum" : "norm", n(x2), n(y2)));
    }

    /** The line from the box above, or from the foot of the column before. */
    private void flow(int i) {
        if (!boxes.get(i).sources().contains(i - 1)) {
            return;
        }
        if (column[i] == column[i - 1]) {
            lines.append("<path class=\"flow\" d=\"M%s %sV%s\"/>"
                    .formatted(n(center(i)), n(top[i - 1] + ROW / 2.0), n(top[i] + ROW / 2.0)));
            return;
        }
        double foot = top[i - 1] + ROW + 14;
        double gap = left(i) - COLUMN_GAP / 2.0;
        bottom = Math.max(bottom, foot);
        lines.append("<path class=\"arc flow\" d=\"M%s %sV%sH%sV%sH%sV%s\"/>"
                .formatted(
                        n(center(i - 1)),
                        n(top[i - 1] + ROW / 2.0),
                        n(foot),
                        n(gap),
                        n(top[firstOf(column[i])] - 8 - (boxes.get(i).group().isEmpty() ? 0 : CAPTION)),
                        n(center(i)),
                        n(top[i])));
    }

    private int firstOf(int c) {
        int i = 0;
        while (column[i] != c) {
            i++;
        }
        return i;
    }

    private static String rect(double x, double y, double w, double h, String cssClass) {
        return "<rect class=\"%s\" rx=\"3\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>"
                .formatted(cssClass, n(x), n(y), n(w), n(h));
    }

    private static String text(double x, double y, String cssClass, String content) {
        return "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>".formatted(cssClass, n(x), n(y), Html.text(content));
    }

    private static String n(double v) {
        return String.format(Locale.ROOT, "%.1f", v);
    }
}
