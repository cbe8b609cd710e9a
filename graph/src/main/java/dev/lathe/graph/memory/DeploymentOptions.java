package dev.lathe.graph.memory;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a deployment plan may assume and do.
 *
 * @param bytesPerElement of activations and weights: 1 for int8
 * @param outputBytesPerElement of the graph's output: 2 where the classifier gives 16-bit logits
 * @param image where the input image is
 * @param staging how weights reach the processor
 * @param stagingBytes size of the staging buffer of {@link Staging#TILE}; 0 otherwise
 * @param techniques those that are allowed
 * @param tileTokens tokens in a tile of {@link Technique#TOKEN_TILES}; 2 lets a kernel use each weight twice
 * @param patchGrids patches per side that {@link Technique#PATCH_STAGES} tries, increasing
 * @param codeBytes code and run time, part of the flash
 */
public record DeploymentOptions(
        int bytesPerElement,
        int outputBytesPerElement,
        Image image,
        Staging staging,
        long stagingBytes,
        Set<Technique> techniques,
        int tileTokens,
        List<Integer> patchGrids,
        long codeBytes) {
    private static final int MAX_GRID = 64;

    /** Where the input image is. Other inputs are always counted. */
    public enum Image {
        /** In SRAM until its last use, and counted. */
        RESIDENT,
        /** In a camera or in flash, from where any band or patch can be read, any number of times; that is counted. */
        STREAMED,
        /** Not counted at all, as in the published analytic figures of patch-based inference. */
        EXCLUDED
    }

    /** How weights reach the processor. */
    public enum Staging {
        /** Read in place from memory-mapped flash. */
        IN_PLACE,
        /** Copied to SRAM a part at a time. */
        TILE,
        /** The whole weight of the running operator is copied to SRAM. */
        WHOLE
    }

    public DeploymentOptions {
        techniques = Set.copyOf(techniques);
        patchGrids = List.copyOf(patchGrids);
        require(
                bytesPerElement >= 1
                        && bytesPerElement <= 8
                        && outputBytesPerElement >= 1
                        && outputBytesPerElement <= 8,
                "Bytes per element must be 1 to 8, but were %s and %s",
                bytesPerElement,
                outputBytesPerElement);
        require(
                staging == Staging.TILE ? stagingBytes >= 1 : stagingBytes == 0,
                "Staging %s does not go with a staging buffer of %s bytes; give one for TILE only",
                staging,
                stagingBytes);
        require(tileTokens >= 1, "A tile has at least 1 token, but tileTokens was %s", tileTokens);
        require(codeBytes >= 0, "codeBytes must not be negative, but was %s", codeBytes);
        int before = 1;
        for (int grid : patchGrids) {
            require(
                    grid > before && grid <= MAX_GRID,
                    "Patch grids must increase from 2 to at most 64, but were %s",
                    patchGrids);
            before = grid;
        }
    }

    /** All techniques, int8, weights in place, the image streamed, 2 to 4 patches a side, 7 KiB of code. */
    public static DeploymentOptions int8() {
        return new DeploymentOptions(
                1,
                2,
                Image.STREAMED,
                Staging.IN_PLACE,
                0,
                EnumSet.allOf(Technique.class),
                2,
                List.of(2, 3, 4),
                7 * 1024);
    }

    public DeploymentOptions withTechniques(Set<Technique> allowed) {
        return new DeploymentOptions(
                bytesPerElement,
                outputBytesPerElement,
                image,
                staging,
                stagingBytes,
                allowed,
                tileTokens,
                patchGrids,
                codeBytes);
    }

    /** All that is allowed now but one. */
    public DeploymentOptions without(Technique technique) {
        Set<Technique> rest = EnumSet.noneOf(Technique.class);
        rest.addAll(techniques);
        rest.remove(technique);
        return withTechniques(rest);
    }

    public DeploymentOptions withImage(Image where) {
        return new DeploymentOptions(
                bytesPerElement,
                outputBytesPerElement,
                where,
                staging,
                stagingBytes,
                techniques,
                tileTokens,
                patchGrids,
                codeBytes);
    }

    public DeploymentOptions withStaging(Staging how, long tileBytes) {
        return new DeploymentOptions(
                bytesPerElement,
                outputBytesPerElement,
                image,
                how,
                tileBytes,
                techniques,
                tileTokens,
                patchGrids,
                codeBytes);
    }

    public DeploymentOptions withPatchGrids(List<Integer> grids) {
        return new DeploymentOptions(
                bytesPerElement,
                outputBytesPerElement,
                image,
                staging,
                stagingBytes,
                techniques,
                tileTokens,
                grids,
                codeBytes);
    }

    boolean allows(Technique technique) {
        return techniques.contains(technique);
    }

    /** SRAM that an operator needs for its weights while it runs. */
    long stagedBytes(long weightElements) {
        return switch (staging) {
            case IN_PLACE -> 0;
            case TILE -> Math.min(stagingBytes, weightElements * bytesPerElement);
            case WHOLE -> weightElements * bytesPerElement;
        };
    }

    private static void require(boolean condition, String message, Object... values) {
        if (!condition) {
            throw new IllegalArgumentException(message.formatted(values));
        }
    }
}
