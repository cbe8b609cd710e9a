package dev.lathe.graph.memory;

import dev.lathe.graph.Shape;

/** Bytes of tensors, whole or of the largest patch, and which of them are laid out alike. */
class Sizes {
    /** By tensor. */
    final long[] bytes;
    /** By tensor: of one channel of (C, H, W), 0 for other shapes. */
    final long[] channel;
    /** By tensor: equal where element i of one lies where element i of the other does. */
    final long[] layout;

    Sizes(int tensors) {
        bytes = new long[tensors];
        channel = new long[tensors];
        layout = new long[tensors];
    }

    /** Sizes of whole tensors. */
    static Sizes whole(Network net, DeploymentOptions options) {
        Sizes s = new Sizes(net.tensors.length);
        for (int t = 0; t < s.bytes.length; t++) {
            Shape shape = net.tensors[t].shape();
            s.bytes[t] = shape.elements() * options.bytesPerElement();
            s.layout[t] = shape.elements();
            if (shape.rank() == 3) {
                s.channel[t] = s.bytes[t] / shape.extent(0);
            }
            if (net.isInput(t) && isImage(net, t) && options.image() == DeploymentOptions.Image.EXCLUDED) {
                s.bytes[t] = 0;
            }
        }
        int out = net.root[net.graph.output().id()];
        if (options.outputBytesPerElement() != options.bytesPerElement()
                && !net.isInput(out)
                && net.rootReaders[out] == 0) {
            s.bytes[out] = net.tensors[out].shape().elements() * options.outputBytesPerElement();
            s.layout[out] = -1;
            s.channel[out] = 0;
        }
        return s;
    }

    /** Whether a result takes no more room than an operand, channel by channel and in all. */
    boolean fits(int out, int in) {
        return bytes[out] <= bytes[in] && channel[out] <= channel[in] && layout[out] != -1;
    }

    static boolean isImage(Network net, int tensor) {
        return net.isInput(tensor) && net.tensors[tensor].shape().rank() == 3;
    }
}
