/**
 * HELP, the meta-learned latency predictor: a graph network whose start suits a device it has seen ten latencies of, and
 * which a few gradient steps fit to that device. Written out in plain Java, second derivatives included, so that equal
 * seeds give equal bits and a worker needs no deep-learning engine.
 *
 * @see <a href="https://arxiv.org/abs/2106.08630">Lee et al., HELP, NeurIPS 2021</a>
 */
@NullMarked
package dev.lathe.predict.help;

import org.jspecify.annotations.NullMarked;
