package dev.lathe.graph;

import org.jspecify.annotations.Nullable;

/**
 * Values by name, for the few hundred names of one graph: open addressing without an object per entry, because a search fills
 * one for every candidate. Not safe for use by several threads.
 */
final class NameTable<V> {
    private @Nullable String[] names;
    private @Nullable Object[] values;
    private int size;

    /** @param expected how many names are likely; more have room too */
    NameTable(int expected) {
        int capacity = Integer.highestOneBit(Math.max(8, expected) * 4 - 1);
        this.names = new String[capacity];
        this.values = new Object[capacity];
    }

    /** Adds a name; false if it is there already. */
    boolean add(String name) {
        int before = size;
        slot(name);
        return size > before;
    }

    /** The value that the name has; if it has none, null, and this becomes its value. */
    @SuppressWarnings("unchecked")
    @Nullable
    V putIfAbsent(String name, V value) {
        int slot = slot(name);
        V before = (V) values[slot];
        if (before == null) {
            values[slot] = value;
        }
        return before;
    }

    private int slot(String name) {
        int slot = find(names, name);
        if (names[slot] == null) {
            if (++size * 2 > names.length) {
                grow();
                slot = find(names, name);
            }
            names[slot] = name;
        }
        return slot;
    }

    /** Where the name is or has to be put. */
    private static int find(@Nullable String[] names, String name) {
        int mask = names.length - 1;
        int hash = name.hashCode();
        int slot = (hash ^ hash >>> 16) & mask;
        for (String n = names[slot]; n != null && !n.equals(name); n = names[slot]) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        @Nullable String[] moreNames = new String[names.length * 2];
        @Nullable Object[] moreValues = new Object[moreNames.length];
        for (int i = 0; i < names.length; i++) {
            String name = names[i];
            if (name != null) {
                int slot = find(moreNames, name);
                moreNames[slot] = name;
                moreValues[slot] = values[i];
            }
        }
        names = moreNames;
        values = moreValues;
    }
}
