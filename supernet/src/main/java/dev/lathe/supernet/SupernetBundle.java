package dev.lathe.supernet;

import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.TensorFile;
import dev.lathe.space.Architecture;
import dev.lathe.space.MetricScorer;
import dev.lathe.space.ScorerSource;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import dev.lathe.supernet.data.ImageDataset;
import dev.lathe.supernet.data.Normalization;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A trained supernet for other processes: parameters (a checkpoint without the optimizer's two thirds), calibration images, and the images
 * that subnets are compared on. What {@link #open} makes of it gives {@code top1} and {@code crossEntropy} of a subnet as {@link
 * Supernet#evaluate} does in the process that made it, to the last bit; a process that would round otherwise is refused.
 */
public final class SupernetBundle implements ScorerSource {
    /** What the scorer gives, in this order: as in {@link SubnetScore}. */
    public static final List<String> METRICS = List.of("top1", "crossEntropy");

    private static final long serialVersionUID = 1L;
    private static final String PARAMETER = "parameter/";
    private static final String CALIBRATION = "calibration";
    private static final String IMAGES = "images";
    private static final String LABELS = "labels";
    private static final String MEAN = "mean";
    private static final String DEVIATION = "deviation";
    private static final String LAYOUT = "layout";
    /** Images whose logits tell whether another process computes alike. */
    private static final int PROBED = 16;

    private final String space;
    private final TaskShape task;
    private final @Nullable BitWidth width;
    private final Engine engine;
    private final byte[] content;
    private final String sha256;

    /**
     * What decides how sums are rounded.
     *
     * @param version of PyTorch
     * @param threads of its operators
     * @param device {@code cpu}, or a GPU, which rounds anew every time
     * @param probe SHA-256 of the smallest subnet's logits on the first calibration images
     */
    record Engine(String version, int threads, String device, String probe) implements Serializable {}

    private SupernetBundle(
            String space, TaskShape task, @Nullable BitWidth width, Engine engine, byte[] content, String sha256) {
        this.space = space;
        this.task = task;
        this.width = width;
        this.engine = engine;
        this.content = content;
        this.sha256 = sha256;
    }

    static SupernetBundle of(
            SearchSpace space,
            SharedParameters parameters,
            @Nullable BitWidth width,
            SubnetEvaluator evaluator,
            ImageDataset images) {
        TaskShape task = TaskShape.of(space);
        if (!images.shape().equals(task)) {
            throw new IllegalArgumentException("Images of %s are not for %s".formatted(images.shape(), task));
        }
        Map<String, TensorFile.Tensor> tensors = new LinkedHashMap<>();
        parameters
                .values()
                .forEach((name, v) -> tensors.put(
                        PARAMETER + name,
                        new TensorFile.Tensor(parameters.layout().get(name).extents(), v)));
        int length = images.imageLength();
        float[] pixels = new float[Math.multiplyExact(images.size(), length)];
        float[] labels = new float[images.size()];
        for (int i = 0; i < images.size(); i++) {
            images.copyImage(i, pixels, i * length);
            labels[i] = images.label(i);
        }
        Normalization n = evaluator.normalization();
        float[] mean = new float[n.channels()];
        float[] deviation = new float[n.channels()];
        for (int c = 0; c < mean.length; c++) {
            mean[c] = n.mean(c);
            deviation[c] = n.deviation(c);
        }
        put(tensors, CALIBRATION, evaluator.calibration());
        put(tensors, IMAGES, pixels);
        put(tensors, LABELS, labels);
        put(tensors, MEAN, mean);
        put(tensors, DEVIATION, deviation);
        byte[] content;
        try {
            content = new TensorFile(Map.of(LAYOUT, text(parameters.layout())), tensors).encode();
        } catch (ArithmeticException e) {
            throw new InvalidInputException(
                    "supernet and images take more than 2 GiB, too much to send to workers; lower profile.accuracyImages, or leave --master out",
                    e);
        }
        Engine engine =
                new Engine(Torch.engine().getVersion(), Torch.threads(), ComputeDevice.name(), probe(space, evaluator));
        byte[] described = (space.reference() + "\n" + task + "\n" + width + "\n" + engine + "\n")
                .getBytes(StandardCharsets.UTF_8);
        String sha256 =
                Hashes.sha256((Hashes.sha256(described) + Hashes.sha256(content)).getBytes(StandardCharsets.US_ASCII));
        return new SupernetBundle(space.reference(), task, width, engine, content, sha256);
    }

    private static void put(Map<String, TensorFile.Tensor> tensors, String name, float[] values) {
        tensors.put(name, new TensorFile.Tensor(new int[] {values.length}, values));
    }

    /** A parameter a line: role, extents, name. */
    private static String text(ParameterLayout layout) {
        return layout.entries().entrySet().stream()
                .map(e -> "%s %s %s"
                        .formatted(
                                e.getValue().role().name(),
                                Arrays.stream(e.getValue().extents())
                                        .mapToObj(Integer::toString)
                                        .collect(Collectors.joining("x")),
                                e.getKey()))
                .collect(Collectors.joining("\n"));
    }

    private static ParameterLayout layout(String text) {
        Map<String, ParameterLayout.Entry> entries = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.split(" ", 3);
            int[] extents = Arrays.stream(words[1].split("x", -1))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            entries.put(words[2], new ParameterLayout.Entry(ParameterUse.Role.valueOf(words[0]), extents));
        }
        return ParameterLayout.of(entries);
    }

    private static String probe(SearchSpace space, SubnetEvaluator evaluator) {
        TaskShape t = TaskShape.of(space);
        int length = t.channels() * t.height() * t.width();
        int images = Math.min(PROBED, evaluator.calibration().length / length);
        float[] logits =
                evaluator.logits(space.smallest(), Arrays.copyOf(evaluator.calibration(), images * length), images);
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * logits.length);
        bytes.asFloatBuffer().put(logits);
        return Hashes.sha256(bytes.array());
    }

    Engine engine() {
        return engine;
    }

    /** How much is sent. */
    public int bytes() {
        return content.length;
    }

    @Override
    public String sha256() {
        return sha256;
    }

    /** An evaluation is a pass over some hundred images or more, after another for batch normalization. */
    @Override
    public boolean isSlow() {
        return true;
    }

    /** DJL, its PyTorch engine and what that loads. */
    @Override
    public List<String> libraries() {
        return List.of("api-0.", "pytorch-", "jna-");
    }

    @Override
    public MetricScorer open() {
        if (engine.device().equals("cpu")) {
            Torch.adopt(engine.version(), engine.threads());
            ComputeDevice.use(ComputeDevice.CPU);
        }
        TensorFile file =
                TensorFile.decode(content, what -> new InvalidInputException("the supernet sent is damaged: " + what));
        ParameterLayout layout = layout(Objects.requireNonNull(file.metadata().get(LAYOUT)));
        Map<String, float[]> values = new LinkedHashMap<>();
        file.tensors().forEach((name, t) -> {
            if (name.startsWith(PARAMETER)) {
                values.put(name.substring(PARAMETER.length()), t.values());
            }
        });
        SearchSpace made = SearchSpaces.create(space, task);
        SharedParameters parameters = SharedParameters.of(layout, values);
        try {
            SubnetEvaluator evaluator = new SubnetEvaluator(
                    made,
                    parameters,
                    width,
                    new Normalization(tensor(file, MEAN), tensor(file, DEVIATION)),
                    tensor(file, CALIBRATION));
            if (engine.device().equals("cpu") && !probe(made, evaluator).equals(engine.probe())) {
                throw new InvalidInputException(
                        "this processor rounds otherwise than that of the machine that sent the supernet; use machines of one kind");
            }
            return new Scorer(made, parameters, evaluator, images(file));
        } catch (RuntimeException e) {
            parameters.close();
            throw e;
        }
    }

    private static float[] tensor(TensorFile file, String name) {
        return Objects.requireNonNull(file.tensors().get(name), name).values();
    }

    private ImageDataset images(TensorFile file) {
        float[] labels = tensor(file, LABELS);
        int[] classes = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            classes[i] = (int) labels[i];
        }
        List<String> names =
                IntStream.range(0, task.classes()).mapToObj(Integer::toString).toList();
        return new ImageDataset(
                IMAGES, "", task.channels(), task.height(), task.width(), names, tensor(file, IMAGES), classes);
    }

    /** Shows sizes, not values. */
    @Override
    public String toString() {
        return "SupernetBundle[space=%s, task=%s, width=%s, %d bytes]".formatted(space, task, width, content.length);
    }

    private record Scorer(
            SearchSpace space, SharedParameters parameters, SubnetEvaluator evaluator, ImageDataset images)
            implements MetricScorer {
        @Override
        public List<String> metrics() {
            return METRICS;
        }

        @Override
        public double[] score(Architecture architecture) {
            SubnetScore s = evaluator.evaluate(space.canonical(architecture), images);
            return new double[] {s.top1(), s.crossEntropy()};
        }

        @Override
        public void close() {
            parameters.close();
        }
    }
}
