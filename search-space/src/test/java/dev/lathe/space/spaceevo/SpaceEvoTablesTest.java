package dev.lathe.space.spaceevo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.Comparison;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class SpaceEvoTablesTest {
    private static Path data() {
        String set = System.getenv("LATHE_DATA");
        Path data = Path.of(set == null ? "../../shared/data" : set);
        Assumptions.assumeTrue(
                Files.exists(data.resolve("spaceevo")), "no SpaceEvo tables; set LATHE_DATA to the folder that has them");
        return data;
    }

    @Test
    void givenThePublishedTables_whenCompared_thenEveryRowAgrees() {
        List<Comparison> all = SpaceEvoTables.compare(data());
        all.forEach(System.out::println);
        assertThat(all).allSatisfy(c -> assertThat(c.agrees()).as(c.toString()).isTrue());
    }
}
