package dev.lathe.results;

import dev.lathe.base.AtomicFiles;
import dev.lathe.results.SvgPlot.Axis;
import dev.lathe.results.TranslatorReport.Chosen;
import dev.lathe.results.TranslatorReport.CloudPoint;
import dev.lathe.results.TranslatorReport.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** A search for translators as one HTML page. The same data give the same bytes. */
public final class TranslatorPage {
    private static final int CLOUD_SHOWN = 2000;
    private static final double MILLION = 1e6;

    private final TranslatorReport data;
    private final List<CloudPoint> cloud;
    private final StringBuilder html = new StringBuilder(1 << 17);

    private TranslatorPage(TranslatorReport data) {
        this.data = data;
        this.cloud = Thinned.to(
                CLOUD_SHOWN,
                data.cloud().stream()
                        .filter(c -> Double.isFinite(c.macs()) && Double.isFinite(c.loss()))
                        .toList());
    }

    /** The page's text. */
    public static String render(TranslatorReport data) {
        return new TranslatorPage(data).page();
    }

    /** Writes the page whole or not at all. */
    public static void write(Path file, TranslatorReport data) throws IOException {
        AtomicFiles.writeString(file, render(data));
    }

    private String page() {
        html.append(Headline.title("Lathe report", data.title(), data.summary()));
        headline();
        front();
        table();
        pictures();
        html.append("<div class=\"pair\">\n");
        html.append(CurveSection.hypervolume(data.hypervolume(), data.randomHypervolume()));
        html.append(CurveSection.loss(data.training()));
        if (data.predictor() != null) {
            html.append(PredictorSection.html(
                    "Predictor of losses", "validation loss", "nats a token", 1, "evaluated", data.predictor()));
        }
        html.append("</div>\n").append(ReportPage.facts("How this was made", data.facts()));
        return Page.of(data.title(), html.toString(), List.of("table.js"), false);
    }

    private void headline() {
        if (data.chosen().isEmpty()) {
            html.append("<section class=\"card\"><p>No network was chosen: the front is empty.</p></section>\n");
            return;
        }
        Chosen first = data.chosen().get(0);
        TranslatorCard card = first.member().card();
        html.append("<section class=\"card chosen\">\n<h2>" + Html.text(first.role()) + "</h2>\n<p class=\"arch\">"
                + Html.text(card.architecture()) + "</p>\n<dl class=\"tiles\">\n");
        Headline.tile(
                html,
                "BLEU",
                bleu(first.member().bleu()),
                "%,d test sentences".formatted(card.quality().testSentences()));
        Headline.tile(html, "Validation loss", loss(first.member().loss()), "nats a token, " + perplexity(first));
        Headline.tile(html, "MACs", Shown.count(card.macs()), macsNote());
        Headline.tile(
                html,
                "Parameters",
                Shown.count(card.parameters()),
                first.member().name());
        html.append("</dl>\n");
        for (Chosen c : data.chosen()) {
            boolean isFirst = c == first;
            Headline.decisions(
                    html,
                    isFirst
                            ? "What it is"
                            : "%s: BLEU %s, loss %s, %s MACs"
                                    .formatted(
                                            c.role(),
                                            bleu(c.member().bleu()),
                                            loss(c.member().loss()),
                                            Shown.count(c.member().card().macs())),
                    c.member().card().decisions(),
                    isFirst);
        }
        html.append("</section>\n");
    }

    private static String perplexity(Chosen c) {
        return "perplexity " + Shown.digits(Math.exp(c.member().loss()));
    }

    private String macsNote() {
        return data.mostMacs() == null ? "one sentence" : "budget " + Shown.count(data.mostMacs());
    }

    private void front() {
        html.append(
                "<section class=\"card\" id=\"front\">\n<h2>Pareto front</h2>\n<p>"
                        + Html.text("%s exported of %,d evaluated; optimized: %s."
                                .formatted(
                                        FrontSection.count(data.front().size(), "network"),
                                        data.evaluations(),
                                        String.join(", ", data.objectives())))
                        + "</p>\n<p class=\"legend\"><span>● exported</span><span><i class=\"dot\"></i> evaluated, predicted</span></p>\n");
        int hidden = losses(900, 440, "wide");
        losses(400, 400, "narrow");
        html.append("<p class=\"small\">Exported networks stand at their loss on the validation part. "
                + Html.text(cloudWords(hidden)) + "</p>\n<h3>BLEU of the same networks</h3>\n");
        bleus(900, 320, "wide");
        bleus(400, 320, "narrow");
        html.append("<p class=\"small\">" + Html.text(data.tested()) + "</p>\n</section>\n");
    }

    private String cloudWords(int hidden) {
        return cloud.isEmpty()
                ? "Evaluated networks are not at hand."
                : "Gray dots are %,d of the %,d evaluated at their predicted loss%s."
                        .formatted(
                                cloud.size(),
                                data.evaluations(),
                                hidden > 0 ? "; %,d outside the axes are not drawn".formatted(hidden) : "");
    }

    /** Draws loss over multiply-accumulates; returns how many dots lie outside the axes. */
    private int losses(int width, int height, String cssClass) {
        double[] seen = cloud.stream().mapToDouble(CloudPoint::loss).sorted().toArray();
        DoubleStream tails = seen.length == 0
                ? DoubleStream.empty()
                : DoubleStream.of(seen[0], seen[(int) (0.9 * (seen.length - 1))]);
        Axis y = Axis.over(
                "validation loss in nats a token",
                DoubleStream.concat(data.front().stream().mapToDouble(Member::loss), tails)
                        .toArray());
        SvgPlot plot = new SvgPlot(width, height, macs(), y);
        int hidden = 0;
        for (boolean within : new boolean[] {false, true}) {
            hidden += plot.dots(
                    cloud.stream()
                            .filter(c -> c.withinBudget() == within)
                            .map(c -> new double[] {c.macs() / MILLION, c.loss()})
                            .toList(),
                    within ? "inside" : "outside");
        }
        budget(plot);
        for (int i = 0; i < data.front().size(); i++) {
            Member m = data.front().get(i);
            plot.marker(SvgPlot.Marker.CIRCLE, m.card().macs() / MILLION, m.loss(), "m2", i, words(i, m));
        }
        if (!data.chosen().isEmpty()) {
            Member m = data.chosen().get(0).member();
            plot.chosen(m.card().macs() / MILLION, m.loss(), "chosen");
        }
        html.append(plot.render("Pareto front: multiply-accumulates against validation loss", cssClass))
                .append('\n');
        return hidden;
    }

    private void bleus(int width, int height, String cssClass) {
        SvgPlot plot = new SvgPlot(
                width,
                height,
                macs(),
                Axis.over(
                        "BLEU of the test part",
                        data.front().stream().mapToDouble(Member::bleu).toArray()));
        budget(plot);
        for (int i = 0; i < data.front().size(); i++) {
            Member m = data.front().get(i);
            plot.marker(SvgPlot.Marker.CIRCLE, m.card().macs() / MILLION, m.bleu(), "m2", i, words(i, m));
        }
        html.append(plot.render("Multiply-accumulates against BLEU", cssClass)).append('\n');
    }

    private void budget(SvgPlot plot) {
        Double most = data.mostMacs();
        if (most != null) {
            plot.vertical(most / MILLION, "budget " + Shown.count(most), "budget");
        }
    }

    private Axis macs() {
        return Axis.over(
                "MACs of one sentence in millions",
                DoubleStream.concat(
                                data.front().stream().mapToDouble(m -> m.card().macs()),
                                cloud.stream().mapToDouble(CloudPoint::macs))
                        .map(v -> v / MILLION)
                        .toArray());
    }

    private static String words(int i, Member m) {
        return "no. %d · BLEU %s · loss %s · %s MACs · %s"
                .formatted(
                        i + 1,
                        bleu(m.bleu()),
                        loss(m.loss()),
                        Shown.count(m.card().macs()),
                        m.name());
    }

    private void table() {
        html.append("<section class=\"card\">\n<h2>Networks of the front</h2>\n"
                + "<p class=\"controls\" hidden=\"hidden\"><button type=\"button\" class=\"download\" data-file=\"front.csv\">"
                + "Download as CSV</button></p>\n<div class=\"scroll\"><table id=\"networks\">\n<thead><tr>");
        for (String h : List.of(
                "no.",
                "BLEU",
                "validation loss",
                "predicted loss",
                "MACs",
                "parameters",
                "both files",
                "from the supernet",
                "same greedily",
                "architecture")) {
            html.append("<th scope=\"col\"><button type=\"button\">" + Html.text(h) + "</button></th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < data.front().size(); i++) {
            row(i, data.front().get(i));
        }
        html.append(
                "</tbody>\n</table></div>\n<p class=\"small\">A click on a heading sorts. From the supernet: the largest"
                        + " difference of a score of the two files, token by token; same greedily: of the compared sentences, those"
                        + " that both translate alike.</p>\n</section>\n");
    }

    private void row(int i, Member m) {
        TranslatorCard c = m.card();
        Double predicted = m.predictedLoss();
        boolean isChosen =
                !data.chosen().isEmpty() && data.chosen().get(0).member().equals(m);
        html.append("<tr data-i=\"%d\"%s>".formatted(i, isChosen ? " class=\"first\"" : ""));
        cell(i + 1, Integer.toString(i + 1));
        cell(m.bleu(), bleu(m.bleu()));
        cell(m.loss(), loss(m.loss()));
        cell(predicted == null ? 1e300 : predicted, predicted == null ? "–" : loss(predicted));
        cell(c.macs(), Shown.count(c.macs()));
        cell(c.parameters(), Shown.count(c.parameters()));
        long bytes = c.encoder().bytes() + c.decoder().bytes();
        cell(bytes, Shown.kib(bytes));
        cell(
                c.agreement().largestDifference(),
                String.format(Locale.ROOT, "%.1e", c.agreement().largestDifference()));
        cell(
                c.agreement().sameTranslations(),
                "%d of %d"
                        .formatted(
                                c.agreement().sameTranslations(), c.agreement().sentences()));
        html.append("<td class=\"arch\" data-v=\"%d\" data-text=\"1\">%s</td></tr>\n"
                .formatted(i, Html.text(c.architecture() + "  (" + m.name() + ")")));
    }

    private void cell(double value, String shown) {
        html.append("<td data-v=\"%s\">%s</td>".formatted(Shown.plain(value), Html.text(shown)));
    }

    private void pictures() {
        StringBuilder all = new StringBuilder();
        for (Chosen c : data.chosen()) {
            all.append(NetworkSection.picture(
                    c.role(), c.member().name(), c.member().card().architecture(), c.graph(), all.isEmpty()));
        }
        html.append(NetworkSection.section(all));
    }

    private static String bleu(double v) {
        return String.format(Locale.ROOT, "%.2f", v);
    }

    private static String loss(double v) {
        return String.format(Locale.ROOT, "%.3f", v);
    }
}
