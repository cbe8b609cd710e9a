package dev.lathe.space.mcuformer;

import java.util.ArrayList;
import java.util.List;

/**
 * The names of a network's nodes and parameters, made once for a supernet: lowering makes thousands of networks a second.
 *
 * @param patch patch convolution
 * @param flat patches as columns
 * @param tokens patches as rows
 * @param classToken the class token put before them
 * @param position absolute positions
 * @param blocks one for each layer
 * @param norm last normalization
 * @param patchTokens the tokens without the class token
 * @param mean their mean
 * @param classifier the last layer
 */
record TransformerNames(
        Named patch,
        String flat,
        String tokens,
        Named classToken,
        Named position,
        List<Block> blocks,
        Named norm,
        String patchTokens,
        String mean,
        Named classifier) {

    /**
     * @param prefix of every name; different for networks that share nothing
     * @param layers greatest depth
     */
    static TransformerNames of(String prefix, int layers) {
        List<Block> blocks = new ArrayList<>(layers);
        for (int l = 0; l < layers; l++) {
            blocks.add(Block.of(prefix + "layer" + l));
        }
        return new TransformerNames(
                Named.linear(prefix + "patch"),
                prefix + "patch.flat",
                prefix + "patch.tokens",
                new Named(prefix + "class", prefix + "class.token", ""),
                new Named(prefix + "position", prefix + "position.table", ""),
                List.copyOf(blocks),
                Named.norm(prefix + "norm"),
                prefix + "patch.normed",
                prefix + "mean",
                Named.linear(prefix + "classifier"));
    }

    /**
     * A node with parameters.
     *
     * @param node name of the node
     * @param first its weight, gain or table
     * @param second its bias, offset or second table; empty where there is none
     */
    record Named(String node, String first, String second) {
        static Named linear(String n) {
            return new Named(n, n + ".weight", n + ".bias");
        }

        static Named norm(String n) {
            return new Named(n, n + ".scale", n + ".shift");
        }

        static Named relative(String n) {
            return new Named(n, n + ".vertical", n + ".horizontal");
        }
    }

    /** A linear layer in up to three matrices. */
    record Factors(Named in, Named middle, Named out) {
        static Factors of(String n) {
            return new Factors(Named.linear(n + ".in"), Named.linear(n + ".middle"), Named.linear(n));
        }
    }

    /** One of queries, keys and values. */
    record Part(Named linear, String split, String heads) {
        static Part of(String n) {
            return new Part(Named.linear(n), n + ".split", n + ".heads");
        }
    }

    /** One layer. */
    record Block(
            Named attentionNorm,
            Factors shared,
            Part query,
            Part key,
            Part value,
            String scores,
            Named relativeKeys,
            String scoresSum,
            String softmax,
            String mix,
            Named relativeValues,
            String mixSum,
            String mixTokens,
            String mixJoin,
            Factors project,
            String attentionAdd,
            Named mlpNorm,
            Factors up,
            String gelu,
            Factors down,
            String mlpAdd) {
        static Block of(String layer) {
            return new Block(
                    Named.norm(layer + ".attention.norm"),
                    Factors.of(layer + ".qkv"),
                    Part.of(layer + ".query"),
                    Part.of(layer + ".key"),
                    Part.of(layer + ".value"),
                    layer + ".scores",
                    Named.relative(layer + ".relative.keys"),
                    layer + ".scores.sum",
                    layer + ".softmax",
                    layer + ".mix",
                    Named.relative(layer + ".relative.values"),
                    layer + ".mix.sum",
                    layer + ".mix.tokens",
                    layer + ".mix.join",
                    Factors.of(layer + ".project"),
                    layer + ".attention.add",
                    Named.norm(layer + ".mlp.norm"),
                    Factors.of(layer + ".up"),
                    layer + ".gelu",
                    Factors.of(layer + ".down"),
                    layer + ".mlp.add");
        }
    }
}
