package dev.lathe.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What came of checking an export folder; filled by one thread. */
final class ExportFindings {
    private final Path folder;
    private final List<String> checked = new ArrayList<>();
    private final List<String> notChecked = new ArrayList<>();
    private final Map<String, List<String>> faults = new TreeMap<>();

    /**
     * Something that is not as it was exported.
     *
     * @param file relative to the folder
     * @param what is wrong with it, to be read after its name
     */
    record Fault(String file, String what) {}

    ExportFindings(Path folder) {
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    void checked(String what) {
        checked.add(what);
    }

    void notChecked(String what) {
        notChecked.add(what);
    }

    void fault(String file, String what) {
        faults.computeIfAbsent(file, f -> new ArrayList<>()).add(what.replaceAll("\\s*\\R\\s*", " "));
    }

    /** Notes a fault where a stored value is not the one found now. */
    void same(String file, String what, Object stored, Object found) {
        if (!stored.equals(found)) {
            fault(file, "says that %s is %s, but it is %s".formatted(what, stored, found));
        }
    }

    /** Whether something is wrong with a file. */
    boolean isFaulty(String file) {
        return faults.containsKey(file);
    }

    /** Whether something is wrong with a file whose path begins so. */
    boolean isFaultyWithin(String prefix) {
        return faults.keySet().stream().anyMatch(f -> f.startsWith(prefix));
    }

    List<String> checked() {
        return checked;
    }

    List<String> notChecked() {
        return notChecked;
    }

    /** By file. */
    List<Fault> faults() {
        List<Fault> all = new ArrayList<>();
        faults.forEach((file, list) -> list.forEach(what -> all.add(new Fault(file, what))));
        return all;
    }
}
