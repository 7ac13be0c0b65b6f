package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** An HTML form ({@code application/x-www-form-urlencoded}), read from raw bytes. */
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
   * A JSON object of the fields: texts, or a list of texts where a name comes several times; empty
   * where it is badly encoded.
   */
  static Optional<byte[]> object(byte[] form) {
    return fields(form)
        .map(
            fields -> {
              ObjectNode object = JsonNodeFactory.instance.objectNode();
              fields.forEach(
                  (name, values) -> {
                    if (values.size() == 1) {
                      object.put(name, values.getFirst());
                    } else {
                      ArrayNode all = object.putArray(name);
                      values.forEach(all::add);
                    }
                  });
              return object.toString().getBytes(UTF_8);
            });
  }

  /**
   * Decoded names and values one after the other, sorted by name and then by value, each pair once,
   * as Twilio signs them; empty where it is badly encoded.
   */
  static Optional<byte[]> sorted(byte[] form) {
    return fields(form)
        .map(
            fields -> {
              StringBuilder text = new StringBuilder();
              new TreeMap<>(fields)
                  .forEach(
                      (name, values) ->
                          new TreeSet<>(values).forEach(value -> text.append(name).append(value)));
              return text.toString().getBytes(UTF_8);
            });
  }

  /** The fields in the form's order; empty where one is badly encoded. */
  private static Optional<Map<String, List<String>>> fields(byte[] form) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    for (int start = 0; start < form.length; ) {
      int end = indexOf(form, '&', start, form.length);
      if (end > start) {
        int equals = indexOf(form, '=', start, end);
        Optional<String> name = decoded(form, start, equals).flatMap(FormPayload::text);
        Optional<String> value =
            decoded(form, Math.min(equals + 1, end), end).flatMap(FormPayload::text);
        if (name.isEmpty() || value.isEmpty()) {
          return Optional.empty();
        }
        fields.computeIfAbsent(name.get(), _ -> new ArrayList<>()).add(value.get());
      }
      start = end + 1;
    }
    return Optional.of(fields);
  }

  private static Optional<String> text(byte[] bytes) {
    try {
      return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
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
