package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.areaflow.expressions.Problem;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The body of a request: as its content type says, as bytes where there is an encoding, or as
 * several parts.
 *
 * @param body a value, or missing
 * @param encoding how a text stands for bytes, or missing
 * @param parts in the place of a body, or missing
 */
record RequestBody(JsonNode body, JsonNode encoding, JsonNode parts) {
  /** Commands have a thread each: buffers kept for a thread would never be used again. */
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
              .build());

  private static final Pattern OTHER_CHARSET =
      Pattern.compile("(?i).*;\\s*charset\\s*=\\s*(?!\"?utf-8\"?\\s*(;|$)).*");
  private static final int MOST_BYTES = 8 * 1024 * 1024;

  /** The body that a manifest's request has. */
  static RequestBody of(JsonNode request) {
    return new RequestBody(request.path("body"), request.path("encoding"), request.path("parts"));
  }

  /** This body with what its references stand for, as {@link References#resolve}. */
  RequestBody resolved(JsonNode values, boolean rendered) {
    return new RequestBody(
        References.resolve(body, values, rendered),
        References.resolve(encoding, values, rendered),
        References.resolve(parts, values, rendered));
  }

  /**
   * Its bytes, and its content type among the headers; empty where there is none.
   *
   * @param written as the manifest has it, whose references tell the input of a problem
   */
  Optional<byte[]> write(RequestBody written, Map<String, String> fields, List<Problem> problems) {
    int before = problems.size();
    Optional<byte[]> bytes =
        parts.isMissingNode()
            ? whole(written, fields, problems)
            : related(written, fields, problems);
    bytes
        .filter(content -> content.length > MOST_BYTES)
        .ifPresent(
            content ->
                problems.add(
                    new Problem(
                        References.pointer(written.body()),
                        "expected a body of at most " + MOST_BYTES + " bytes")));
    return problems.size() > before ? Optional.empty() : bytes;
  }

  /** Notes what keeps it from being sent whatever the templates in it become. */
  void check(
      RequestBody written, boolean typeIsOpen, Map<String, String> fields, List<Problem> problems) {
    if (!parts.isMissingNode()) {
      RelatedParts.check(parts, written.parts(), false, problems);
    } else if (!written.encoding().isMissingNode()) {
      if (!Templates.isOne(body) && !Templates.isOne(encoding)) {
        EncodedText.bytes(body, encoding, References.pointer(written.body()), problems);
      }
    } else if (!typeIsOpen && !Templates.isOne(body)) {
      new RequestBody(Templates.blanked(body), encoding, parts).write(written, fields, problems);
    }
  }

  private Optional<byte[]> related(
      RequestBody written, Map<String, String> fields, List<Problem> problems) {
    int before = problems.size();
    RelatedParts.check(parts, written.parts(), true, problems);
    if (problems.size() > before) {
      return Optional.empty();
    }
    RelatedParts all = RelatedParts.of(parts);
    RequestHeaders.put(fields, RequestHeaders.CONTENT_TYPE, all.contentType());
    return Optional.of(all.bytes());
  }

  /** JSON, and its content type, where there is none. */
  private Optional<byte[]> whole(
      RequestBody written, Map<String, String> fields, List<Problem> problems) {
    if (body.isMissingNode()) {
      return Optional.empty();
    }
    String at = References.pointer(written.body());
    Optional<String> given = RequestHeaders.contentType(fields);
    if (!written.encoding().isMissingNode()) {
      fields.putIfAbsent(RequestHeaders.CONTENT_TYPE, given.orElse("application/octet-stream"));
      return Optional.of(EncodedText.bytes(body, encoding, at, problems));
    }
    if (given.isEmpty()) {
      fields.put(RequestHeaders.CONTENT_TYPE, "application/json");
    }
    String type = given.orElse("application/json");
    String media = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (OTHER_CHARSET.matcher(type).matches()) {
      problems.add(new Problem(at, "expected the charset UTF-8 in the content type " + type));
    } else if (media.equals("application/json") || media.endsWith("+json")) {
      return Optional.of(json(body));
    } else if (media.equals("application/x-www-form-urlencoded")) {
      return Optional.of(form(body, at, problems).getBytes(UTF_8));
    } else if (media.equals("text/plain") && body.isTextual()) {
      return Optional.of(body.textValue().getBytes(UTF_8));
    } else {
      problems.add(
          new Problem(
              at,
              media.equals("text/plain")
                  ? "expected a text, because the content type is text/plain"
                  : "expected the content type application/json, application/x-www-form-urlencoded"
                      + " or text/plain, found "
                      + media));
    }
    return Optional.empty();
  }

  static byte[] json(JsonNode value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is always writable", e);
    }
  }

  /** Name and value pairs. */
  private static String form(JsonNode value, String pointer, List<Problem> problems) {
    if (!value.isObject()) {
      problems.add(new Problem(pointer, "expected an object, because the content type is a form"));
      return "";
    }
    List<String> pairs = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      Iterable<JsonNode> values =
          field.getValue() instanceof ArrayNode several ? several : List.of(field.getValue());
      for (JsonNode one : values) {
        if (one.isContainerNode()) {
          problems.add(
              new Problem(
                  pointer + "/" + References.escaped(field.getKey()),
                  "expected a plain value or a list of them: it is sent as a form"));
        } else if (!one.isNull()) {
          pairs.add(
              URLEncoder.encode(field.getKey(), UTF_8)
                  + "="
                  + URLEncoder.encode(one.asText(), UTF_8));
        }
      }
    }
    return String.join("&", pairs);
  }
}
