package dev.lathe.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** The kernel as Jupyter talks to it: signed messages over loopback sockets. */
class KernelTest {
    private static final String KEY = "a key that only this test knows";
    private static final List<String> PORTS =
            List.of("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port");

    @TempDir
    Path folder;

    private int sent;

    private static ObjectNode connection() throws IOException {
        ObjectNode c = Json.json()
                .createObjectNode()
                .put("ip", "127.0.0.1")
                .put("transport", "tcp")
                .put("signature_scheme", "hmac-sha256")
                .put("key", KEY)
                .put("kernel_name", "lathe");
        List<ServerSocket> held = new ArrayList<>();
        for (String port : PORTS) {
            ServerSocket s = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            held.add(s);
            c.put(port, s.getLocalPort());
        }
        for (ServerSocket s : held) {
            s.close();
        }
        return c;
    }

    private static String signature(List<String> parts) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        parts.forEach(p -> mac.update(p.getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(mac.doFinal());
    }

    private void send(ZMQ.Socket socket, String type, ObjectNode content) throws Exception {
        ObjectNode header = Json.json()
                .createObjectNode()
                .put("msg_id", "m" + sent++)
                .put("session", "s")
                .put("username", "test")
                .put("date", "2026-01-01T00:00:00Z")
                .put("msg_type", type)
                .put("version", "5.3");
        List<String> parts = List.of(header.toString(), "{}", "{}", content.toString());
        ZMsg message = new ZMsg();
        message.add("<IDS|MSG>");
        message.add(signature(parts));
        parts.forEach(message::add);
        message.send(socket);
    }

    /** @param content of the message; its type stands in it as {@code msg_type} */
    private static JsonNode receive(ZMQ.Socket socket) throws Exception {
        ZMsg message = ZMsg.recvMsg(socket);
        assertThat(message).as("an answer within the time-out").isNotNull();
        List<String> frames = new ArrayList<>();
        message.forEach(f -> frames.add(f.getString(StandardCharsets.UTF_8)));
        int at = frames.indexOf("<IDS|MSG>");
        List<String> parts = frames.subList(at + 2, at + 6);
        assertThat(frames.get(at + 1)).isEqualTo(signature(parts));
        ObjectNode content = (ObjectNode) Json.json().readTree(parts.get(3));
        return content.put(
                "msg_type", Json.json().readTree(parts.get(0)).get("msg_type").asText());
    }

    private static JsonNode receive(ZMQ.Socket socket, String type) throws Exception {
        while (true) {
            JsonNode m = receive(socket);
            if (m.get("msg_type").asText().equals(type)) {
                return m;
            }
        }
    }

    private static ObjectNode cell(String code) {
        return Json.json()
                .createObjectNode()
                .put("code", code)
                .put("silent", false)
                .put("store_history", true)
                .put("allow_stdin", false)
                .put("stop_on_error", true)
                .set("user_expressions", Json.json().createObjectNode());
    }

    @Test
    void aNotebooksCellsAreAnsweredAndTheKernelEndsWhenAsked() throws Exception {
        ObjectNode c = connection();
        Path file = Files.writeString(folder.resolve("connection.json"), c.toString());
        List<Throwable> failures = new ArrayList<>();
        Thread kernel = new Thread(() -> {
            try {
                Kernel.serve(file, List.of("dev.lathe.notebook.Display"), "1");
            } catch (Throwable e) {
                failures.add(e);
            }
        });
        kernel.setDaemon(true);
        kernel.start();
        try (ZContext context = new ZContext()) {
            ZMQ.Socket shell = socket(context, SocketType.DEALER, c, "shell_port");
            ZMQ.Socket control = socket(context, SocketType.DEALER, c, "control_port");
            ZMQ.Socket published = socket(context, SocketType.SUB, c, "iopub_port");
            published.subscribe("");

            send(shell, "kernel_info_request", Json.json().createObjectNode());
            JsonNode info = receive(shell, "kernel_info_reply");
            assertThat(info.get("implementation").asText()).isEqualTo("lathe");
            assertThat(info.at("/language_info/name").asText()).isEqualTo("java");

            send(shell, "execute_request", cell("System.out.println(\"printed\"); int x = 40;"));
            assertThat(receive(published, "stream").get("text").asText()).contains("printed");
            assertThat(receive(shell, "execute_reply").get("status").asText()).isEqualTo("ok");

            send(shell, "execute_request", cell("Display.svg(\"<svg/>\", \"drawn \" + (x + 2))"));
            JsonNode data = receive(published, "execute_result").get("data");
            assertThat(data.get("image/svg+xml").asText()).isEqualTo("<svg/>");
            assertThat(data.get("text/plain").asText()).isEqualTo("drawn 42");
            assertThat(receive(shell, "execute_reply").get("status").asText()).isEqualTo("ok");

            send(shell, "execute_request", cell("int y = nowhere;"));
            assertThat(receive(published, "error").toString()).contains("nowhere");
            assertThat(receive(shell, "execute_reply").get("status").asText()).isEqualTo("error");

            send(
                    shell,
                    "complete_request",
                    Json.json().createObjectNode().put("code", "Displ").put("cursor_pos", 5));
            assertThat(receive(shell, "complete_reply").get("matches").toString())
                    .contains("Display");

            send(control, "shutdown_request", Json.json().createObjectNode().put("restart", false));
            receive(control, "shutdown_reply");
            kernel.join(20_000);
            assertThat(kernel.isAlive()).isFalse();
            assertThat(failures).isEmpty();
        }
    }

    private static ZMQ.Socket socket(ZContext context, SocketType type, JsonNode connection, String port) {
        ZMQ.Socket s = context.createSocket(type);
        s.setReceiveTimeOut(60_000);
        s.connect("tcp://127.0.0.1:" + connection.get(port).asInt());
        return s;
    }

    @Test
    void whatIsNoConnectionFileIsRefused() throws Exception {
        for (String text : new String[] {"", "{", "[]", "{}", "{\"key\": 3}"}) {
            Path file = Files.writeString(folder.resolve("bad.json"), text);
            assertThatThrownBy(() -> Kernel.serve(file, List.of(), "1"))
                    .as(text)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("bad.json");
        }
        assertThatThrownBy(() -> Kernel.serve(folder.resolve("none.json"), List.of(), "1"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("none.json");
    }
}
