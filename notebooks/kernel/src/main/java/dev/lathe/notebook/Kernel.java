package dev.lathe.notebook;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dflib.jjava.jupyter.channels.JupyterConnection;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.JupyterIO;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;
import org.dflib.jjava.jupyter.kernel.ReplacementOptions;
import org.dflib.jjava.jupyter.kernel.comm.CommManager;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import org.dflib.jjava.jupyter.kernel.util.StringStyler;
import org.jspecify.annotations.Nullable;

/**
 * A Jupyter kernel over {@link JavaShell}. Messages, signatures and sockets are the library's; this maps its questions to the shell.
 *
 * @see <a href="https://jupyter-client.readthedocs.io/en/stable/messaging.html">Messaging in Jupyter</a>
 */
public final class Kernel extends BaseKernel {
    private final JavaShell shell;

    Kernel(JavaShell shell, String version) {
        super(
                "lathe",
                version,
                new LanguageInfo.Builder("java")
                        .version(Runtime.version().toString())
                        .mimetype("text/x-java")
                        .fileExtension(".java")
                        .build(),
                List.of(),
                null,
                new JupyterIO(StandardCharsets.UTF_8),
                new CommManager(),
                new Renderer(),
                null,
                new MagicsRegistry(),
                false,
                new StringStyler.Builder().build());
        this.shell = shell;
    }

    /**
     * Serves one notebook until it asks for the end.
     *
     * @param connectionFile what Jupyter wrote: ports and the key that signs messages
     * @param imports what cells see without asking
     * @param version of the program, for who asks
     * @throws InvalidInputException if the file says no connection
     */
    public static void serve(Path connectionFile, List<String> imports, String version) throws IOException {
        String text;
        try {
            text = Files.readString(connectionFile);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "connection file %s cannot be read; Jupyter writes it and names it to the kernel: this command is not for people"
                            .formatted(connectionFile),
                    e);
        }
        KernelConnectionProperties properties;
        try {
            properties = KernelConnectionProperties.parse(text);
        } catch (RuntimeException e) {
            throw new InvalidInputException(
                    "%s is no connection file of Jupyter: %s".formatted(connectionFile, firstLine(e)), e);
        }
        if (properties == null || properties.getKey() == null || properties.getTransport() == null) {
            throw new InvalidInputException(
                    "%s is no connection file of Jupyter: it has no key or no transport".formatted(connectionFile));
        }
        try (JavaShell shell = new JavaShell(imports)) {
            JupyterConnection connection = new JupyterConnection(properties);
            new Kernel(shell, version).becomeHandlerForConnection(connection);
            connection.connect();
            connection.waitUntilClose();
        } catch (java.security.GeneralSecurityException e) {
            throw new InvalidInputException(
                    "%s asks for a signature that Java does not know: %s".formatted(connectionFile, e.getMessage()), e);
        }
    }

    private static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    @Override
    public @Nullable Object evalRaw(String code) {
        return shell.eval(code);
    }

    @Override
    public @Nullable DisplayData eval(String code) {
        Object value = evalRaw(code);
        return value == null ? null : data(Display.ofValue(value));
    }

    private static DisplayData data(Display display) {
        DisplayData data = new DisplayData();
        display.forms().forEach((type, content) -> data.putData(type, content));
        return data;
    }

    @Override
    public @Nullable DisplayData inspect(String code, int at, boolean extraDetail) {
        String signatures = shell.signatures(code, at);
        return signatures.isEmpty() ? null : data(Display.text(signatures));
    }

    @Override
    public ReplacementOptions complete(String code, int at) {
        JavaShell.Completions c = shell.complete(code, at);
        return new ReplacementOptions(c.words(), c.from(), at);
    }

    @Override
    public String isComplete(String code) {
        return shell.isWhole(code) ? IS_COMPLETE_YES : IS_COMPLETE_MAYBE;
    }
}
