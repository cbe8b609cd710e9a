package dev.lathe.space.hat;

import java.util.List;

/**
 * One network in HAT's own terms: values, not choices, of active layers only.
 *
 * @param encoderWidth embedding width of the encoder
 * @param encoderFeedForward inner width for each encoder layer
 * @param encoderHeads for each encoder layer
 * @param decoderWidth embedding width of the decoder
 * @param decoderFeedForward inner width for each decoder layer
 * @param decoderHeads of the self-attention, for each decoder layer
 * @param crossHeads of the attention to the encoder, for each decoder layer
 * @param attended for each decoder layer, to how many of the last encoder layers it attends: 1, 2 or 3
 */
public record HatConfiguration(
        int encoderWidth,
        List<Integer> encoderFeedForward,
        List<Integer> encoderHeads,
        int decoderWidth,
        List<Integer> decoderFeedForward,
        List<Integer> decoderHeads,
        List<Integer> crossHeads,
        List<Integer> attended) {
    public HatConfiguration {
        encoderFeedForward = List.copyOf(encoderFeedForward);
        encoderHeads = List.copyOf(encoderHeads);
        decoderFeedForward = List.copyOf(decoderFeedForward);
        decoderHeads = List.copyOf(decoderHeads);
        crossHeads = List.copyOf(crossHeads);
        attended = List.copyOf(attended);
        int depth = decoderFeedForward.size();
        if (encoderHeads.size() != encoderFeedForward.size()
                || decoderHeads.size() != depth
                || crossHeads.size() != depth
                || attended.size() != depth) {
            throw new IllegalArgumentException(
                    "The lists of a stack have one entry for each layer, but have %d and %d for the encoder, %d, %d, %d and %d for the decoder"
                            .formatted(
                                    encoderFeedForward.size(),
                                    encoderHeads.size(),
                                    depth,
                                    decoderHeads.size(),
                                    crossHeads.size(),
                                    attended.size()));
        }
    }

    public int encoderLayers() {
        return encoderFeedForward.size();
    }

    public int decoderLayers() {
        return decoderFeedForward.size();
    }

    /** HAT's code of a number of attended encoder layers: -1 for the last one, 1 for the last two, 2 for the last three. */
    static int attendedCode(int layers) {
        return layers == 1 ? -1 : layers - 1;
    }

    /** The number of layers of a code; 0, which is no number of layers, where there is no such code. */
    static int attendedLayers(int code) {
        return code == -1 ? 1 : code == 1 || code == 2 ? code + 1 : 0;
    }
}
