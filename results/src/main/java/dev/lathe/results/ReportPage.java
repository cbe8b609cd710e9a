package dev.lathe.results;

import dev.lathe.base.AtomicFiles;
import dev.lathe.results.ReportData.CloudPoint;
import dev.lathe.results.ReportData.Member;
import dev.lathe.results.Shown.TimeUnit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A run as one HTML page, in sections, each a class of its own. The same data give the same bytes. */
public final class ReportPage {
    private ReportPage() {}

    /** The page's text. */
    public static String render(ReportData data) {
        TimeUnit time = TimeUnit.fit(data.front().stream()
                .mapToDouble(Member::latencyMs)
                .max()
                .orElseGet(() -> data.cloud().stream()
                        .mapToDouble(CloudPoint::latencyMs)
                        .max()
                        .orElse(0)));
        StringBuilder html = new StringBuilder(1 << 17);
        html.append(Headline.html(data, time));
        html.append(FrontSection.html(data, time));
        html.append(FrontTable.html(data, time));
        html.append(NetworkSection.html(data));
        html.append("<div class=\"pair\">\n");
        html.append(CurveSection.hypervolume(data.hypervolume(), data.randomHypervolume()));
        html.append(CurveSection.loss(data.loss()));
        if (data.latencyPredictor() != null) {
            html.append(PredictorSection.html(
                    "Latency predictor",
                    "latency",
                    time.symbol(),
                    time.from(1.0),
                    "measured",
                    data.latencyPredictor()));
        }
        if (data.accuracyPredictor() != null) {
            html.append(PredictorSection.html(
                    "Accuracy predictor", "top-1", "%", 100, "evaluated", data.accuracyPredictor()));
        }
        if (data.rank() != null) {
            html.append(RankSection.render(data.rank()));
        }
        html.append("</div>\n");
        html.append(facts("How this was made", data.facts()));
        return Page.of(data.title(), html.toString(), List.of("table.js", "front.js"), false);
    }

    /** Writes the page whole or not at all. */
    public static void write(Path file, ReportData data) throws IOException {
        AtomicFiles.writeString(file, render(data));
    }

    /** Names and values. */
    static String facts(String title, Map<String, String> facts) {
        StringBuilder html =
                new StringBuilder("<section class=\"card facts\">\n<h2>" + Html.text(title) + "</h2>\n<dl>\n");
        facts.forEach((name, value) ->
                html.append("<div><dt>%s</dt><dd>%s</dd></div>\n".formatted(Html.text(name), Html.text(value))));
        return html.append("</dl>\n</section>\n").toString();
    }
}
