/**
 * Devices and how networks are timed on them.
 *
 * <p>A {@link DeviceProfile} says what runs and by which {@link MeasurementProtocol}; numbers of two profiles are never
 * mixed. A {@link LatencyMeter} turns networks into {@link LatencyMeasurement}s, and a {@link MeasurementTable} keeps
 * them so that none is measured twice. {@link OnnxModel} runs an exported file. Start with {@link Devices}.
 */
@NullMarked
package dev.lathe.device;

import org.jspecify.annotations.NullMarked;
