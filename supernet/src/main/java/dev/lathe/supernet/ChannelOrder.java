package dev.lathe.supernet;

import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.InnerChannels.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the most important inner channels first before smaller widths open, since those are what small networks keep. The
 * importance of a channel is the sum of absolute values by which the next matrix reads it. Networks of full inner width compute
 * what they did (see {@link InnerChannels}).
 *
 * @see <a href="https://arxiv.org/abs/1908.09791">Cai et al., Once-for-All, ICLR 2020</a>, section 3.3
 */
final class ChannelOrder {
    /** Random networks in which the same parameters must be inner channels, too. */
    private static final int LOOKED_AT = 64;

    private final ParameterLayout layout;
    /** Every place by the parameter that reads the channels. */
    private final Map<String, Set<Place>> groups;

    /** The groups that all networks looked at agree on: what one of them adds to a residual stream must stay in its order. */
    ChannelOrder(SearchSpace space, ParameterLayout layout) {
        this.layout = layout;
        this.groups = new TreeMap<>(InnerChannels.of(space.lower(space.largest())));
        List<Architecture> others = new ArrayList<>(space.covering());
        others.add(space.smallest());
        for (int i = 0; i < LOOKED_AT; i++) {
            others.add(space.random(Seeds.generator(0, "channel order", i)));
        }
        for (Architecture a : others) {
            InnerChannels.of(space.lower(a))
                    .forEach((reader, places) ->
                            groups.computeIfPresent(reader, (r, known) -> known.equals(places) ? known : Set.of()));
        }
        groups.values().removeIf(Set::isEmpty);
    }

    /** Parameters that read a group. */
    Set<String> readers() {
        return groups.keySet();
    }

    /**
     * Re-orders parameters and the optimizer's state.
     *
     * @param narrow the narrowest network that was trained so far: its channels stay ahead of the others
     */
    void apply(SharedParameters parameters, AdamW optimizer, Graph narrow) {
        Map<String, Integer> ahead = new HashMap<>();
        for (Node n : narrow.nodes()) {
            WeightSlice weight = InnerChannels.dense(n);
            if (weight != null) {
                ahead.put(weight.parameter(), weight.extent(1));
            }
        }
        Map<String, float[]> values = parameters.values();
        Map<String, AdamW.Moments> moments = new LinkedHashMap<>(optimizer.state());
        groups.forEach((reader, places) -> {
            float[] weight = java.util.Objects.requireNonNull(values.get(reader));
            int[] order = order(weight, new Place(reader, 1), ahead.get(reader));
            for (Place p : places) {
                values.computeIfPresent(p.parameter(), (name, v) -> permuted(v, p, order));
                moments.computeIfPresent(
                        p.parameter(),
                        (name, m) -> new AdamW.Moments(
                                permuted(m.mean(), p, order), permuted(m.variance(), p, order), m.updates()));
            }
        });
        parameters.overwrite(values);
        optimizer.restore(moments);
    }

    /** Old places of the channels in their new order: by importance, first within those that are ahead, then within the rest. */
    private int[] order(float[] weight, Place reader, @Nullable Integer ahead) {
        int channels = layout.get(reader.parameter()).extents()[1];
        double[] importance = new double[channels];
        int inner = stride(reader);
        for (int i = 0; i < weight.length; i++) {
            importance[i / inner % channels] += Math.abs(weight[i]);
        }
        int first = ahead == null ? channels : ahead;
        Comparator<Integer> byImportance = Comparator.comparingDouble(c -> -importance[c]);
        return IntStream.range(0, channels)
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(c -> c < first ? 0 : 1).thenComparing(byImportance))
                .mapToInt(i -> i)
                .toArray();
    }

    /** Values between two neighbours on the axis. */
    private int stride(Place p) {
        int[] extents = layout.get(p.parameter()).extents();
        int inner = 1;
        for (int a = p.axis() + 1; a < extents.length; a++) {
            inner *= extents[a];
        }
        return inner;
    }

    private float[] permuted(float[] v, Place p, int[] order) {
        int inner = stride(p);
        int channels = layout.get(p.parameter()).extents()[p.axis()];
        float[] out = new float[v.length];
        for (int i = 0; i < v.length; i += inner) {
            int c = i / inner % channels;
            System.arraycopy(v, i + (order[c] - c) * inner, out, i, inner);
        }
        return out;
    }
}
