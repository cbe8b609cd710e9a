package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.List;
import java.util.random.RandomGenerator;

/** Steps from architectures to others of one space; all give canonical architectures. */
final class Moves {
    private final SearchSpace space;
    private final RandomGenerator random;

    Moves(SearchSpace space, RandomGenerator random) {
        this.space = space;
        this.random = random;
    }

    Architecture draw() {
        return space.random(random);
    }

    /** One decision takes another of its choices; the architecture itself where no decision has two. */
    Architecture mutate(Architecture a) {
        List<Decision> decisions = space.decisions();
        int[] choices = a.choices();
        int start = random.nextInt(choices.length);
        for (int k = 0; k < choices.length; k++) {
            int i = (start + k) % choices.length;
            int size = decisions.get(i).size();
            if (size > 1) {
                choices[i] = (choices[i] + 1 + random.nextInt(size - 1)) % size;
                return space.canonical(Architecture.of(space.name(), choices));
            }
        }
        return a;
    }

    /** Each decision from either parent. */
    Architecture cross(Architecture a, Architecture b) {
        int[] choices = a.choices();
        for (int i = 0; i < choices.length; i++) {
            if (random.nextBoolean()) {
                choices[i] = b.choice(i);
            }
        }
        return space.canonical(Architecture.of(space.name(), choices));
    }
}
