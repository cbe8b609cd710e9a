package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.List;
import java.util.random.RandomGenerator;

/** Steps from architectures to others of one space. */
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

    /** Decisions take others of their choices, one after the other, perhaps one of them twice. */
    Architecture mutate(Architecture a, int mutations) {
        int[] choices = a.choices();
        for (int i = 0; i < mutations; i++) {
            mutate(choices);
        }
        return canonical(choices);
    }

    /** The choices of a child: each decision from either parent. Not canonical. */
    int[] crossed(Architecture a, Architecture b) {
        int[] choices = a.choices();
        for (int i = 0; i < choices.length; i++) {
            if (random.nextBoolean()) {
                choices[i] = b.choice(i);
            }
        }
        return choices;
    }

    /** One decision takes another of its choices, where one has two. */
    void mutate(int[] choices) {
        List<Decision> decisions = space.decisions();
        int start = random.nextInt(choices.length);
        for (int k = 0; k < choices.length; k++) {
            int i = (start + k) % choices.length;
            int size = decisions.get(i).size();
            if (size > 1) {
                choices[i] = (choices[i] + 1 + random.nextInt(size - 1)) % size;
                return;
            }
        }
    }

    /** To be asked for at the end: a mutation alone may lead back to where it came from, where two together lead on. */
    Architecture canonical(int[] choices) {
        return space.canonical(Architecture.of(space.name(), choices));
    }
}
