package dev.lathe.cluster;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * How long a search takes on a cluster, from what its parts cost: a simulation of who waits for whom. Times of evaluations are drawn
 * from a log-normal distribution, of which some are stragglers; the driver starts tasks one after the other.
 *
 * @param jobMs of a job that does nothing: what a generation, or an epoch of islands, pays once
 * @param taskMs of the driver for each task
 * @param submitMs of the driver for each evaluation that is a job of its own
 * @param evaluationMs mean of an evaluation
 * @param spread standard deviation of an evaluation's time over its mean, without stragglers
 * @param stragglers share of evaluations that take {@code factor} times as long
 * @param factor of these
 */
public record ScalingModel(
        double jobMs,
        double taskMs,
        double submitMs,
        double evaluationMs,
        double spread,
        double stragglers,
        double factor) {
    private static final int GENERATIONS_OF_AN_EPOCH = 10;

    /**
     * A predicted search.
     *
     * @param seconds it takes
     * @param speedUp over one core without a cluster
     */
    public record Prediction(double seconds, double speedUp) {}

    /** Generations of one batch each: all wait for the slowest. */
    public Prediction generations(int cores, int population, int evaluations) {
        double[] times = draw(evaluations);
        double wall = 0;
        for (int from = 0; from < evaluations; from += population) {
            int to = Math.min(evaluations, from + population);
            int n = to - from;
            int tasks = n < 4 * cores ? Math.min(cores, n) : 2 * cores;
            double[] sums = new double[tasks];
            for (int t = 0; t < tasks; t++) {
                int end = from + (int) ((long) n * (t + 1) / tasks);
                for (int i = from + (int) ((long) n * t / tasks); i < end; i++) {
                    sums[t] += times[i];
                }
            }
            wall += jobMs + makespan(sums, cores);
        }
        return prediction(times, wall);
    }

    /** As many islands as cores, which wait for the slowest once in ten generations. */
    public Prediction islands(int cores, int population, int evaluations) {
        double[] times = draw(evaluations);
        int epoch = Math.max(4, population / cores) * GENERATIONS_OF_AN_EPOCH * cores;
        double wall = 0;
        for (int from = 0; from < evaluations; from += epoch) {
            int n = Math.min(evaluations - from, epoch);
            double[] sums = new double[cores];
            for (int i = 0; i < n; i++) {
                sums[i % cores] += times[from + i];
            }
            wall += jobMs + makespan(sums, cores);
        }
        return prediction(times, wall);
    }

    /** One by one, each begun when the result that lies {@code inFlight} back has joined, in order. */
    public Prediction asynchronous(int cores, int inFlight, int evaluations) {
        double[] times = draw(evaluations);
        double[] joined = new double[evaluations];
        PriorityQueue<Double> free = new PriorityQueue<>();
        for (int i = 0; i < cores; i++) {
            free.add(0.0);
        }
        double driver = 0;
        for (int k = 0; k < evaluations; k++) {
            double asked = Math.max(driver, k < inFlight ? 0 : joined[k - inFlight]) + submitMs;
            driver = asked;
            double start = Math.max(asked, free.remove());
            double end = start + times[k];
            free.add(end);
            joined[k] = Math.max(end, k == 0 ? 0 : joined[k - 1]);
        }
        return prediction(times, evaluations == 0 ? 0 : joined[evaluations - 1] + jobMs);
    }

    private double makespan(double[] tasks, int cores) {
        PriorityQueue<Double> free = new PriorityQueue<>();
        for (int i = 0; i < cores; i++) {
            free.add(0.0);
        }
        double end = 0;
        for (int t = 0; t < tasks.length; t++) {
            double done = Math.max((t + 1) * taskMs, free.remove()) + tasks[t];
            free.add(done);
            end = Math.max(end, done);
        }
        return end;
    }

    private static Prediction prediction(double[] times, double wallMs) {
        return new Prediction(wallMs / 1000, Arrays.stream(times).sum() / wallMs);
    }

    /** The same for every mode: what differs is who waits. */
    private double[] draw(int evaluations) {
        SplittableRandom random = new SplittableRandom(1);
        double sigma = Math.sqrt(Math.log(1 + spread * spread));
        double median = evaluationMs / Math.exp(sigma * sigma / 2) / (1 + stragglers * (factor - 1));
        double[] times = new double[evaluations];
        for (int i = 0; i < evaluations; i++) {
            times[i] = median * Math.exp(sigma * random.nextGaussian());
            times[i] *= random.nextDouble() < stragglers ? factor : 1;
        }
        return times;
    }
}
