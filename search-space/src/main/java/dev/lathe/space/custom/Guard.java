package dev.lathe.space.custom;

import dev.lathe.space.custom.Definition.Text;

/**
 * A condition under which a layer or a decision is there. It never holds where a decision that it asks for is itself not there.
 *
 * @param decisions that it is computed from
 * @param text where it stands in the file
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never handed out
record Guard(Expression condition, int[] decisions, Text text) {
    static Guard of(Expression condition, Text text) {
        return new Guard(condition, condition.decisions(), text);
    }

    boolean holds(Point p) {
        for (int d : decisions) {
            if (!p.active()[d]) {
                return false;
            }
        }
        return condition.value(p.values()) != 0;
    }

    static boolean allHold(Iterable<Guard> guards, Point p) {
        for (Guard g : guards) {
            if (!g.holds(p)) {
                return false;
            }
        }
        return true;
    }
}
