package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages in a real browser: their scripts run without complaint, do what they say, and run nothing that a name brings along. */
class BrowserTest {
    @TempDir
    Path folder;

    @BeforeEach
    void needsABrowser() {
        Browser.require();
    }

    /** The page with a script that acts as a reader would and leaves what it sees in an element of its own. */
    private JsonNode act(String page, int width, String script) throws IOException, InterruptedException {
        String result = "var out = {};\n" + script
                + "\nvar e = document.createElement('pre'); e.id = 'result'; e.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(out)))); document.body.appendChild(e);";
        Path file = Files.writeString(
                folder.resolve("page.html"),
                page.replace(
                        "</body>",
                        "<script>window.addEventListener('load', function () {" + result + "});</script></body>"));
        Browser.Shown shown = Browser.open(file.toUri().toString(), folder, width);
        assertThat(shown.console()).isEmpty();
        String dom = shown.dom();
        int at = dom.indexOf("<pre id=\"result\">");
        assertThat(at).as("the script ran to its end").isPositive();
        String base64 = dom.substring(at + "<pre id=\"result\">".length(), dom.indexOf("</pre>", at));
        return Json.json().readTree(java.util.Base64.getDecoder().decode(base64));
    }

    @Test
    void theReadersPickChangesPictureAndTable() throws Exception {
        ReportData data = SampleReport.data(Hostile.TEXTS.get(0));
        JsonNode seen = act(ReportPage.render(data), 1280, """
                var order = function () { return [].map.call(document.querySelectorAll("#networks tbody tr"), function (r) { return Number(r.dataset.i); }); };
                var label = function () { return document.querySelectorAll("#front svg.wide .label")[0].textContent; };
                out.before = order(); out.labelBefore = label();
                var x = document.getElementById("pick-x"), y = document.getElementById("pick-y");
                out.controls = getComputedStyle(x.closest(".controls")).display;
                x.value = "4"; x.dispatchEvent(new Event("change"));
                out.byParameters = order(); out.labelAfter = label();
                out.best = [].filter.call(document.querySelectorAll("#networks td.two"), function (c) { return c.textContent; }).map(function (c) { return Number(c.parentNode.dataset.i); });
                y.value = "2"; y.dispatchEvent(new Event("change"));
                out.budgetLines = document.querySelectorAll("#front svg.wide .line.budget").length;
                var mark = document.querySelector("#front svg.wide .mark[data-i='5']");
                mark.focus();
                out.on = [].map.call(document.querySelectorAll("#networks tr.on"), function (r) { return Number(r.dataset.i); });
                out.words = document.querySelector("#front .pick").textContent;
                mark.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
                out.next = Number(document.activeElement.getAttribute("data-i"));
                document.querySelectorAll("#networks th button")[9].click();
                out.byMacs = order();
                out.csv = latheTable.csv(document.getElementById("networks"));
                out.title = document.title; out.heading = document.querySelector("h1").textContent;
                out.images = document.images.length;
                """);
        List<Integer> members = IntStream.range(0, 24).boxed().toList();
        assertThat(ints(seen, "before")).isEqualTo(members);
        // More parameters in each sample: the same order, and with top-1 rising with them all the best.
        assertThat(ints(seen, "byParameters")).isEqualTo(members);
        assertThat(seen.get("labelBefore").asText()).startsWith("latency in");
        assertThat(seen.get("labelAfter").asText()).isEqualTo("parameters in thousands");
        List<Integer> expected = members.stream()
                .filter(i -> members.stream().noneMatch(j -> beats(data, j, i)))
                .toList();
        assertThat(ints(seen, "best")).isEqualTo(expected);
        assertThat(seen.get("controls").asText()).isEqualTo("flex");
        assertThat(seen.get("budgetLines").asInt())
                .as("of peak activations, which are up")
                .isEqualTo(1);
        assertThat(ints(seen, "on")).containsExactly(5);
        assertThat(seen.get("words").asText()).startsWith("no. 6 ");
        assertThat(seen.get("next").asInt()).isEqualTo(6);
        assertThat(ints(seen, "byMacs")).isEqualTo(members);
        String csv = seen.get("csv").asText();
        assertThat(csv.lines()).hasSize(25);
        assertThat(csv).startsWith("\"no.\",\"budget\"").contains("\"mbconv-tiny:");
        assertThat(seen.get("title").asText()).startsWith("</script>");
        assertThat(seen.get("heading").asText()).startsWith("</script><img src=x");
        assertThat(seen.get("images").asInt()).isZero();
    }

    /** Flash against RAM of networks as firmware: the axes are picked like any other, and order the table by their columns. */
    @Test
    void firmwareIsPickedLikeAnyOtherAxis() throws Exception {
        JsonNode seen = act(ReportPage.render(SampleReport.forMicrocontroller()), 1280, """
                var x = document.getElementById("pick-x"), y = document.getElementById("pick-y");
                y.value = "5"; y.dispatchEvent(new Event("change"));
                x.value = "6"; x.dispatchEvent(new Event("change"));
                out.byFlash = [].map.call(document.querySelectorAll("#networks tbody tr"), function (r) { return Number(r.dataset.i); });
                out.best = [].filter.call(document.querySelectorAll("#networks td.two"), function (c) { return c.textContent; }).length;
                out.labels = [].map.call(document.querySelectorAll("#front svg.wide .label"), function (l) { return l.textContent; }).join();
                out.dots = document.querySelector("#front svg.wide .dots").getAttribute("d");
                """);
        // Flash falls and RAM rises from member to member.
        assertThat(ints(seen, "byFlash"))
                .isEqualTo(IntStream.range(0, 24).mapToObj(i -> 23 - i).toList());
        assertThat(seen.get("best").asInt()).isEqualTo(24);
        assertThat(seen.get("labels").asText()).isEqualTo("flash in KiB (planned),peak SRAM in KiB (planned)");
        assertThat(seen.get("dots").asText())
                .as("nobody knew the flash of what was evaluated")
                .isEmpty();
    }

    private static boolean beats(ReportData data, int j, int i) {
        var a = data.front().get(j);
        var b = data.front().get(i);
        return a.parameters() <= b.parameters()
                && a.top1() >= b.top1()
                && (a.parameters() < b.parameters() || a.top1() > b.top1());
    }

    private static List<Integer> ints(JsonNode seen, String name) {
        return IntStream.range(0, seen.get(name).size())
                .mapToObj(i -> seen.get(name).get(i).asInt())
                .toList();
    }

    /** On a phone nothing makes the page wider than the screen, however long the names are. */
    @Test
    void longAndHostileNamesStayWithinAPhonesWidth() throws Exception {
        List<RunSummary> runs = Hostile.TEXTS.stream()
                .map(t -> SampleRuns.run(t, t, new double[] {0.5, 1}, new double[] {0.7, 2}))
                .toList();
        JsonNode seen = act(ComparePage.render(runs), 500, """
                out.page = document.documentElement.scrollWidth; out.screen = window.innerWidth;
                out.title = document.title; out.images = document.images.length;
                var table = document.querySelector("table");
                table.querySelectorAll("th button")[1].click();
                out.csv = latheTable.csv(table);
                out.rows = document.querySelectorAll("table")[2].querySelectorAll("tbody tr").length;
                """);
        assertThat(seen.get("page").asInt())
                .isLessThanOrEqualTo(seen.get("screen").asInt());
        assertThat(seen.get("title").asText()).isEqualTo("9 runs compared – Lathe");
        assertThat(seen.get("images").asInt()).isZero();
        assertThat(seen.get("rows").asInt()).isEqualTo(18);
        // A name that a spreadsheet would take for a formula is quoted as text.
        assertThat(seen.get("csv").asText()).contains("\"'=cmd|").doesNotContain(",\"=cmd");
    }

    /** The page asks again by itself, and shows a run that was not there when it was opened. */
    @Test
    void theBoardFollowsTheFolder() throws Exception {
        Path runs = Files.createDirectory(folder.resolve("runs"));
        try (BoardServer board = BoardServer.start(runs, 0, p -> {
            // The first look finds the run that was there; after it there is one more.
            run(runs, "later");
            return SampleRuns.run(String.valueOf(p.getFileName()), "digits");
        })) {
            run(runs, "first");
            Browser.Shown shown = Browser.open(board.address(), folder, 1280);
            assertThat(shown.console()).isEmpty();
            assertThat(shown.dom()).contains("/run/first/", "/run/later/", "2 runs in this folder");
        }
    }

    private static void run(Path runs, String name) throws IOException {
        Path run = Files.createDirectories(runs.resolve(name));
        RunManifest.of(Map.of("space", "s"), Map.of(), Map.of(), Map.of(), List.of(), "now")
                .write(run.resolve(RunManifest.FILE));
    }
}
