package dev.lathe.device;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a device is reached. */
public sealed interface Connection {
    /** What executes networks on the machine that the program runs on. */
    enum Engine {
        /** ONNX Runtime, which is given an ONNX file. */
        ONNX_RUNTIME,
        /** PyTorch by DJL, which runs a network's graph operator by operator. */
        PYTORCH
    }

    /** The machine that the program runs on. */
    record Local(Engine engine) implements Connection {}

    /** Whether networks run there operator by operator from their graphs, not as ONNX files. */
    default boolean runsGraphs() {
        return this instanceof Local l && l.engine() == Engine.PYTORCH;
    }

    /** A device that answers elsewhere, by a program of ours that runs there. */
    sealed interface Remote extends Connection {
        /** Longest time that it may take to answer, in seconds. */
        int timeoutSeconds();
    }

    /**
     * Another machine, by the ssh client of this one with its keys and configuration; never asks for a password.
     *
     * @param host name or address, without spaces and without a leading dash
     * @param port of its ssh server; 0 for what the client's configuration says
     * @param user who logs in there; null for what the client's configuration says
     * @param identity file of the private key; null for what the client's configuration says
     * @param program Python 3 there, with its package onnxruntime: a name or path
     * @param timeoutSeconds longest time that it may take to answer
     */
    record Ssh(
            String host,
            int port,
            @Nullable String user,
            @Nullable String identity,
            String program,
            int timeoutSeconds) implements Remote {}

    /**
     * A phone, by the adb client of this machine.
     *
     * @param serial which one, as {@code adb devices} lists it; null where there is one
     * @param program what is run there: a path on the phone
     * @param push files of this machine that are put beside it first, the program among them
     * @param timeoutSeconds longest time that it may take to answer
     */
    record Adb(@Nullable String serial, String program, List<String> push, int timeoutSeconds) implements Remote {
        public Adb {
            push = List.copyOf(push);
        }
    }

    /**
     * A microcontroller's core under an emulator.
     *
     * @param microcontroller name of one that {@link dev.lathe.device.mcu.Microcontroller} knows
     * @param clockMhz 10^6 cycles a second, by which instructions become an estimate of milliseconds
     */
    record Emulated(String microcontroller, double clockMhz) implements Connection {}
}
