package dev.lathe.space.custom;

import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import dev.lathe.space.VitTinySpace;
import org.junit.jupiter.api.Test;

class VitTinyYamlTest extends SearchSpaceContract {
    private static final String FILE =
            Described.EXAMPLES.resolve("vit-tiny.yaml").toString();

    private final SearchSpace space = SearchSpaces.create(FILE, SearchSpaces.usualTask(FILE));

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 1_000;
    }

    @Test
    void itIsTheBuiltInSpace() {
        for (TaskShape task : new TaskShape[] {new TaskShape(1, 8, 8, 10), new TaskShape(3, 32, 32, 100)}) {
            Equal.spaces(SearchSpaces.create(FILE, task), new VitTinySpace(task), 3_000);
        }
    }
}
