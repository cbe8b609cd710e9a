package dev.lathe.results;

import dev.lathe.graph.Graph;
import dev.lathe.results.ReportData.Chosen;

/** Pictures of the networks that were pointed out: their operators, and what they keep in memory while they run. */
final class NetworkSection {
    private NetworkSection() {}

    /** Empty where no network's graph is at hand. */
    static String html(ReportData data) {
        StringBuilder html = new StringBuilder();
        for (Chosen c : data.chosen()) {
            Graph graph = c.graph();
            if (graph != null) {
                String name = c.member().onnx() == null
                        ? c.member().architecture()
                        : c.member().onnx();
                html.append(picture(c.role(), name, c.member().architecture(), graph, html.isEmpty()));
            }
        }
        return section(html);
    }

    /** One network, to be opened. */
    static String picture(String role, String name, String architecture, Graph graph, boolean isOpen) {
        return "<details%s><summary>%s</summary>\n"
                        .formatted(isOpen ? " open=\"open\"" : "", Html.text("%s: %s".formatted(role, name)))
                + "<h3>Memory over the schedule</h3>\n<div class=\"scroll\">" + MemoryPicture.html(graph, Float.BYTES)
                + "</div>\n<h3>Operators</h3>\n<div class=\"scroll\">" + GraphPicture.svg(graph, name, architecture)
                + "</div>\n</details>\n";
    }

    /** Empty where there are no pictures. */
    static String section(CharSequence pictures) {
        return pictures.isEmpty()
                ? ""
                : "<section class=\"card networks\">\n<h2>The networks in pictures</h2>\n" + pictures + "</section>\n";
    }
}
