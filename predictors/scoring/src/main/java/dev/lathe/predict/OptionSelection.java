package dev.lathe.predict;

import dev.lathe.predict.DecisionKinds.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which options a device and a task need. An option goes where another of its kind is faster for certain and the option gains, for
 * certain, less accuracy than a margin: both by 95 % intervals, so that few measurements remove nothing.
 */
public final class OptionSelection {
    private OptionSelection() {}

    /**
     * The options that stay.
     *
     * @param marginTop1 accuracy, in 0..1, that an option must be able to gain to stay
     * @return by name of the kind, indices in ascending order; at least one each
     */
    public static Map<String, List<Integer>> keep(
            DecisionKinds kinds, OptionEffects latencyMs, OptionEffects top1, double marginTop1) {
        Map<String, List<Integer>> kept = new LinkedHashMap<>();
        for (Kind k : kinds.kinds()) {
            List<Integer> stay = new ArrayList<>();
            for (int i = 0; i < k.choices().size(); i++) {
                stay.add(i);
            }
            List<Integer> slowestFirst = new ArrayList<>(stay);
            slowestFirst.sort(Comparator.comparingDouble(
                    (Integer i) -> -latencyMs.everywhere(k, i, 0).value()));
            for (Integer o : slowestFirst) {
                boolean beaten = stay.stream()
                        .anyMatch(other -> !other.equals(o)
                                && latencyMs.everywhere(k, o, other).low() > 0
                                && top1.everywhere(k, o, other).high() < marginTop1);
                if (beaten) {
                    stay.remove(o);
                }
            }
            kept.put(k.name(), List.copyOf(stay));
        }
        return kept;
    }
}
