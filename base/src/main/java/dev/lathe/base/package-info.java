/**
 * What every module shares: errors that are the user's to mend, files that are written whole or not at all, seeds, JSON.
 *
 * <p>Nothing here knows a graph, a space or a device.
 */
@NullMarked
package dev.lathe.base;

import org.jspecify.annotations.NullMarked;
