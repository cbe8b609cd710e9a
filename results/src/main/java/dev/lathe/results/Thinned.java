package dev.lathe.results;

import java.util.ArrayList;
import java.util.List;

/** Long lists for small pages. */
final class Thinned {
    private Thinned() {}

    /** Every k-th of a list, so that at most {@code most} are left; the first and the last one stay. */
    static <T> List<T> to(int most, List<T> all) {
        if (all.size() <= most) {
            return all;
        }
        List<T> some = new ArrayList<>(most);
        for (int i = 0; i < most; i++) {
            some.add(all.get((int) ((long) i * (all.size() - 1) / (most - 1))));
        }
        return some;
    }
}
