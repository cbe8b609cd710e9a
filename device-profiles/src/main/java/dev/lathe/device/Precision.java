package dev.lathe.device;

/** The number format that a network runs in on a device. */
public enum Precision {
    /** 32-bit floating point, 4 bytes an element. */
    FP32(4),
    /** 8-bit integers with scales, 1 byte an element. */
    INT8(1);

    private final int bytesPerElement;

    Precision(int bytesPerElement) {
        this.bytesPerElement = bytesPerElement;
    }

    public int bytesPerElement() {
        return bytesPerElement;
    }
}
