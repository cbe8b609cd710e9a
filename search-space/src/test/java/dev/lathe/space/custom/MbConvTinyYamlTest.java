package dev.lathe.space.custom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.MbConvTinySpace;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import org.junit.jupiter.api.Test;

class MbConvTinyYamlTest extends SearchSpaceContract {
    private static final String FILE =
            Described.EXAMPLES.resolve("mbconv-tiny.yaml").toString();

    private final SearchSpace space = SearchSpaces.create(FILE, SearchSpaces.usualTask(FILE));

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 1_500;
    }

    @Test
    void itIsTheBuiltInSpace() {
        for (TaskShape task :
                new TaskShape[] {new TaskShape(1, 8, 8, 10), new TaskShape(3, 32, 40, 100), new TaskShape(3, 96, 96, 2)
                }) {
            Equal.spaces(SearchSpaces.create(FILE, task), new MbConvTinySpace(task), 4_000);
        }
    }

    @Test
    void itRefusesWhatTheBuiltInSpaceRefuses() {
        for (TaskShape task : new TaskShape[] {new TaskShape(1, 7, 9, 10), new TaskShape(1, 8, 257, 10)}) {
            assertThatThrownBy(() -> new MbConvTinySpace(task)).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> SearchSpaces.create(FILE, task))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContainingAll("mbconv-tiny.yaml line ", "requires", "imageSize");
        }
    }

    @Test
    void itsReferenceMakesItAgainWithoutTheFile() {
        SearchSpace again = SearchSpaces.create(space.reference(), space.task());
        assertThat(again.lower(space.largest())).isEqualTo(space.lower(space.largest()));
        assertThat(SearchSpaces.usualTask(space.reference())).isEqualTo(space.task());
        assertThat(new MbConvTinySpace(new TaskShape(1, 8, 8, 10)).reference()).isEqualTo("mbconv-tiny");
    }
}
