package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.device.mcu.Microcontroller;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceFileTest {
    @TempDir
    Path folder;

    @Test
    void everyBuiltInDeviceIsOneAndIsCalledAsItsFile() {
        for (String name : Devices.names()) {
            DeviceProfile d = Devices.get(name);
            assertThat(d.id()).isEqualTo(name);
            assertThat(TestMeters.of(d, 1).device()).isEqualTo(d);
        }
        DeviceProfile chip = Devices.get("stm32f746");
        assertThat(chip.memory().ramBytes()).isEqualTo(Microcontroller.STM32F746.sramBytes());
        assertThat(chip.memory().flashBytes()).isEqualTo(Microcontroller.STM32F746.flashBytes());
        assertThat(chip.precision()).isEqualTo(Precision.INT8);
        assertThat(chip.protocol().description()).contains("instructions", "estimate");
        assertThat(Devices.get("this-machine-plain").optimized()).isFalse();
        assertThat(Devices.get("this-machine-int8-b16").batch()).isEqualTo(16);
        assertThat(Devices.get("this-machine-t2").threads()).isEqualTo(2);
        DeviceProfile torch = Devices.get("this-machine-torch");
        assertThat(torch.runsGraphs()).isTrue();
        assertThat(torch.optimized()).isFalse();
        assertThat(torch.runtime()).matches("PyTorch [0-9.]+ by DJL [0-9.]+");
        assertThat(torch.hostFacts()).containsEntry("runtime", torch.runtime());
        assertThat(Devices.get("this-machine").runsGraphs()).isFalse();
    }

    @Test
    void aFileOfOnesOwnIsReadWithAllItSays() throws Exception {
        Path file = Files.writeString(folder.resolve("board.yaml"), """
                id: board
                description: a board in the cellar
                kind: ssh
                precision: int8
                threads: 4
                batch: 2
                optimized: false
                memory: {ramBytes: 4294967296}
                protocol: {warmUpRuns: 5, repetitions: 7, rounds: 3, extraRounds: 0, driftShare: 0}
                ssh: {host: 10.0.0.7, port: 2222, user: me, identity: /home/me/.ssh/id, program: /usr/bin/python3.11, timeoutSeconds: 30}
                """);
        DeviceProfile d = Devices.get(file.toString());
        assertThat(d.connection())
                .isEqualTo(new Connection.Ssh("10.0.0.7", 2222, "me", "/home/me/.ssh/id", "/usr/bin/python3.11", 30));
        assertThat(d.protocol().id()).isEqualTo("median-w5-t7-r3-us20-x0.5-m2");
        assertThat(d.memory()).isEqualTo(new DeviceProfile.Memory(4294967296L, null));
        assertThat(d.precision()).isEqualTo(Precision.INT8);
        assertThat(d.optimized()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "id: x",
                "id: 'a,b'\ndescription: d\nkind: local",
                "id: x\ndescription: d\nkind: cloud",
                "id: x\ndescription: d\nkind: local\ncolour: red",
                "id: x\ndescription: d\nkind: local\nthreads: 0",
                "id: x\ndescription: d\nkind: local\nthreads: 1.5",
                "id: x\ndescription: d\nkind: local\nprotocol: {rounds: many}",
                "id: x\ndescription: d\nkind: local\nprotocol: {outlierShare: .nan}",
                "id: x\ndescription: d\nkind: local\nruntime: tensorflow",
                "id: x\ndescription: d\nkind: local\nruntime: pytorch\nprecision: int8",
                "id: x\ndescription: d\nkind: local\nruntime: pytorch\noptimized: true",
                "id: x\ndescription: d\nkind: ssh\nruntime: pytorch\nssh: {host: y}",
                "id: x\ndescription: d\nkind: ssh",
                "id: x\ndescription: d\nkind: local\nssh: {host: y}",
                "id: x\ndescription: d\nkind: ssh\nssh: {host: -oProxyCommand=x}",
                "id: x\ndescription: d\nkind: ssh\nssh: {host: 'a b'}",
                "id: x\ndescription: d\nkind: ssh\nssh: {host: y, program: 'python3; rm -r x'}",
                "id: x\ndescription: d\nkind: ssh\nssh: {host: y, user: '$(x)'}",
                "id: x\ndescription: d\nkind: adb\nadb: {program: '/x y'}",
                "id: x\ndescription: d\nkind: adb\nadb: {program: /x, push: [-a]}",
                "id: x\ndescription: d\nkind: emulated\nemulated: {microcontroller: stm32f746, clockMhz: 1}",
                "id: x\ndescription: d\nkind: emulated\nprecision: int8\nemulated: {microcontroller: avr, clockMhz: 1}",
                "id: x\nid: y\ndescription: d\nkind: local",
                "id: x\n\tdescription: d",
            })
    void whatDescribesNoDeviceIsRefusedInOneLine(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("x.yaml"), text);
        assertThatThrownBy(() -> Devices.get(file.toString()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("x.yaml")
                .hasMessageNotContaining("\n");
    }

    @Test
    void missingAndHugeFilesAreRefused() throws Exception {
        assertThatThrownBy(() -> Devices.get(folder.resolve("none.yaml").toString()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is no file");
        Path huge = Files.writeString(folder.resolve("huge.yaml"), "#".repeat(1 << 17));
        assertThatThrownBy(() -> Devices.get(huge.toString())).hasMessageContaining("64 KiB");
    }
}
