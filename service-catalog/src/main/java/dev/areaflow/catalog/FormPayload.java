package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One field of an HTML form ({@code application/x-www-form-urlencoded}), read from raw bytes. */
final class FormPayload {
  private FormPayload() {}

  /** The decoded bytes of a field; empty where it is not given exactly once or badly encoded. */
  static Optional<byte[]> field(byte[] form, String name) {
    byte[] wanted = name.getBytes(StandardCharsets.US_ASCII);
    Optional<byte[]> found = Optional.empty();
    int start = 0;
    while (start <= form.length) {
      int end = indexOf(form, '&', start, form.length);
      int equals = indexOf(form, '=', start, end);
      if (equals < end && Arrays.equals(form, start, equals, wanted, 0, wanted.length)) {
        if (found.isPresent()) {
          return Optional.empty();
        }
        found = decoded(form, equals + 1, end);
        if (found.isEmpty()) {
          return found;
        }
      }
      start = end + 1;
    }
    return found;
  }

  /** Whether a delivery says that it is a form. */
  static boolean isForm(Delivery delivery) {
    return Webhook.mediaType(delivery.headers().getOrDefault("content-type", ""))
        .equals("application/x-www-form-urlencoded");
  }

  /**
   * Decoded names and values one after the other, sorted by name and then by value, each pair once,
   * as Twilio signs them; empty where it is badly encoded.
   */
  static Optional<byte[]> sorted(byte[] form) {
    Map<String, Set<String>> values = new TreeMap<>();
    for (int start = 0; start < form.length; ) {
      int end = indexOf(form, '&', start, form.length);
      if (end > start) {
        int equals = indexOf(form, '=', start, end);
        Optional<byte[]> name = decoded(form, start, equals);
        Optional<byte[]> value = decoded(form, Math.min(equals + 1, end), end);
        if (name.isEmpty() || value.isEmpty()) {
          return Optional.empty();
        }
        values
            .computeIfAbsent(new String(name.get(), UTF_8), _ -> new TreeSet<>())
            .add(new String(value.get(), UTF_8));
      }
      start = end + 1;
    }
    StringBuilder text = new StringBuilder();
    values.forEach((name, all) -> all.forEach(value -> text.append(name).append(value)));
    return Optional.of(text.toString().getBytes(UTF_8));
  }

  private static int indexOf(byte[] form, char separator, int from, int end) {
    int at = from;
    while (at < end && form[at] != separator) {
      at++;
    }
    return at;
  }

  private static Optional<byte[]> decoded(byte[] form, int from, int end) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(end - from);
    for (int at = from; at < end; at++) {
      if (form[at] == '+') {
        out.write(' ');
      } else if (form[at] != '%') {
        out.write(form[at]);
      } else {
        int high = at + 2 < end ? Character.digit(form[at + 1], 16) : -1;
        int low = high < 0 ? -1 : Character.digit(form[at + 2], 16);
        if (low < 0) {
          return Optional.empty();
        }
        out.write(high << 4 | low);
        at += 2;
      }
    }
    return Optional.of(out.toByteArray());
  }
}
