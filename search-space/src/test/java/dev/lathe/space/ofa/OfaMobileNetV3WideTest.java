package dev.lathe.space.ofa;

import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.TaskShape;

/** At another image size than the published one, where the resolution is fixed. */
class OfaMobileNetV3WideTest extends SearchSpaceContract {
    private final SearchSpace space = OfaMobileSpace.mobileNetV3W12(new TaskShape(3, 32, 32, 10));

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 300;
    }

    /** One code in 243 has all five units at full depth, so the standard error is 4.5 %. */
    @Override
    protected double sizeTolerance() {
        return 14;
    }
}
