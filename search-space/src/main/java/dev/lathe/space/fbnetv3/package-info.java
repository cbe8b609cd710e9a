/**
 * FBNetV3: a space whose points are a network and the recipe that trains it. Start with {@link
 * dev.lathe.space.fbnetv3.FbnetV3Space}.
 */
@NullMarked
package dev.lathe.space.fbnetv3;

import org.jspecify.annotations.NullMarked;
