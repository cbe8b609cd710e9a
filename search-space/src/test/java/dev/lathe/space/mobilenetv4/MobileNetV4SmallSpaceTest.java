package dev.lathe.space.mobilenetv4;

import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.TaskShape;

class MobileNetV4SmallSpaceTest extends SearchSpaceContract {
    private final SearchSpace space = new MobileNetV4Space(MobileNetV4Size.SMALL, new TaskShape(3, 64, 64, 10));

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 200;
    }
}
