package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.expressions.Problem;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The references in a manifest's request, each a whole text: it becomes the value that it stands
 * for, with its type. What they stand for is one object: inputs by their keys, and all else by
 * names that no input has.
 */
final class References {
  /** What a poll goes on from. */
  static final String CURSOR = "${cursor}";

  /** What an item of a list is known by. */
  static final String ITEM = "${item}";

  private static final Pattern REFERENCE =
      Pattern.compile(
          "\\$\\{(?:inputs\\.([a-z][A-Za-z0-9]{0,63})|((?:hook|saved)\\.[a-z][A-Za-z0-9]{0,63}))}");
  private static final Pattern ENCODED =
      Pattern.compile("\\$\\{base64\\(inputs\\.([a-z][A-Za-z0-9]{0,63})\\)}");

  /** The mail that all inputs together describe, in Base64 for URLs. */
  private static final String MAIL = "${mail(inputs)}";

  private static final Pattern EACH =
      Pattern.compile("\\$\\{each inputs\\.([a-z][A-Za-z0-9]{0,63})}");

  /** The field of an object whose value is to be a text of JSON. */
  private static final String JSON_TEXT = "${json}";

  /** What headers can carry: nothing but ASCII. */
  private static final ObjectMapper ASCII =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private References() {}

  /**
   * Notes what is wrong with the references of a part.
   *
   * @param pointer where the part is
   * @param known keys of inputs, and the other names that there is something for
   */
  static void lint(String pointer, JsonNode part, Set<String> known, List<Problem> problems) {
    Optional<String> list = each(part);
    if (list.isPresent()) {
      lintEach(pointer + "/" + escaped(part.fieldNames().next()), part, known, problems);
      return;
    }
    for (Map.Entry<String, JsonNode> field : part.properties()) {
      lint(pointer + "/" + escaped(field.getKey()), field.getValue(), known, problems);
    }
    for (int i = 0; part.isArray() && i < part.size(); i++) {
      lint(pointer + "/" + i, part.get(i), known, problems);
    }
    if (part.asText().equals(MAIL)) {
      if (!known.containsAll(MailMessage.NEEDED)) {
        problems.add(
            new Problem(
                pointer, "expected the inputs " + new TreeSet<>(MailMessage.NEEDED) + " for it"));
      }
    } else if (part.isTextual() && part.textValue().contains("${")) {
      Optional<String> key = key(part);
      if (key.isEmpty()) {
        problems.add(
            new Problem(
                pointer,
                "expected one whole ${inputs.KEY}, ${base64(inputs.KEY)} or ${mail(inputs)}"));
      } else if (!known.contains(key.get())) {
        problems.add(unknown(pointer, key.get(), known));
      }
    }
  }

  private static void lintEach(
      String pointer, JsonNode part, Set<String> known, List<Problem> problems) {
    if (known.contains(ITEM)) {
      problems.add(
          new Problem(pointer, "expected no list in a list: ${item} would be of the inner one"));
    } else if (!known.contains(each(part).orElseThrow())) {
      problems.add(unknown(pointer, each(part).orElseThrow(), known));
    }
    Set<String> all = new TreeSet<>(known);
    all.add(ITEM);
    lint(pointer, part.iterator().next(), all, problems);
  }

  /** The problem of a name that there is nothing for. */
  static Problem unknown(String pointer, String name, Set<String> known) {
    return name.equals(CURSOR)
        ? new Problem(pointer, "there is no cursor here; add the part cursor")
        : new Problem(pointer, "expected one of the inputs " + new TreeSet<>(known));
  }

  /**
   * A part with what its references stand for; missing where that is.
   *
   * @param rendered whether the values hold no templates any more: what looks like one is a text
   */
  static JsonNode resolve(JsonNode part, JsonNode values, boolean rendered) {
    if (part.isTextual()) {
      return resolveText(part, values, rendered);
    }
    if (part.isObject() && part.size() == 1 && part.has(JSON_TEXT)) {
      return JSON.textNode(text(resolve(part.path(JSON_TEXT), values, rendered)));
    }
    Optional<String> list = each(part);
    if (list.isPresent()) {
      return resolveEach(values.path(list.get()), part.iterator().next(), values, rendered);
    }
    if (part.isObject()) {
      ObjectNode object = JSON.objectNode();
      for (Map.Entry<String, JsonNode> field : part.properties()) {
        JsonNode value = resolve(field.getValue(), values, rendered);
        if (!value.isMissingNode()) {
          object.set(field.getKey(), value);
        }
      }
      return object;
    }
    if (part.isArray()) {
      ArrayNode array = JSON.arrayNode();
      part.forEach(item -> addIfThere(array, resolve(item, values, rendered)));
      return array;
    }
    return part;
  }

  private static String text(JsonNode json) {
    try {
      return ASCII.writeValueAsString(json).replace("\u007f", "\\u007f");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is always writable", e);
    }
  }

  private static JsonNode resolveText(JsonNode part, JsonNode values, boolean rendered) {
    if (part.textValue().equals(MAIL)) {
      List<Problem> problems = new ArrayList<>();
      MailMessage.check(values, true, problems); // they are told elsewhere
      return JSON.textNode(problems.isEmpty() ? MailMessage.base64url(values) : "");
    }
    JsonNode value = key(part).map(values::path).orElse(part);
    return ENCODED.matcher(part.textValue()).matches() ? encoded(value, rendered) : value;
  }

  /** The list that an object stands for each item of. */
  private static Optional<String> each(JsonNode part) {
    if (!part.isObject() || part.size() != 1) {
      return Optional.empty();
    }
    Matcher each = EACH.matcher(part.fieldNames().next());
    return each.matches() ? Optional.of(each.group(1)) : Optional.empty();
  }

  private static JsonNode resolveEach(
      JsonNode list, JsonNode part, JsonNode values, boolean rendered) {
    if (!list.isArray()) {
      return list; // left out, or a template that becomes a list
    }
    ArrayNode array = JSON.arrayNode();
    ObjectNode all = JSON.objectNode();
    values.properties().forEach(value -> all.set(value.getKey(), value.getValue()));
    for (JsonNode item : list) {
      addIfThere(array, resolve(part, all.set(ITEM, item), rendered));
    }
    return array;
  }

  private static void addIfThere(ArrayNode array, JsonNode value) {
    if (!value.isMissingNode()) {
      array.add(value);
    }
  }

  private static JsonNode encoded(JsonNode value, boolean rendered) {
    return value.isValueNode() && !value.isNull() && (rendered || !Templates.isOne(value))
        ? JSON.textNode(Base64.getEncoder().encodeToString(value.asText().getBytes(UTF_8)))
        : value;
  }

  /** The name of what a whole text stands for; empty where it stands for itself. */
  static Optional<String> key(JsonNode part) {
    if (part.asText().equals(CURSOR) || part.asText().equals(ITEM)) {
      return Optional.of(part.asText());
    }
    for (Pattern pattern : List.of(REFERENCE, ENCODED)) {
      Matcher reference = pattern.matcher(part.asText());
      if (reference.matches()) {
        return Optional.ofNullable(reference.group(1)).or(() -> Optional.of(reference.group(2)));
      }
    }
    return Optional.empty();
  }

  /** Where the problem of a part lies within the inputs. */
  static String pointer(JsonNode part) {
    return key(part).map(key -> "/" + key).orElse("");
  }

  /** Whether a part has the mail in it. */
  static boolean hasMail(JsonNode part) {
    if (part.asText().equals(MAIL)) {
      return true;
    }
    for (JsonNode child : part) {
      if (hasMail(child)) {
        return true;
      }
    }
    return false;
  }

  /** A field's name in a JSON pointer. */
  static String escaped(String field) {
    return field.replace("~", "~0").replace("/", "~1");
  }
}
