package dev.lathe.notebook;

import java.io.File;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.UnresolvedReferenceException;
import jdk.jshell.execution.LocalExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates cells of Java one after another; later ones see what earlier ones declared. Cells run in this process and on the
 * thread that calls {@link #eval}, with the classes of this program; what they print goes where the process prints. Used by one thread.
 */
public final class JavaShell implements AutoCloseable {
    private static final int MOST_FRAMES = 12;

    private final JShell shell;
    private final SourceCodeAnalysis analysis;
    private final LastValue last = new LastValue();

    /** Keeps the value of what was invoked last as an object: JShell itself only gives its text. */
    private static final class LastValue extends LocalExecutionControl {
        private @Nullable Object value;

        @Override
        protected String invoke(Method method) throws Exception {
            value = null;
            value = method.invoke(null);
            return valueString(value);
        }
    }

    /** @param imports what cells see without asking: what follows {@code import} in Java, for example {@code java.util.*} */
    public JavaShell(List<String> imports) {
        String classPath = System.getProperty("java.class.path");
        shell = JShell.builder()
                .executionEngine(
                        new ExecutionControlProvider() {
                            @Override
                            public String name() {
                                return "here";
                            }

                            @Override
                            public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
                                return last;
                            }
                        },
                        Map.of())
                .compilerOptions("-cp", classPath)
                .build();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            shell.addToClasspath(entry);
        }
        analysis = shell.sourceCodeAnalysis();
        for (String i : imports) {
            try {
                eval("import " + i + ";");
            } catch (CellException e) {
                throw new IllegalArgumentException("There is nothing to import as " + i + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Evaluates all snippets of a cell, up to the first that fails.
     *
     * @return the value of the last snippet where that is an expression; null where it is none, or has none
     * @throws CellException if a snippet is not whole, does not compile, or throws
     */
    public @Nullable Object eval(String cell) {
        Object value = null;
        String rest = cell;
        while (!rest.isBlank()) {
            CompletionInfo info = analysis.analyzeCompletion(rest);
            if (info.completeness() == SourceCodeAnalysis.Completeness.EMPTY) {
                break; // comments only
            }
            if (!info.completeness().isComplete()) {
                throw new CellException("this is not whole: " + firstLine(rest));
            }
            value = null;
            for (SnippetEvent e : shell.eval(info.source())) {
                check(e, info.source());
                if (e.causeSnippet() == null && isExpression(e.snippet()) && e.value() != null) {
                    value = last.value;
                }
            }
            rest = info.remaining();
        }
        return value;
    }

    private static boolean isExpression(Snippet s) {
        return s.kind() == Snippet.Kind.EXPRESSION || s.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND;
    }

    private void check(SnippetEvent e, String source) {
        if (e.status() == Snippet.Status.REJECTED) {
            StringJoiner lines = new StringJoiner("\n");
            shell.diagnostics(e.snippet())
                    .filter(Diag::isError)
                    .forEach(d -> lines.add(lineAt(source, (int) d.getPosition()) + ": " + d.getMessage(Locale.ROOT)));
            throw new CellException(lines.toString());
        }
        if (e.exception() instanceof EvalException x) {
            StringJoiner lines = new StringJoiner("\n    at ");
            lines.add(x.getExceptionClassName() + (x.getMessage() == null ? "" : ": " + x.getMessage()));
            StackTraceElement[] frames = x.getStackTrace();
            for (int i = 0; i < Math.min(frames.length, MOST_FRAMES); i++) {
                lines.add(frames[i].toString());
            }
            throw new CellException(lines.toString());
        }
        if (e.exception() instanceof UnresolvedReferenceException x) {
            StringJoiner names = new StringJoiner(", ");
            shell.unresolvedDependencies(x.getSnippet()).forEach(names::add);
            throw new CellException("this is not declared yet: " + names);
        }
        if (e.exception() != null) {
            throw new CellException(String.valueOf(e.exception().getMessage()));
        }
    }

    private static String lineAt(String source, int position) {
        int at = Math.max(0, Math.min(position, source.length()));
        int from = source.lastIndexOf('\n', Math.max(0, at - 1)) + 1;
        int to = source.indexOf('\n', at);
        return source.substring(Math.min(from, at), to < 0 ? source.length() : to)
                .strip();
    }

    private static String firstLine(String text) {
        return text.strip().lines().findFirst().orElse("");
    }

    /** Whether a cell can be evaluated as it is, or goes on in a further line. */
    public boolean isWhole(String cell) {
        String rest = cell;
        while (!rest.isBlank()) {
            CompletionInfo info = analysis.analyzeCompletion(rest);
            if (info.completeness() == SourceCodeAnalysis.Completeness.EMPTY) {
                return true;
            }
            if (!info.completeness().isComplete()) {
                return false;
            }
            rest = info.remaining();
        }
        return true;
    }

    /**
     * What may stand at a place of a cell.
     *
     * @param from where the words that {@code words} replace begin
     * @param words in the order of likelihood
     */
    public record Completions(int from, List<String> words) {}

    /** What may stand at character {@code at} of a cell. */
    public Completions complete(String cell, int at) {
        int[] from = {at};
        List<String> words = new ArrayList<>();
        for (SourceCodeAnalysis.Suggestion s : analysis.completionSuggestions(cell, at, from)) {
            if (!words.contains(s.continuation())) {
                words.add(s.continuation());
            }
        }
        return new Completions(from[0], List.copyOf(words));
    }

    /** The documentation of what stands at character {@code at} of a cell: signatures, one a line; empty where nothing is known. */
    public String signatures(String cell, int at) {
        StringJoiner lines = new StringJoiner("\n");
        analysis.documentation(cell, at, false).forEach(d -> lines.add(d.signature()));
        return lines.toString();
    }

    @Override
    public void close() {
        shell.close();
    }
}
