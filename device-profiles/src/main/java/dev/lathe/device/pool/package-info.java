/**
 * Devices that were measured on many networks: what is known before a new device is met. A {@link
 * dev.lathe.device.pool.PoolTable} is one device's measurements on one space, with the facts a reader needs to judge them; a
 * {@link dev.lathe.device.pool.DevicePool} finds the built-in tables and a user's own.
 */
@NullMarked
package dev.lathe.device.pool;

import org.jspecify.annotations.NullMarked;
