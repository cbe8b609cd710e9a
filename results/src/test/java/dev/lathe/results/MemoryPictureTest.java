package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlan;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryPictureTest {
    private static final Pattern BOX = Pattern.compile(
            "<rect class=\"box b\\d\" x=\"([-\\d.]+)\" y=\"([-\\d.]+)\" width=\"([-\\d.]+)\" height=\"([-\\d.]+)\">");

    /** A box a buffer; two that overlap in the picture would be two values in one place at one time. */
    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenANetwork_whenDrawn_thenEveryBufferHasABoxAndNoTwoOverlap(String name) {
        SearchSpace space = SearchSpaces.create(name, new TaskShape(1, 8, 8, 10));
        Graph graph = space.lower(space.largest());
        MemoryPlan plan = MemoryPlanner.plan(graph, Float.BYTES);
        String html = MemoryPicture.html(graph, Float.BYTES);
        List<double[]> boxes = new ArrayList<>();
        for (Matcher m = BOX.matcher(html); m.find(); ) {
            double x = Double.parseDouble(m.group(1));
            double y = Double.parseDouble(m.group(2));
            boxes.add(new double[] {x, y, x + Double.parseDouble(m.group(3)), y + Double.parseDouble(m.group(4))});
        }
        assertThat(boxes).hasSameSizeAs(plan.buffers());
        for (int i = 0; i < boxes.size(); i++) {
            double[] a = boxes.get(i);
            assertThat(a[0]).isBetween(0.0, a[2]);
            assertThat(a[2]).isLessThanOrEqualTo(900);
            assertThat(a[1]).isBetween(0.0, a[3]);
            for (int j = 0; j < i; j++) {
                double[] b = boxes.get(j);
                // Numbers in the picture have one decimal.
                boolean apart = a[2] <= b[0] + 0.2 || b[2] <= a[0] + 0.2 || a[3] <= b[1] + 0.2 || b[3] <= a[1] + 0.2;
                assertThat(apart)
                        .as(
                                "buffers %s and %s",
                                plan.buffers().get(j), plan.buffers().get(i))
                        .isTrue();
            }
        }
        assertThat(html).contains("arena " + Shown.kib(plan.peakBytes()), "Most is needed at step");
    }
}
