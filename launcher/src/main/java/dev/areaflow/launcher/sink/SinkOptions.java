package dev.areaflow.launcher.sink;

/**
 * How a sink behaves.
 *
 * @param host where it listens
 * @param port its port, 0 for any free one
 * @param status of every answer
 * @param delayMillis how long every answer waits
 * @param json whether it prints a line of JSON for each request instead of readable text
 */
public record SinkOptions(String host, int port, int status, int delayMillis, boolean json) {
  public SinkOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: expected 0 to 65535, found " + port);
    }
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status: expected 200 to 599, found " + status);
    }
    if (delayMillis < 0) {
      throw new IllegalArgumentException("delay: expected 0 or more ms, found " + delayMillis);
    }
  }
}
