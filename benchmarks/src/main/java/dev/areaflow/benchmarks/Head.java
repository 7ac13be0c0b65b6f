package dev.areaflow.benchmarks;

/** The head of an HTTP/1.1 message in a buffer. */
final class Head {
  private Head() {}

  /** Up to and with the empty line, -1 where there is none yet. */
  static int length(byte[] buffer, int filled) {
    for (int i = 3; i < filled; i++) {
      if (buffer[i] == '\n' && buffer[i - 2] == '\n' && buffer[i - 1] == '\r') {
        return i + 1;
      }
    }
    return -1;
  }
}
