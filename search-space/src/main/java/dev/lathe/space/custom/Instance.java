package dev.lathe.space.custom;

import dev.lathe.space.custom.Definition.LayerText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One copy of a layer or group, while a definition is compiled. */
final class Instance {
    final LayerText text;
    final String name;
    final Scope scope;
    final @Nullable Instance parent;
    final List<Instance> children = new ArrayList<>();
    /** Its own; those of the groups around it come on top. */
    final List<Guard> guards = new ArrayList<>();
    /** What it appends to the graph; null for a group. */
    @Nullable
    Block block;

    Instance(LayerText text, String name, Scope scope, @Nullable Instance parent) {
        this.text = text;
        this.name = name;
        this.scope = scope;
        this.parent = parent;
    }

    /** The conditions of the groups around it, outermost first, and its own. */
    List<Guard> allGuards() {
        List<Guard> all = parent == null ? new ArrayList<>() : parent.allGuards();
        all.addAll(guards);
        return all;
    }
}
