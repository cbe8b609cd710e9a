/**
 * The topology space of NAS-Bench-201, its text form and its published costs. Start with {@link
 * dev.lathe.space.nasbench.NasBench201Space}.
 */
@NullMarked
package dev.lathe.space.nasbench;

import org.jspecify.annotations.NullMarked;
