package dev.lathe.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JointSpaceTest extends SearchSpaceContract {
    private static final SearchSpace NETWORKS = SearchSpaces.create("mbconv-tiny", new TaskShape(1, 8, 8, 10));
    private final JointSpace space = new JointSpace(
            NETWORKS, List.of(Decision.of("learningRate", 0.001, 0.01), Decision.of("mixup", 0, 0.1, 0.2)));

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 1_000;
    }

    @Test
    void aPointIsANetworkAndARecipe() {
        assertThat(space.size()).isEqualTo(NETWORKS.size().multiply(BigInteger.valueOf(6)));
        Architecture largest = space.largest();
        assertThat(space.network(largest)).isEqualTo(NETWORKS.largest());
        assertThat(space.lower(largest)).isEqualTo(NETWORKS.lower(NETWORKS.largest()));
        assertThat(space.recipe(largest)).isEqualTo(Map.of("learningRate", 0.01, "mixup", 0.2));
        assertThat(space.decisions().get(space.decisions().size() - 1).name()).isEqualTo("recipe.mixup");
    }

    @Test
    void whatHasRecipesAlreadyIsRefused() {
        assertThatThrownBy(() -> new JointSpace(space, List.of(Decision.of("erase", 0, 1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new JointSpace(NETWORKS, List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
