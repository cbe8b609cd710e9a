package dev.lathe.space.spaceevo;

/** The released space for the Pixel 4. */
class MobilewSpaceTest extends SpaceEvoSpaceContract {
    private final SpaceEvoSpace space = new SpaceEvoSpace(SpaceGenome.PIXEL4, SpaceEvoSpace.IMAGENET);

    @Override
    protected SpaceEvoSpace space() {
        return space;
    }
}
