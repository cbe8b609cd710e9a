package dev.lathe.space.spaceevo;

import dev.lathe.space.TaskShape;

/** The block types that no released space has, on small images of one channel, which have no choice of resolution. */
class AllBlocksMobilewSpaceTest extends SpaceEvoSpaceContract {
    private final SpaceEvoSpace space =
            new SpaceEvoSpace(SpaceGenome.parse("mobilew-045633-155643"), new TaskShape(1, 32, 32, 10));

    @Override
    protected SpaceEvoSpace space() {
        return space;
    }
}
