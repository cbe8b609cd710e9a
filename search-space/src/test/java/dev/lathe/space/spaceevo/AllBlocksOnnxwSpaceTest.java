package dev.lathe.space.spaceevo;

import dev.lathe.space.TaskShape;

/** Each block type of the hyperspace in turn, on images of the least size with a choice of resolution. */
class AllBlocksOnnxwSpaceTest extends SpaceEvoSpaceContract {
    private final SpaceEvoSpace space =
            new SpaceEvoSpace(SpaceGenome.parse("onnxw-450123-131302"), new TaskShape(3, 112, 112, 7));

    @Override
    protected SpaceEvoSpace space() {
        return space;
    }
}
