package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.expressions.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A manifest's HTTP request, filled with inputs. An input takes its place whole and with its type;
 * only into a path below the service's base URL are inputs spliced, percent-encoded.
 */
final class RequestTemplate {
  /** Commands have a thread each: buffers kept for a thread would never be used again. */
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
              .build());

  /** What a poll goes on from stands among its inputs by this name, which no input has. */
  static final String CURSOR = "${cursor}";

  private static final Pattern REFERENCE =
      Pattern.compile(
          "\\$\\{(?:inputs\\.([a-z][A-Za-z0-9]{0,63})|((?:hook|saved)\\.[a-z][A-Za-z0-9]{0,63}))}");
  private static final Pattern ENCODED =
      Pattern.compile("\\$\\{base64\\(inputs\\.([a-z][A-Za-z0-9]{0,63})\\)}");

  /** The mail that all inputs together describe, in Base64 for URLs. */
  private static final String MAIL = "${mail(inputs)}";

  private static final Pattern EACH =
      Pattern.compile("\\$\\{each inputs\\.([a-z][A-Za-z0-9]{0,63})}");

  /** What an item of a list is known by, which no input has as its name. */
  private static final String ITEM = "${item}";

  private static final Pattern METHOD = Pattern.compile("(?!CONNECT$|TRACE$)[A-Z]{1,20}");
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

  /** Visible characters, blanks and tabs: no CR, LF, NUL, nothing that a header cannot carry. */
  private static final Pattern HEADER_VALUE = Pattern.compile("[\\t\\x20-\\x7e]*");

  /** Headers that frame the message, that name its target, or that a command is known by. */
  private static final Set<String> RESERVED_HEADERS =
      Set.of(
          "accept-encoding",
          "connection",
          "content-length",
          "expect",
          "host",
          "idempotency-key",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private static final int LONGEST_URL = 8192;
  private static final int MOST_HEADER_BYTES = 16 * 1024;

  private final JsonNode method;
  private final JsonNode url;
  private final @Nullable PathBelow path;
  private final JsonNode query;
  private final JsonNode headers;
  private final JsonNode body;
  private final JsonNode parts;
  private final boolean hasMail;
  private final Map<String, String> always;

  /**
   * @param endpoint where paths begin and what such requests always carry; null if nowhere
   */
  RequestTemplate(JsonNode request, @Nullable Endpoint endpoint) {
    this.method = request.path("method");
    this.url = request.path("url");
    this.path =
        endpoint != null && PathBelow.isOne(url.asText())
            ? new PathBelow(endpoint.baseUrl(), url.asText())
            : null;
    this.query = request.path("query");
    this.headers = request.path("headers");
    this.body = request.path("body");
    this.parts = request.path("parts");
    this.hasMail = hasMail(request);
    this.always = endpoint == null || path == null ? Map.of() : endpoint.headers();
  }

  /**
   * The problems of a request of which the manifest's author is the cause; empty if none.
   *
   * @param hasEndpoint whether the service has a base URL, below which paths are
   */
  static List<Problem> lint(ObjectNode request, Inputs inputs, boolean hasEndpoint) {
    return lint(request, inputs, hasEndpoint, false);
  }

  /**
   * The problems of a request as above.
   *
   * @param hasCursor whether there is something to go on from
   */
  static List<Problem> lint(
      ObjectNode request, Inputs inputs, boolean hasEndpoint, boolean hasCursor) {
    return lint(request, inputs, hasEndpoint, hasCursor ? Set.of(CURSOR) : Set.of(), Set.of());
  }

  /**
   * Likewise, of a request that sets a webhook up: it may hold what is the hook's, and inputs that
   * only a hook with a connection needs.
   *
   * @param references what stands for the hook's
   */
  static List<Problem> lintOfSubscription(
      ObjectNode request, Inputs inputs, boolean hasEndpoint, Set<String> references) {
    return lint(request, inputs, hasEndpoint, references, references);
  }

  private static List<Problem> lint(
      ObjectNode request,
      Inputs inputs,
      boolean hasEndpoint,
      Set<String> references,
      Set<String> inPath) {
    List<Problem> problems = new ArrayList<>();
    ObjectNode rest = request.deepCopy();
    String url = request.path("url").asText();
    if (PathBelow.isOne(url)) {
      rest.remove("url");
      if (!hasEndpoint) {
        problems.add(new Problem("/url", "expected /http/base_url too, which this path is below"));
      }
      PathBelow.lint(url, inputs, inPath)
          .forEach(detail -> problems.add(new Problem("/url", detail)));
    } else if (request.has("query")) {
      problems.add(new Problem("/query", "expected a url that is a path, such as /items"));
    }
    Set<String> keys = new TreeSet<>(inputs.keys());
    keys.addAll(references);
    lint("", rest, keys, problems);
    return problems;
  }

  private static void lint(
      String pointer, JsonNode node, Set<String> inputs, List<Problem> problems) {
    Optional<String> list = each(node);
    if (list.isPresent()) {
      String at = pointer + "/" + escaped(node.fieldNames().next());
      if (!inputs.contains(list.get())) {
        problems.add(new Problem(at, "expected one of the inputs " + new TreeSet<>(inputs)));
      }
      Set<String> all = new TreeSet<>(inputs);
      all.add(ITEM);
      lint(at, node.iterator().next(), all, problems);
      return;
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      lint(pointer + "/" + escaped(field.getKey()), field.getValue(), inputs, problems);
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      lint(pointer + "/" + i, node.get(i), inputs, problems);
    }
    if (node.asText().equals(MAIL)) {
      if (!inputs.containsAll(MailMessage.NEEDED)) {
        problems.add(
            new Problem(
                pointer, "expected the inputs " + new TreeSet<>(MailMessage.NEEDED) + " for it"));
      }
    } else if (node.isTextual() && node.textValue().contains("${")) {
      Optional<String> key = key(node);
      if (key.isEmpty()) {
        problems.add(
            new Problem(
                pointer,
                "expected one whole ${inputs.KEY}, ${base64(inputs.KEY)} or ${mail(inputs)}"));
      } else if (!inputs.contains(key.get())) {
        problems.add(new Problem(pointer, "expected one of the inputs " + new TreeSet<>(inputs)));
      }
    }
  }

  /**
   * The request for these inputs.
   *
   * @throws InvalidInputsException with every problem that keeps it from being sent
   */
  OutboundRequest fill(JsonNode inputs) {
    List<Problem> problems = new ArrayList<>();
    String verb = method(resolve(method, inputs, true), problems);
    @Nullable URI target =
        path == null ? url(resolve(url, inputs, true), problems) : below(path, inputs, problems);
    Map<String, String> fields = headers(resolve(headers, inputs, true), problems);
    if (hasMail) {
      MailMessage.check(inputs, true, problems);
    }
    Optional<byte[]> content =
        parts.isMissingNode()
            ? body(resolve(body, inputs, true), fields, problems)
            : related(resolve(parts, inputs, true), fields, problems);
    if (!problems.isEmpty() || target == null) {
      throw new InvalidInputsException(problems);
    }
    return new OutboundRequest(verb, target, fields, content);
  }

  /**
   * What keeps the request from being sent whatever the templates in the inputs become: only texts
   * without one are judged.
   */
  List<Problem> check(JsonNode inputs) {
    List<Problem> problems = new ArrayList<>();
    JsonNode verb = resolve(method, inputs, false);
    if (!Templates.holds(verb)) {
      method(verb, problems);
    }
    if (path != null) {
      path.check(inputs, problems);
    } else if (!Templates.holds(resolve(url, inputs, false))) {
      url(resolve(url, inputs, false), problems);
    }
    if (hasMail) {
      MailMessage.check(inputs, false, problems);
    }
    if (!parts.isMissingNode()) {
      RelatedParts.check(resolve(parts, inputs, false), parts, false, problems);
    }
    JsonNode given = resolve(headers, inputs, false);
    if (Templates.isOne(given)) {
      return problems; // they may say how the body is written
    }
    Map<String, String> fields = headers(Templates.blanked(given), problems);
    boolean typeIsOpen =
        given.properties().stream()
            .anyMatch(
                field ->
                    field.getKey().equalsIgnoreCase("content-type")
                        && Templates.holds(field.getValue()));
    JsonNode content = resolve(body, inputs, false);
    if (!typeIsOpen && !Templates.isOne(content)) {
      body(Templates.blanked(content), fields, problems);
    }
    return problems;
  }

  private static String escaped(String field) {
    return field.replace("~", "~0").replace("/", "~1");
  }

  /**
   * A part with its inputs in it.
   *
   * @param rendered whether the inputs hold no templates any more: what looks like one is a text
   */
  private static JsonNode resolve(JsonNode part, JsonNode inputs, boolean rendered) {
    if (part.asText().equals(MAIL)) {
      List<Problem> problems = new ArrayList<>();
      MailMessage.check(inputs, true, problems); // they are told elsewhere
      return JsonNodeFactory.instance.textNode(
          problems.isEmpty() ? MailMessage.base64url(inputs) : "");
    }
    if (part.isTextual()) {
      Optional<String> key = key(part);
      JsonNode value = key.map(inputs::path).orElse(part);
      return ENCODED.matcher(part.textValue()).matches() ? encoded(value, rendered) : value;
    }
    Optional<String> list = each(part);
    if (list.isPresent()) {
      return resolveEach(inputs.path(list.get()), part.iterator().next(), inputs, rendered);
    }
    if (part.isObject()) {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      part.properties()
          .forEach(
              field -> {
                JsonNode value = resolve(field.getValue(), inputs, rendered);
                if (!value.isMissingNode()) {
                  object.set(field.getKey(), value);
                }
              });
      return object;
    }
    if (part.isArray()) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      for (JsonNode item : part) {
        JsonNode value = resolve(item, inputs, rendered);
        if (!value.isMissingNode()) {
          array.add(value);
        }
      }
      return array;
    }
    return part;
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
      JsonNode list, JsonNode part, JsonNode inputs, boolean rendered) {
    if (!list.isArray()) {
      return list; // left out, or a template that becomes a list
    }
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    ObjectNode all = inputs.deepCopy();
    for (JsonNode item : list) {
      array.add(resolve(part, all.set(ITEM, item), rendered));
    }
    return array;
  }

  /** The input that a whole text stands for. */
  private static Optional<String> key(JsonNode part) {
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

  private static JsonNode encoded(JsonNode value, boolean rendered) {
    return value.isValueNode() && !value.isNull() && (rendered || !Templates.isOne(value))
        ? JsonNodeFactory.instance.textNode(
            Base64.getEncoder().encodeToString(value.asText().getBytes(UTF_8)))
        : value;
  }

  /** Where the problem of a part lies within the inputs. */
  static String pointer(JsonNode part) {
    return key(part).map(key -> "/" + key).orElse("");
  }

  private String method(JsonNode value, List<Problem> problems) {
    if (!value.isTextual() || !METHOD.matcher(value.textValue()).matches()) {
      problems.add(
          new Problem(
              pointer(method),
              "expected a method in capitals other than CONNECT and TRACE, e.g. POST"));
    }
    return value.asText();
  }

  private @Nullable URI below(PathBelow place, JsonNode inputs, List<Problem> problems) {
    Optional<String> filled = place.fill(inputs, problems);
    JsonNode parameters = resolve(query, inputs, true);
    return filled
        .map(text -> parameters.isEmpty() ? text : text + "?" + form(query, parameters, problems))
        .map(text -> url(JsonNodeFactory.instance.textNode(text), problems))
        .orElse(null);
  }

  private @Nullable URI url(JsonNode value, List<Problem> problems) {
    String text = value.isTextual() ? value.textValue() : "";
    int fragment = text.indexOf('#');
    try {
      URI uri = new URI(fragment < 0 ? text : text.substring(0, fragment));
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if (text.length() <= LONGEST_URL
          && (scheme.equals("http") || scheme.equals("https"))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getPort() != 0
          && uri.getPort() <= 65_535) {
        return URI.create(scheme + uri.toString().substring(scheme.length()));
      }
    } catch (URISyntaxException e) {
      // falls through to the one message below
    }
    problems.add(
        new Problem(
            pointer(url),
            "expected an absolute http or https URL of at most "
                + LONGEST_URL
                + " characters, with a host and without user name or password, e.g."
                + " https://example.org/in"));
    return null;
  }

  private Map<String, String> headers(JsonNode value, List<Problem> problems) {
    Map<String, String> fields = new LinkedHashMap<>(always);
    if (value.isMissingNode()) {
      return fields;
    }
    if (!value.isObject()) {
      problems.add(new Problem(pointer(headers), "expected an object of headers"));
      return fields;
    }
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    int bytes = 0;
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      String name = field.getKey();
      String at = pointer(headers) + "/" + escaped(name);
      if (!HEADER_NAME.matcher(name).matches()) {
        problems.add(new Problem(at, "is not a header's name"));
      } else if (RESERVED_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
        problems.add(new Problem(at, "is set by Areaflow; leave it out"));
      } else if (!names.add(name)) {
        problems.add(new Problem(at, "is given twice; header names differ by more than case"));
      } else if (!field.getValue().isValueNode() || field.getValue().isNull()) {
        problems.add(new Problem(at, "expected a text, a number, true or false"));
      } else if (!HEADER_VALUE.matcher(field.getValue().asText()).matches()) {
        problems.add(new Problem(at, "expected visible ASCII characters and blanks, on one line"));
      } else {
        fields.keySet().removeIf(name::equalsIgnoreCase);
        fields.put(name, field.getValue().asText().strip());
        bytes += name.length() + field.getValue().asText().length() + 4;
      }
    }
    if (bytes > MOST_HEADER_BYTES) {
      problems.add(
          new Problem(
              pointer(headers), "expected headers of " + MOST_HEADER_BYTES + " bytes at most"));
    }
    return fields;
  }

  /** The body as its content type says; JSON, and its content type, where there is none. */
  private Optional<byte[]> body(
      JsonNode value, Map<String, String> fields, List<Problem> problems) {
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    Optional<String> given =
        fields.entrySet().stream()
            .filter(field -> field.getKey().equalsIgnoreCase("content-type"))
            .map(Map.Entry::getValue)
            .findFirst();
    if (given.isEmpty()) {
      fields.put("Content-Type", "application/json");
    }
    String media =
        given.orElse("application/json").split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (media.equals("application/json") || media.endsWith("+json")) {
      return Optional.of(json(value));
    }
    if (media.equals("application/x-www-form-urlencoded")) {
      return Optional.of(form(body, value, problems).getBytes(UTF_8));
    }
    if (media.equals("text/plain") && value.isTextual()) {
      return Optional.of(value.textValue().getBytes(UTF_8));
    }
    problems.add(
        new Problem(
            pointer(body),
            media.equals("text/plain")
                ? "expected a text, because the content type is text/plain"
                : "expected the content type application/json, application/x-www-form-urlencoded"
                    + " or text/plain, found "
                    + media));
    return Optional.empty();
  }

  static byte[] json(JsonNode value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is always writable", e);
    }
  }

  private Optional<byte[]> related(
      JsonNode value, Map<String, String> fields, List<Problem> problems) {
    int before = problems.size();
    RelatedParts.check(value, parts, true, problems);
    if (problems.size() > before) {
      return Optional.empty();
    }
    RelatedParts written = RelatedParts.of(value);
    fields.put("Content-Type", written.contentType());
    return Optional.of(written.bytes());
  }

  private static boolean hasMail(JsonNode node) {
    if (node.asText().equals(MAIL)) {
      return true;
    }
    for (JsonNode child : node) {
      if (hasMail(child)) {
        return true;
      }
    }
    return false;
  }

  /** Name and value pairs, as a body or as the query of a URL. */
  private static String form(JsonNode part, JsonNode value, List<Problem> problems) {
    if (!value.isObject()) {
      problems.add(
          new Problem(pointer(part), "expected an object, because the content type is a form"));
      return "";
    }
    List<String> pairs = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      Iterable<JsonNode> values =
          field.getValue().isArray() ? field.getValue() : List.of(field.getValue());
      for (JsonNode one : values) {
        if (one.isContainerNode()) {
          problems.add(
              new Problem(
                  pointer(part) + "/" + escaped(field.getKey()),
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
