package dev.lathe.supernet;

import dev.lathe.space.SearchSpace;
import java.io.IOException;

/** What a training trains: its parameters, where they start, and how their networks run. */
interface Trainee {
    ParameterLayout layout();

    /** Parameters as they are before the first step; owned by the caller. */
    SharedParameters fresh() throws IOException;

    /** @param parameters of {@link #layout} */
    GraphExecutor executor(SharedParameters parameters);

    /** What decides the weights beside space, settings and data; empty where that is nothing. */
    String identity() throws IOException;

    /** Float32 networks from random weights. */
    static Trainee random(SearchSpace space, TrainingConfig config, Initialization initialization) {
        ParameterLayout plain = ParameterLayout.of(space);
        ParameterLayout layout = config.shrinking().kernelTransforms() ? KernelTransforms.layout(space, plain) : plain;
        return new Trainee() {
            @Override
            public ParameterLayout layout() {
                return layout;
            }

            @Override
            public SharedParameters fresh() {
                return SharedParameters.initialize(layout, config.seed(), initialization);
            }

            @Override
            public GraphExecutor executor(SharedParameters parameters) {
                return new GraphExecutor(parameters);
            }

            @Override
            public String identity() {
                return "";
            }
        };
    }
}
