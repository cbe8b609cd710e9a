package dev.lathe.predict;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The decisions of a space by kind: {@code stage0.block1.kernel} and its like at all places are the kind {@code
 * stage.block.kernel}, where they offer the same choices. Immutable.
 */
public final class DecisionKinds {
    private final SearchSpace space;
    private final List<Kind> kinds;

    /**
     * One kind.
     *
     * @param name of the decisions without the numbers of copies
     * @param choices that each offers, smallest first
     * @param decisions their indices in the space
     */
    public record Kind(String name, List<Double> choices, List<Integer> decisions) {
        public Kind {
            choices = List.copyOf(choices);
            decisions = List.copyOf(decisions);
        }
    }

    /** The kinds of a space in the order of its decisions; decisions of a single choice are of none. */
    public DecisionKinds(SearchSpace space) {
        this.space = space;
        Map<String, List<Integer>> byName = new LinkedHashMap<>();
        List<Decision> all = space.decisions();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).size() > 1) {
                byName.computeIfAbsent(plain(all.get(i).name()), n -> new ArrayList<>())
                        .add(i);
            }
        }
        List<Kind> list = new ArrayList<>();
        byName.forEach((name, decisions) -> {
            List<Double> choices = all.get(decisions.get(0)).choices();
            if (decisions.stream().allMatch(i -> all.get(i).choices().equals(choices))) {
                list.add(new Kind(name, choices, decisions));
            } else {
                decisions.forEach(
                        i -> list.add(new Kind(all.get(i).name(), all.get(i).choices(), List.of(i))));
            }
        });
        this.kinds = List.copyOf(list);
    }

    /** A name without the number at the end of each part. */
    public static String plain(String decision) {
        return decision.replaceAll("(?<=[A-Za-z_-])\\d+(?=\\.|$)", "");
    }

    public List<Kind> kinds() {
        return kinds;
    }

    /**
     * Whether a decision shapes a network, or belongs to a block that is not there.
     *
     * @param canonical a canonical architecture
     */
    public boolean isActive(Architecture canonical, int decision) {
        if (canonical.choice(decision) != 0 || space.decisions().get(decision).size() == 1) {
            return true;
        }
        int[] other = canonical.choices();
        other[decision] = 1;
        return space.canonical(Architecture.of(canonical.space(), other)).choice(decision) != 0;
    }

    /** How many decisions of the kind chose each option in a network, those that are not there left out; indexed by option. */
    public int[] counts(Architecture canonical, Kind kind) {
        int[] counts = new int[kind.choices().size()];
        for (int d : kind.decisions()) {
            if (isActive(canonical, d)) {
                counts[canonical.choice(d)]++;
            }
        }
        return counts;
    }
}
