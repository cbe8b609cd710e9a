package dev.lathe.space.spaceevo;

/** The released space for Intel processors with VNNI. */
class OnnxwSpaceTest extends SpaceEvoSpaceContract {
    private final SpaceEvoSpace space = new SpaceEvoSpace(SpaceGenome.VNNI, SpaceEvoSpace.IMAGENET);

    @Override
    protected SpaceEvoSpace space() {
        return space;
    }
}
