/** Memory of networks while they run: what the planner says, corrected by what was seen of a few. */
@NullMarked
package dev.lathe.predict.memory;

import org.jspecify.annotations.NullMarked;
