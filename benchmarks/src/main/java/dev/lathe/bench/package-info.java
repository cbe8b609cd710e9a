/** JMH benchmarks of the paths that a search takes once per candidate. */
@NullMarked
package dev.lathe.bench;

import org.jspecify.annotations.NullMarked;
