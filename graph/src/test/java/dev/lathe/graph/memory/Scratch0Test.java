package dev.lathe.graph.memory;

import dev.lathe.graph.*;
import java.util.*;
import org.junit.jupiter.api.Test;

class Scratch0Test {
    static void show(String what, DeploymentPlan p) {
        System.out.println(what + " peak " + p.peakSramBytes() + " live " + p.largestLiveBytes() + " KiB " + p.peakSramBytes() / 1024.0 + " extra " + p.extraMacs() + " flash " + p.flashBytes() + " stage " + p.patchStage().map(s -> s.grid() + "/" + s.regions()));
    }
    @Test
    void look() {
        DeploymentOptions o = DeploymentOptions.int8();
        Networks.Transformer[] rows = {
            new Networks.Transformer(224, 16, 192, 12, 3, 64, 4, 134, 1000, false),
            new Networks.Transformer(240, 20, 192, 12, 3, 64, 4, 134, 1000, false),
            new Networks.Transformer(240, 16, 240, 14, 4, 64, 4, 168, 1000, false),
            new Networks.Transformer(64, 8, 96, 8, 3, 32, 4, 67, 10, false)};
        for (var r : rows) {
            var p = DeploymentPlanner.plan(r.graph(), o.without(Technique.FACTOR_RECOMPUTATION));
            show("vit", p);
            for (int i = 0; i < 3; i++) {
              var reg = p.regions().get(i);
              long most = 0;
              for (int s = reg.firstStep(); s <= reg.lastStep(); s++) { int ss = s; most = Math.max(most, p.buffers().stream().filter(b -> b.firstStep() <= ss && ss <= b.lastStep()).mapToLong(b -> b.bytesAt(ss)).sum()); }
              System.out.println("  " + reg.words() + " : " + most + " " + most / 1024.0);
            }
            show("vit recompute", DeploymentPlanner.plan(r.graph(), o));
        }
        Graph m = Networks.mobileNetV2(224, 1000);
        show("mbv2 all", DeploymentPlanner.plan(m, o));
        show("mbv2 excluded, no patches", DeploymentPlanner.plan(m, o.withImage(DeploymentOptions.Image.EXCLUDED).without(Technique.PATCH_STAGES)));
        show("mbv2 excluded, 4x4", DeploymentPlanner.plan(m, o.withImage(DeploymentOptions.Image.EXCLUDED).withPatchGrids(List.of(4))));
        show("mbv2 streamed, 4x4", DeploymentPlanner.plan(m, o.withPatchGrids(List.of(4))));
        show("mbv2 streamed, 2..7", DeploymentPlanner.plan(m, o.withPatchGrids(List.of(2,3,4,5,6,7))));
        show("mbv2 excluded, no patches no dw", DeploymentPlanner.plan(m, o.withImage(DeploymentOptions.Image.EXCLUDED).without(Technique.PATCH_STAGES).without(Technique.DEPTHWISE_IN_PLACE)));
        System.out.println("whole " + MemoryPlanner.peakBytes(m, 1));
        DeploymentPlanner.plan(m, o).regions().forEach(r -> System.out.println(r.words()));
        Graph ofa = Networks.onceForAll();
        System.out.println(ofa.nodes().size() + " nodes");
        for (int round = 0; round < 6; round++) {
            long t = System.nanoTime(); int n = 0;
            while (System.nanoTime() - t < 1e9) { MemoryPlanner.peakBytes(ofa, 1); n++; }
            long t2 = System.nanoTime(); int k = 0;
            while (System.nanoTime() - t2 < 1e9) { DeploymentPlanner.peakSramBytes(ofa, o.without(Technique.PATCH_STAGES)); k++; }
            long t3 = System.nanoTime(); int f = 0;
            while (System.nanoTime() - t3 < 1e9) { DeploymentPlanner.peakSramBytes(ofa, o); f++; }
            System.out.println("plans/s " + n + " deploy without patches " + k + " with " + f);
        }
        show("ofa", DeploymentPlanner.plan(ofa, o));
    }
}
