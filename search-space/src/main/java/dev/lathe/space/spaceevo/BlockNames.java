package dev.lathe.space.spaceevo;

/** Names of the layers of each block, made once: every lowering needs hundreds. */
final class BlockNames {
    private static final int MAX_BLOCKS = 8;
    private static final BlockNames[][] ALL = new BlockNames[Hyperspace.STAGES + 1][MAX_BLOCKS];

    static {
        for (int stage = 0; stage < ALL.length; stage++) {
            for (int block = 0; block < MAX_BLOCKS; block++) {
                ALL[stage][block] = new BlockNames("stage" + stage + ".block" + block);
            }
        }
    }

    final String expand;
    final String spatial;
    final String spatial2;
    final String pointwise;
    final String gate;
    final String project;
    final String shortcut;
    final String add;
    /** The 3x3 convolutions of a chain. */
    final String[] chain;

    private BlockNames(String block) {
        expand = block + ".expand";
        spatial = block + ".spatial";
        spatial2 = block + ".spatial2";
        pointwise = block + ".pointwise";
        gate = block + ".gate";
        project = block + ".project";
        shortcut = block + ".shortcut";
        add = block + ".add";
        chain = new String[] {spatial + "0", spatial + "1", spatial + "2"};
    }

    static BlockNames of(int stage, int block) {
        return ALL[stage][block];
    }
}
