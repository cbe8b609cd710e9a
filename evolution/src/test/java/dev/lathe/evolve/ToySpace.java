package dev.lathe.evolve;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** A depth, and for each block a kernel, an expansion and a width; blocks beyond the depth are inactive. Never lowered. */
record ToySpace(int blocks, int choices) implements SearchSpace {
    static final List<String> METRICS = List.of("top1", "latencyMs", "peakActivationBytes");

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public String description() {
        return "for tests";
    }

    @Override
    public TaskShape task() {
        return new TaskShape(1, 8, 8, 10);
    }

    @Override
    public List<Decision> decisions() {
        List<Decision> all = new ArrayList<>();
        all.add(upTo("depth", blocks));
        for (int b = 0; b < blocks; b++) {
            for (String what : List.of("kernel", "expansion", "width")) {
                all.add(upTo("block" + b + "." + what, choices));
            }
        }
        return all;
    }

    private static Decision upTo(String name, int size) {
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = i + 1;
        }
        return Decision.of(name, values);
    }

    @Override
    public Architecture canonical(Architecture a) {
        int[] c = a.choices();
        for (int i = 1 + 3 * (c[0] + 1); i < c.length; i++) {
            c[i] = 0;
        }
        return Architecture.of(name(), c);
    }

    @Override
    public Graph lower(Architecture a) {
        throw new UnsupportedOperationException("the search must not lower anything");
    }

    @Override
    public BigInteger size() {
        BigInteger block = BigInteger.valueOf((long) choices * choices * choices);
        BigInteger sum = BigInteger.ZERO;
        for (int d = 1; d <= blocks; d++) {
            sum = sum.add(block.pow(d));
        }
        return sum;
    }

    /** Accuracy saturates with capacity, latency and memory pull in different directions. */
    static double[] score(Architecture a) {
        double capacity = 0;
        double latency = 0.05;
        double memory = 64;
        for (int b = 0; b <= a.choice(0); b++) {
            int kernel = 1 + a.choice(1 + 3 * b);
            int expansion = 1 + a.choice(2 + 3 * b);
            int width = 1 + a.choice(3 + 3 * b);
            capacity += Math.sqrt(kernel * (1 + b % 2)) + 0.7 * Math.log(1 + expansion * width) - 0.05 * kernel * width;
            latency += 0.01 * kernel * kernel * expansion + 0.02 * width * (1 + (b + 1) % 2);
            memory = Math.max(memory, 64.0 * width * (1 + expansion) / (1 + b));
        }
        return new double[] {1 - Math.exp(-0.35 * capacity), latency, memory};
    }

    SearchProblem problem(Budget... budgets) {
        return new SearchProblem(
                this,
                METRICS,
                List.of(
                        Objective.maximize("top1"),
                        Objective.minimize("latencyMs"),
                        Objective.minimize("peakActivationBytes")),
                List.of(budgets));
    }

    static LocalBatchEvaluator evaluator(int threads) {
        return new LocalBatchEvaluator(METRICS, ToySpace::score, threads);
    }
}
