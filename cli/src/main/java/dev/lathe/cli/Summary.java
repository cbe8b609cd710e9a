package dev.lathe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.Json;
import dev.lathe.evolve.Evaluation;
import dev.lathe.results.FrontFile;
import dev.lathe.supernet.SubnetScore;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What a run found, for people and for programs. */
final class Summary {
    private Summary() {}

    /** The budgets as numbers, and how many random networks meet them. */
    static String of(ProfileStep.Budgets b) {
        if (b.budgets().isEmpty()) {
            return "no budgets";
        }
        StringBuilder text = new StringBuilder("budgets: ");
        b.budgets()
                .forEach(r -> text.append(r == b.budgets().get(0) ? "" : ", ")
                        .append(r.text().name())
                        .append(" at most ")
                        .append(Quantities.show(r.metric(), r.limit()))
                        .append(r.text().isPercentile() ? " (" + r.text().text() + ")" : ""));
        return text.append("; %.1f %% of %d random networks meet them (%s)"
                        .formatted(100 * b.share(), b.sample(), b.how()))
                .toString();
    }

    static String text(Workbench w, SearchSummary s, ExportStep.Exported e) {
        StringBuilder b = new StringBuilder();
        Table t = new Table(
                "network",
                "top-1 test",
                "top-1 val.",
                "latency",
                "±",
                "predicted",
                "peak act.",
                "MACs",
                "parameters",
                "budget");
        for (int i = 0; i < e.members().size(); i++) {
            ExportStep.Member m = e.members().get(i);
            t.row(
                    (i == e.chosen() ? "* " : "  ") + m.onnx(),
                    Quantities.show("top1", m.top1()),
                    Quantities.show("top1", m.validationTop1()),
                    Quantities.show("latencyMs", m.latencyMs()),
                    Quantities.show("latencyMs", m.latencySpreadMs()),
                    Double.isNaN(m.predictedLatencyMs()) ? "-" : Quantities.show("latencyMs", m.predictedLatencyMs()),
                    Quantities.show("peakActivationBytes", m.peakActivationBytes()),
                    Quantities.show("macs", m.macs()),
                    Quantities.show("parameters", m.parameters()),
                    m.withinBudget() ? "inside" : "OUTSIDE");
        }
        b.append(t);
        b.append(
                        "\ntop-1 of the exported ONNX files in ONNX Runtime, weights inherited from the supernet; latency measured on ")
                .append(w.device().id())
                .append(
                        w.device().threads() == 1
                                ? ", one thread"
                                : ", %d threads".formatted(w.device().threads()))
                .append(", median\n");
        b.append(search(s));
        if (e.chosen() >= 0) {
            ExportStep.Member m = e.members().get(e.chosen());
            b.append("best within budget (by validation): %s, %s on the test part, %s, %s\n"
                    .formatted(
                            m.onnx(),
                            Quantities.show("top1", m.top1()),
                            Quantities.show("latencyMs", m.latencyMs()),
                            Quantities.show("peakActivationBytes", m.peakActivationBytes())));
        } else {
            b.append("no network of the front is within the budget as measured; raise the budget or search again\n");
        }
        b.append("report: ").append(w.run().report()).append('\n');
        return b.toString();
    }

    private static String search(SearchSummary s) {
        StringBuilder b = new StringBuilder();
        b.append(
                "hypervolume %.4f, random search %.4f with the same %,d evaluations (%s, %.1f s, %d networks on the whole front)\n"
                        .formatted(
                                s.hypervolume(),
                                s.randomHypervolume(),
                                s.evaluations(),
                                s.strategy(),
                                s.seconds(),
                                s.frontFound()));
        for (Map.Entry<String, SearchSummary.PredictorSummary> p :
                s.predictors().entrySet()) {
            if (p.getValue().heldOut() == null) {
                b.append("predictor of %s: %s, %d networks\n"
                        .formatted(
                                p.getKey(), p.getValue().trainer(), p.getValue().rows()));
                continue;
            }
            b.append(
                    "predictor of %s (%s, %d networks): Spearman %.3f, Kendall %.3f, median error %.1f %% on %d held-out networks\n"
                            .formatted(
                                    p.getKey(),
                                    p.getValue().trainer(),
                                    p.getValue().rows(),
                                    p.getValue().heldOut().spearman(),
                                    p.getValue().heldOut().kendallTauB(),
                                    p.getValue().heldOut().medianAbsolutePercentageError(),
                                    p.getValue().heldOut().rows()));
        }
        if (s.confidence() != null) {
            b.append(s.confidence().text()).append('\n');
        }
        return b.toString();
    }

    /** The front as searched: predictions, not measurements. */
    static String front(Workbench w, SearchSummary s) throws IOException {
        FrontFile.Front front = FrontFile.read(w.run().front());
        String[] header = new String[1 + s.metrics().size()];
        header[0] = "architecture";
        for (int i = 0; i < s.metrics().size(); i++) {
            String m = s.metrics().get(i);
            header[i + 1] =
                    m.equals("top1") || m.equals("loss") || m.startsWith("latency") || m.equals(MemoryStep.METRIC)
                            ? m + " (predicted)"
                            : m;
        }
        Table t = new Table(header);
        for (Evaluation e : front.members()) {
            String[] row = new String[header.length];
            row[0] = e.architecture().toString();
            for (int i = 0; i < s.metrics().size(); i++) {
                row[i + 1] = Quantities.show(s.metrics().get(i), e.value(i));
            }
            t.row(row);
        }
        return t + search(s) + "front: " + w.run().front() + "\n";
    }

    static String json(Workbench w, SearchSummary s, ExportStep.Exported e) throws JsonProcessingException {
        ObjectNode o = Json.json().createObjectNode();
        o.put("runDirectory", w.folder().toString());
        o.put("hypervolume", s.hypervolume());
        o.put("randomHypervolume", s.randomHypervolume());
        o.put("evaluations", s.evaluations());
        o.put("searchSeconds", s.seconds());
        o.put("budgetShare", s.budgetShare());
        if (s.confidence() != null) {
            o.put("latencyConfidence", s.confidence().level());
        }
        ObjectNode budgets = o.putObject("budgets");
        s.budgets().forEach(budgets::put);
        int testImages = w.data().test().size();
        int validationImages = w.data().validation().size();
        ArrayNode front = o.putArray("front");
        List<ExportStep.Member> members = e.members();
        for (ExportStep.Member m : members) {
            front.addObject()
                    .put("architecture", m.architecture())
                    .put("top1", m.top1())
                    .put("top1StandardError", SubnetScore.standardError(m.top1(), testImages))
                    .put("validationTop1", m.validationTop1())
                    .put("validationTop1StandardError", SubnetScore.standardError(m.validationTop1(), validationImages))
                    .put("latencyMs", m.latencyMs())
                    .put("latencySpreadMs", m.latencySpreadMs())
                    .put("peakActivationBytes", m.peakActivationBytes())
                    .put("macs", m.macs())
                    .put("parameters", m.parameters())
                    .put("withinBudget", m.withinBudget())
                    .put("onnx", w.run().export().resolve(m.onnx()).toString());
        }
        o.put("chosen", e.chosen());
        return Json.json().writeValueAsString(o);
    }
}
