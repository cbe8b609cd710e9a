package dev.lathe.device;

import java.io.IOException;

/** A device that does not answer, or not sensibly, after all tries: the message is one line that says what to do. */
public final class DeviceException extends IOException {
    private static final long serialVersionUID = 1L;

    public DeviceException(String message) {
        super(message);
    }

    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
