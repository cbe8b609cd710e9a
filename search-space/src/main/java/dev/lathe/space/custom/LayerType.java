package dev.lathe.space.custom;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The layers that a file may use, and the parameters of each with their defaults. */
enum LayerType {
    CONV(List.of(
            required("outputs", Kind.WIDTH),
            optional("divisor", Kind.CONSTANT, "1"),
            required("kernel", Kind.KERNEL),
            optional("stride", Kind.WHOLE, "1"),
            optional("norm", List.of("batch", "none"), "batch"),
            optional("activation", LayerType.activations(), "relu"))),
    DEPTHWISE(List.of(
            required("kernel", Kind.KERNEL),
            optional("stride", Kind.WHOLE, "1"),
            optional("activation", LayerType.activations(), "relu"))),
    INVERTED_RESIDUAL(List.of(
            required("outputs", Kind.WIDTH),
            optional("divisor", Kind.CONSTANT, "1"),
            required("kernel", Kind.KERNEL),
            required("expand", Kind.RATIO),
            optional("stride", Kind.WHOLE, "1"),
            optional("squeeze-excitation", Kind.SHARE, "0"),
            optional("activation", LayerType.activations(), "relu"),
            optional("residual", List.of("true", "false"), "true"))),
    BOTTLENECK(List.of(
            required("outputs", Kind.WIDTH),
            required("middle", Kind.WIDTH),
            optional("divisor", Kind.CONSTANT, "1"),
            optional("kernel", Kind.KERNEL, "3"),
            optional("stride", Kind.WHOLE, "1"),
            optional("activation", LayerType.activations(), "relu"))),
    POOL(List.of(
            required("kind", List.of("max", "average", "global")),
            optional("kernel", Kind.WHOLE, "2"),
            optional("stride", Kind.WHOLE, "2"),
            optional("padding", Kind.CONSTANT_OR_ZERO, "0"))),
    LINEAR(List.of(
            required("outputs", Kind.WIDTH),
            optional("divisor", Kind.CONSTANT, "1"),
            optional("bias", List.of("true", "false"), "true"),
            optional("activation", LayerType.activations(), "none"))),
    PATCH_EMBEDDING(List.of(
            required("outputs", Kind.WIDTH), required("size", Kind.WHOLE), optional("divisor", Kind.CONSTANT, "1"))),
    TRANSFORMER(List.of(
            required("heads", Kind.WHOLE),
            required("head-width", Kind.CONSTANT),
            required("mlp", Kind.RATIO),
            optional("rank", Kind.RATIO, null),
            optional("activation", LayerType.activations(), "gelu"))),
    LAYER_NORM(List.of()),
    CLASSIFIER(List.of());

    /** What a parameter holds. */
    enum Kind {
        /** A number of channels or units; an expression, rounded to the nearest multiple of the divisor. */
        WIDTH,
        /** An odd whole number; an expression. */
        KERNEL,
        /** A whole number from 1; an expression. */
        WHOLE,
        /** A number above 0; an expression. */
        RATIO,
        /** A number from 0 to 1; an expression. */
        SHARE,
        /** A whole number from 1, the same in every network. */
        CONSTANT,
        /** A whole number from 0, the same in every network. */
        CONSTANT_OR_ZERO,
        /** One of a few words. */
        WORD
    }

    /**
     * One parameter of a layer.
     *
     * @param name its key
     * @param kind what it holds
     * @param words the words it may be; empty unless it is a word
     * @param required whether it must be given
     * @param usual its text where it is not given; null if it then has no value
     */
    record Parameter(
            String name,
            Kind kind,
            List<String> words,
            boolean required,
            @Nullable String usual) {}

    private final List<Parameter> parameters;

    LayerType(List<Parameter> parameters) {
        this.parameters = parameters;
    }

    List<Parameter> parameters() {
        return parameters;
    }

    /** As it is written in a file: {@code inverted-residual}. */
    String word() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    static Map<String, LayerType> byWord() {
        Map<String, LayerType> all = new LinkedHashMap<>();
        for (LayerType t : values()) {
            all.put(t.word(), t);
        }
        return all;
    }

    /** The non-linearities as written in a file, and {@code none}. */
    static List<String> activations() {
        List<String> words = new ArrayList<>(List.of("none"));
        for (dev.lathe.graph.Activation a : dev.lathe.graph.Activation.values()) {
            words.add(a.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
        }
        return List.copyOf(words);
    }

    private static Parameter required(String name, Kind kind) {
        return new Parameter(name, kind, List.of(), true, null);
    }

    private static Parameter required(String name, List<String> words) {
        return new Parameter(name, Kind.WORD, words, true, null);
    }

    private static Parameter optional(String name, Kind kind, @Nullable String usual) {
        return new Parameter(name, kind, List.of(), false, usual);
    }

    private static Parameter optional(String name, List<String> words, String usual) {
        return new Parameter(name, Kind.WORD, words, false, usual);
    }
}
