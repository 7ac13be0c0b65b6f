package dev.areaflow.benchmarks;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * The id of a measured delivery. It travels from the load through the platform to the sink, and
 * says which run it belongs to and when it was meant to be sent. Always {@link #LENGTH} characters.
 *
 * @param micros when it was meant to be sent, microseconds since 1970; the processes share a clock
 * @param run which run, 0 to 9999
 * @param number of the delivery in its run, from 0
 */
record DeliveryId(long micros, int run, int number) {
  private static final String PREFIX = "bench-";
  private static final byte[] PREFIX_BYTES = PREFIX.getBytes(StandardCharsets.US_ASCII);
  private static final int MICROS_DIGITS = 16;
  private static final int RUN_DIGITS = 4;
  private static final int NUMBER_DIGITS = 9;

  static final int LENGTH = PREFIX.length() + MICROS_DIGITS + 1 + RUN_DIGITS + 1 + NUMBER_DIGITS;

  /** The time now, in the unit of {@link #micros}. */
  static long nowMicros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000L + now.getNano() / 1_000;
  }

  /** Writes the id in ASCII. */
  void writeTo(byte[] target, int at) {
    System.arraycopy(PREFIX_BYTES, 0, target, at, PREFIX_BYTES.length);
    int next = at + PREFIX_BYTES.length;
    next = digits(target, next, MICROS_DIGITS, micros);
    target[next++] = '-';
    next = digits(target, next, RUN_DIGITS, run);
    target[next++] = '-';
    digits(target, next, NUMBER_DIGITS, number);
  }

  private static int digits(byte[] target, int at, int count, long value) {
    long rest = value;
    for (int i = at + count - 1; i >= at; i--) {
      target[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return at + count;
  }

  /** The first id in some bytes. */
  static Optional<DeliveryId> find(byte[] bytes, int length) {
    for (int at = 0; at + LENGTH <= length; at++) {
      if (startsAt(bytes, at)) {
        int next = at + PREFIX_BYTES.length;
        long micros = number(bytes, next, MICROS_DIGITS);
        long run = number(bytes, next + MICROS_DIGITS + 1, RUN_DIGITS);
        long number = number(bytes, next + MICROS_DIGITS + RUN_DIGITS + 2, NUMBER_DIGITS);
        if (micros >= 0 && run >= 0 && number >= 0) {
          return Optional.of(new DeliveryId(micros, (int) run, (int) number));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean startsAt(byte[] bytes, int at) {
    for (int i = 0; i < PREFIX_BYTES.length; i++) {
      if (bytes[at + i] != PREFIX_BYTES[i]) {
        return false;
      }
    }
    return true;
  }

  /** The number, or -1 where there is something else. */
  private static long number(byte[] bytes, int at, int count) {
    long value = 0;
    for (int i = at; i < at + count; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return -1;
      }
      value = value * 10 + (bytes[i] - '0');
    }
    return value;
  }
}
