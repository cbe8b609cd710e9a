package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BitsTest {
    @TempDir
    Path folder;

    private Path table(String text) throws Exception {
        return Files.writeString(folder.resolve("layers.csv"), text);
    }

    /** Worked by hand: of 3,000 bytes, the second layer gains most from its 8 bits, and the first cannot have them too. */
    @Test
    void widthsAreChosenWithinTheLimit() throws Exception {
        Path t = table("""
                layer,bits,sensitivity,bytes
                stem,4,0.3,500
                stem,8,0.1,1000
                body,4,0.9,1000
                body,8,0.2,2000
                """);
        Lathe.Result r = Lathe.run("bits", t, "--limit", "bytes=2600", "--json");
        assertThat(r.exitCode()).as(r.err()).isZero();
        JsonNode o = Json.json().readTree(r.out());
        assertThat(o.get("bits").get("stem").asInt()).isEqualTo(4);
        assertThat(o.get("bits").get("body").asInt()).isEqualTo(8);
        assertThat(o.get("sensitivity").asDouble()).isEqualTo(0.5);
        assertThat(o.get("costs").get("bytes").asDouble()).isEqualTo(2500);
        assertThat(Lathe.run("bits", t, "--limit", "bytes=3000").out())
                .contains("body      8", "bytes 3000.0 of 3000.0 allowed");
        // A byte is worth more than the widths bring.
        assertThat(Lathe.run("bits", t, "--weight", "bytes=1").out()).contains("bytes 1500.0");
    }

    @Test
    void badTablesAreRefusedInOneLine() throws Exception {
        String head = "layer,bits,sensitivity,bytes\n";
        refused("", "is empty");
        refused("layers;bits\n", "layer,bits,sensitivity");
        refused(head, "no layers");
        refused(head + "a,4,0.1\n", "line 2", "3 columns");
        refused(head + "a,4,NaN,5\n", "line 2", "NaN");
        refused(head + "a,four,0.1,5\n", "line 2", "four");
        refused(head + "a,4,0.1,-5\n", "line 2");
        refused(head + "a,4,0.1,5\na,4,0.2,6\n", "4 bits twice");
        refused(head + "a,4,0.1,5\n\0\0", "line 3");
        table(head + "a,4,0.1,500\n");
        assertThat(Lathe.run("bits", folder.resolve("layers.csv"), "--limit", "bytes=100")
                        .err())
                .contains("the least is 500.0; raise the limit");
        assertThat(Lathe.run("bits", folder.resolve("layers.csv"), "--limit", "byte=100")
                        .err())
                .contains("did you mean 'bytes'?");
        assertThat(Lathe.run("bits", folder.resolve("none.csv")).err()).contains("is no file");
    }

    private void refused(String text, String... parts) throws Exception {
        Lathe.Result r = Lathe.run("bits", table(text), "--limit", "bytes=100");
        assertThat(r.exitCode()).as(text + r.err()).isEqualTo(2);
        assertThat(r.err().strip().lines()).hasSize(1);
        assertThat(r.err()).contains(parts);
    }
}
