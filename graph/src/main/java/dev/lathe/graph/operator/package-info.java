/** The steps of a network as a runtime takes them, each with a signature under which its time can be kept and looked up. */
@NullMarked
package dev.lathe.graph.operator;

import org.jspecify.annotations.NullMarked;
