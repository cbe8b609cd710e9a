package dev.lathe.device.mcu;

import dev.lathe.base.InvalidInputException;
import java.util.List;

/**
 * A microcontroller as a budget: the core decides which instructions there are, the sizes what fits.
 *
 * @param id name in commands
 * @param core value of the compiler's -mcpu
 * @param machine QEMU's board with this core
 * @param sramBytes RAM for arena, stack and static data
 * @param flashBytes internal flash for constants and code
 */
public record Microcontroller(String id, String core, String machine, long sramBytes, long flashBytes) {
    /** RAM, and flash, of the emulated boards: no budget can be larger. */
    public static final long BOARD_BYTES = 4L << 20;

    private static final int KIB = 1024;
    private static final String M4 = "cortex-m4";
    private static final String M7 = "cortex-m7";
    private static final String M4_BOARD = "mps2-an386";
    private static final String M7_BOARD = "mps2-an500";

    /** The smallest of the three: 64 KiB of closely coupled memory and two banks. */
    public static final Microcontroller STM32F746 =
            new Microcontroller("stm32f746", M7, M7_BOARD, 320 * KIB, 1024 * KIB);

    private static final List<Microcontroller> ALL = List.of(
            new Microcontroller("stm32f427", M4, M4_BOARD, 256 * KIB, 1024 * KIB),
            STM32F746,
            new Microcontroller("stm32h743", M7, M7_BOARD, 512 * KIB, 2048 * KIB));

    public static List<Microcontroller> all() {
        return ALL;
    }

    /** @throws InvalidInputException if there is none of this name */
    public static Microcontroller get(String id) {
        for (Microcontroller m : ALL) {
            if (m.id.equals(id)) {
                return m;
            }
        }
        throw InvalidInputException.unknown(
                "microcontroller", id, ALL.stream().map(Microcontroller::id).toList());
    }

    /** The same under another name. */
    public Microcontroller named(String name) {
        return new Microcontroller(name, core, machine, sramBytes, flashBytes);
    }

    /** The same core with other budgets. */
    public Microcontroller withBudgets(long sram, long flash) {
        return new Microcontroller(id, core, machine, sram, flash);
    }

    /**
     * Refuses what cannot fit, before anything is compiled.
     *
     * @param what is to fit, for the message
     * @throws InvalidInputException naming the excess in bytes
     */
    public void requireFits(String what, long ram, long flash) {
        require(what, "RAM", ram, sramBytes);
        require(what, "flash", flash, flashBytes);
    }

    private void require(String what, String memory, long needs, long has) {
        if (needs > has) {
            throw new InvalidInputException(
                    "%s needs %d bytes of %s, %d more than the %d of %s; choose a smaller network or a larger device"
                            .formatted(what, needs, memory, needs - has, has, id));
        }
    }
}
