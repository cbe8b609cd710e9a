/**
 * MobileNetV4: universal inverted bottlenecks and mobile multi-query attention. The released models are points of {@link
 * dev.lathe.space.mobilenetv4.MobileNetV4Space}; start there.
 */
@NullMarked
package dev.lathe.space.mobilenetv4;

import org.jspecify.annotations.NullMarked;
