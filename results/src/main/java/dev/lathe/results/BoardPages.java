package dev.lathe.results;

import dev.lathe.results.ReportData.Member;
import dev.lathe.results.Shown.TimeUnit;
import dev.lathe.results.SvgPlot.Axis;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** The board's pages: made anew at each request, and asked for again by their script every two seconds. */
final class BoardPages {
    private BoardPages() {}

    /** All runs of the folder. */
    static String index(String folder, List<BoardRun> runs) {
        StringBuilder html = new StringBuilder();
        html.append(Headline.title(
                "Lathe board",
                folder,
                FrontSection.count(runs.size(), "run") + " in this folder; the page follows them."));
        html.append("<section class=\"card\">\n<h2>Runs</h2>\n");
        if (runs.isEmpty()) {
            html.append("<p>There is none yet. A run started with --out in this folder appears by itself.</p>\n");
        } else {
            html.append("<div class=\"scroll\"><table class=\"plain\">\n<thead><tr>");
            List<Metric> firmware =
                    RunSummary.metrics(runs.stream()
                                    .flatMap(r -> Stream.ofNullable(r.summary()))
                                    .toList())
                            .stream()
                            .filter(Metric::isOfFirmware)
                            .toList();
            List<String> heads = new ArrayList<>(List.of(
                    "run", "state", "doing", "time left", "space", "data", "device", "evaluated", "top-1", "latency"));
            firmware.forEach(m -> heads.add(m.label() + ", planned"));
            for (String h : heads) {
                html.append("<th scope=\"col\">" + Html.text(h) + "</th>");
            }
            html.append("</tr></thead>\n<tbody>\n");
            runs.forEach(r -> row(html, r, firmware));
            html.append("</tbody>\n</table></div>\n");
            if (runs.stream().filter(BoardPages::hasFront).count() > 1) {
                html.append("<p><a href=\"/compare\">Compare the runs that have a front</a></p>\n");
            }
        }
        return page(folder, html.append("</section>\n").toString());
    }

    static boolean hasFront(BoardRun run) {
        RunSummary s = run.summary();
        return s != null && !s.front().isEmpty();
    }

    /** The address of a run's page. */
    static String address(BoardRun run) {
        return "/run/" + URLEncoder.encode(run.name(), StandardCharsets.UTF_8).replace("+", "%20") + "/";
    }

    private static void row(StringBuilder html, BoardRun run, List<Metric> firmware) {
        html.append("<tr><td class=\"long\"><a href=\"%s\">%s</a></td><td>%s</td>"
                .formatted(Html.text(address(run)), Html.text(run.name()), state(run)));
        html.append("<td>%s</td><td>%s</td>".formatted(doing(run), Html.text(left(run))));
        RunSummary s = run.summary();
        if (s == null) {
            html.append("<td class=\"long\" colspan=\"%d\">".formatted(6 + firmware.size())
                    + Html.text("cannot be read: " + run.problem()) + "</td></tr>\n");
            return;
        }
        for (String text : List.of(s.space(), s.setting("data"), s.setting("device"))) {
            html.append("<td class=\"long\">" + Html.text(text) + "</td>");
        }
        html.append("<td>" + String.format(Locale.ROOT, "%,d", run.evaluations()) + "</td>");
        if (s.chosen() < 0) {
            html.append("<td>–</td>".repeat(2 + firmware.size()) + "</tr>\n");
        } else {
            Member m = s.front().get(s.chosen());
            TimeUnit time = TimeUnit.fit(m.latencyMs());
            html.append("<td>%s</td><td>%s</td>"
                    .formatted(Html.text(Shown.percent(m.top1())), Html.text(time.shown(m.latencyMs()))));
            for (Metric f : firmware) {
                html.append(
                        "<td>%s</td>".formatted(Double.isNaN(m.value(f)) ? "–" : Html.text(f.shown(m.value(f), time))));
            }
            html.append("</tr>\n");
        }
    }

    private static String state(BoardRun run) {
        String word = run.state().name().toLowerCase(Locale.ROOT);
        return "<span class=\"state %s\">%s</span>".formatted(word, word);
    }

    private static String doing(BoardRun run) {
        return run.progress()
                .filter(p -> run.state() != BoardRun.State.DONE)
                .map(p -> "<progress max=\"1\" value=\"%s\"></progress> %s"
                        .formatted(
                                String.format(Locale.ROOT, "%.4f", p.share()),
                                Html.text("%s: %,d of %,d%s"
                                        .formatted(
                                                p.phase(),
                                                p.done(),
                                                p.total(),
                                                p.note().isEmpty() ? "" : " (" + p.note() + ")"))))
                .orElse("");
    }

    private static String left(BoardRun run) {
        Long seconds = run.progress().map(RunProgress::secondsLeft).orElse(null);
        return run.state() != BoardRun.State.RUNNING || seconds == null
                ? ""
                : seconds < 60 ? seconds + " s" : "%d min %02d s".formatted(seconds / 60, seconds % 60);
    }

    /** One run. */
    static String run(BoardRun run) {
        RunSummary s = run.summary();
        StringBuilder html = new StringBuilder("<p><a href=\"/\">All runs</a></p>\n");
        html.append(Headline.title(
                "Lathe board",
                run.name(),
                s == null ? "cannot be read: " + run.problem() : "%s on %s".formatted(s.space(), s.setting("device"))));
        html.append("<section class=\"card\">\n<h2>%s</h2>\n<p>%s</p>\n".formatted(state(run), doing(run)));
        if (!left(run).isEmpty()) {
            html.append("<p>" + Html.text(left(run) + " left of this phase") + "</p>\n");
        }
        run.progress()
                .ifPresent(p -> html.append("<p class=\"small\">"
                        + Html.text("lathe " + p.command() + ", as of " + p.updatedAt()) + "</p>\n"));
        if (run.hasReport()) {
            html.append("<p><a href=\"%sreport.html\">The report</a></p>\n".formatted(Html.text(address(run))));
        }
        html.append("</section>\n");
        if (s != null) {
            front(html, run, s);
            Map<String, String> facts = new LinkedHashMap<>();
            s.budgets().forEach((m, limit) -> facts.put("budget " + m.label(), m.shown(limit, TimeUnit.fit(limit))));
            facts.putAll(s.experiment());
            html.append(ReportPage.facts("What it was asked", facts));
        }
        return page(run.name(), html.toString());
    }

    /** The front so far: as measured where it was exported, else as the search has it by now. */
    private static void front(StringBuilder html, BoardRun run, RunSummary s) {
        List<double[]> points = s.isExported()
                ? s.front().stream()
                        .map(m -> new double[] {m.latencyMs(), m.top1()})
                        .toList()
                : run.front();
        html.append("<section class=\"card\">\n<h2>Front</h2>\n");
        if (points.isEmpty()) {
            html.append("<p>Nothing was evaluated by latency and top-1 yet.</p></section>\n");
            return;
        }
        TimeUnit time =
                TimeUnit.fit(points.stream().mapToDouble(p -> p[0]).max().orElse(0));
        Double budget = s.budgets().get(Metric.LATENCY);
        DoubleStream xs = points.stream().mapToDouble(p -> time.from(p[0]));
        SvgPlot plot = new SvgPlot(
                900,
                380,
                Axis.over(
                        "latency in %s (%s)".formatted(time.symbol(), s.isExported() ? "measured" : "predicted"),
                        (budget == null ? xs : DoubleStream.concat(xs, DoubleStream.of(time.from(budget)))).toArray()),
                Axis.over(
                        "top-1 in %% (%s)".formatted(s.isExported() ? "test part" : "predicted"),
                        points.stream().mapToDouble(p -> 100 * p[1]).toArray()));
        if (budget != null) {
            plot.vertical(time.from(budget), "budget " + time.shown(budget), "budget");
        }
        plot.dots(
                Thinned.to(2000, points).stream()
                        .map(p -> new double[] {time.from(p[0]), 100 * p[1]})
                        .toList(),
                "large");
        html.append(plot.render("The front so far", ""));
        html.append("<p class=\"small\">"
                + Html.text(
                        s.isExported()
                                ? "%d exported networks.".formatted(points.size())
                                : "The best %d of %,d evaluated so far by latency and top-1, as predicted; whether they meet other budgets is not shown."
                                        .formatted(points.size(), run.evaluations()))
                + "</p>\n</section>\n");
    }

    static String message(String title, String text) {
        return page(title, Headline.title("Lathe board", title, text) + "<p><a href=\"/\">All runs</a></p>\n");
    }

    private static String page(String title, String body) {
        return Page.of(title, body, List.of("board.js"), true);
    }
}
