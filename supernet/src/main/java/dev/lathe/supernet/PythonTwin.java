package dev.lathe.supernet;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Shape;
import dev.lathe.graph.WeightSlice;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Subnets as networks of their own in PyTorch for Python, in a process of that: its layers, its fused attention and its fused
 * AdamW. Only {@link StepBenchmark} needs it.
 */
final class PythonTwin implements AutoCloseable {
    private static final String READY = "ready ";

    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;
    private final String python;
    private final String version;

    /**
     * Starts the process.
     *
     * @param python its program, which must have torch
     * @param threads of torch's operators
     * @throws InvalidInputException if there is no such program, or no torch in it
     */
    PythonTwin(Path python, List<Graph> graphs, TrainingConfig config, int threads) {
        this.python = python.toString();
        try {
            process = new ProcessBuilder(this.python, "-c", program())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be started; give a Python that has torch, for example --python venv/bin/python"
                            .formatted(python),
                    e);
        }
        in = process.outputWriter(StandardCharsets.UTF_8);
        out = process.inputReader(StandardCharsets.UTF_8);
        String answer = ask(description(graphs, config, threads).toString());
        if (!answer.startsWith(READY)) {
            close();
            throw new InvalidInputException("%s answered '%s'; does it have torch?".formatted(python, answer));
        }
        String[] words = answer.substring(READY.length()).split(" ", 2);
        String parameters =
                Long.toString(graphs.stream().mapToLong(PythonTwin::parameters).sum());
        if (words.length != 2 || !words[0].equals(parameters)) {
            close();
            throw new InvalidInputException(
                    "%s answered '%s', expected networks of %s parameters".formatted(python, answer, parameters));
        }
        version = words[1];
    }

    /** Of torch, and its number of threads. */
    String version() {
        return version;
    }

    /** Milliseconds of one training step of every network. */
    double stepMs() {
        String answer = ask("step");
        try {
            return Double.parseDouble(answer);
        } catch (NumberFormatException e) {
            throw new InvalidInputException("%s answered '%s' to a step".formatted(python, answer), e);
        }
    }

    private String ask(String line) {
        try {
            in.write(line);
            in.write('\n');
            in.flush();
            String answer = out.readLine();
            return answer == null ? "" : answer;
        } catch (IOException e) {
            // The process ended by itself: what it lacks shows when it is run by hand.
            return "";
        }
    }

    @Override
    public void close() {
        process.destroy();
    }

    private static long parameters(Graph g) {
        return g.nodes().stream()
                .flatMap(n -> n.op().parameters().stream())
                .filter(p -> p.role().isTrained())
                .map(ParameterUse::slice)
                .distinct()
                .mapToLong(WeightSlice::elements)
                .sum();
    }

    private static String program() {
        try (InputStream in = PythonTwin.class.getResourceAsStream("dense_step.py")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode description(List<Graph> graphs, TrainingConfig config, int threads) {
        Graph first = graphs.get(0);
        ObjectNode d = Json.json()
                .createObjectNode()
                .put("threads", threads)
                .put("batch", config.batchSize())
                .put("classes", first.output().shape().last())
                .put("labelSmoothing", config.labelSmoothing())
                .put("clip", config.gradientClip());
        putShape(d, "input", first.inputs().get(0).shape());
        ArrayNode networks = d.putArray("networks");
        for (Graph g : graphs) {
            ObjectNode network = networks.addObject()
                    .put("tensors", g.tensors())
                    .put("output", g.output().id());
            ArrayNode nodes = network.putArray("nodes");
            g.nodes().forEach(n -> describe(n, nodes.addObject()));
        }
        return d;
    }

    private static void describe(Node node, ObjectNode o) {
        Operator op = node.op();
        o.put("type", op.type()).put("output", node.output().id());
        ArrayNode inputs = o.putArray("inputs");
        node.inputs().forEach(t -> inputs.add(t.id()));
        if (op instanceof Operator.Conv2d c) {
            putExtents(o, c.weight());
            o.put("bias", c.bias() != null).put("groups", c.groups());
            o.putArray("stride").add(c.strideY()).add(c.strideX());
            o.putArray("padding").add(c.paddingY()).add(c.paddingX());
        } else if (op instanceof Operator.Linear l) {
            putExtents(o, l.weight());
            o.put("bias", l.bias() != null);
        } else if (op instanceof Operator.BatchNorm n) {
            o.put("channels", n.scale().extent(0)).put("epsilon", n.epsilon());
        } else if (op instanceof Operator.LayerNorm n) {
            o.put("channels", n.scale().extent(0)).put("epsilon", n.epsilon());
        } else if (op instanceof Operator.Activate a) {
            o.put("function", a.function().name());
        } else if (op instanceof Operator.AddTable) {
            putShape(o, "shape", node.output().shape());
        } else if (op instanceof Operator.MatMul m) {
            o.put("transposeRight", m.transposeRight()).put("scale", m.scale());
        } else if (op instanceof Operator.Reshape r) {
            putShape(o, "shape", r.target());
        } else if (op instanceof Operator.Transpose t) {
            ArrayNode order = o.putArray("order");
            t.order().forEach(order::add);
        } else if (op instanceof Operator.Softmax s && s.causal()) {
            throw new IllegalArgumentException("No plain form of a causal softmax");
        }
    }

    private static void putExtents(ObjectNode o, WeightSlice weight) {
        putShape(o, "weight", Shape.of(weight.extents()));
    }

    private static void putShape(ObjectNode o, String name, Shape shape) {
        ArrayNode extents = o.putArray(name);
        for (int e : shape.toArray()) {
            extents.add(e);
        }
    }
}
