package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.expressions.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A manifest's HTTP request, filled with inputs. An input takes its place whole and with its type;
 * only into a path below the service's base URL and into the URL's query are inputs spliced,
 * percent-encoded.
 */
final class RequestTemplate {
  private static final Pattern METHOD = Pattern.compile("(?!CONNECT$|TRACE$)[A-Z]{1,20}");
  private static final int LONGEST_URL = 8192;

  private final JsonNode method;
  private final JsonNode url;
  private final @Nullable PathBelow path;
  private final RequestQuery query;
  private final JsonNode headers;
  private final RequestBody body;
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
            ? new PathBelow(endpoint.base(request.path("host").asText()), url.asText())
            : null;
    this.query = new RequestQuery(request.path("query"));
    this.headers = request.path("headers");
    this.body = RequestBody.of(request);
    this.hasMail = References.hasMail(request);
    this.always = endpoint == null || path == null ? Map.of() : endpoint.headers();
  }

  /**
   * The problems of a request of which the manifest's author is the cause; empty if none.
   *
   * @param hasEndpoint whether the service has a base URL, below which paths are
   * @param references what the request may hold besides inputs
   */
  static List<Problem> lint(
      ObjectNode request, Inputs inputs, boolean hasEndpoint, Set<String> references) {
    return lint(request, inputs, hasEndpoint, references, false);
  }

  /**
   * The problems of a request as above.
   *
   * @param mayLackInputs whether inputs that are not required may stand in its path: a request
   *     without them is refused when it is made
   */
  static List<Problem> lint(
      ObjectNode request,
      Inputs inputs,
      boolean hasEndpoint,
      Set<String> references,
      boolean mayLackInputs) {
    List<Problem> problems = new ArrayList<>();
    ObjectNode rest = request.deepCopy();
    String url = request.path("url").asText();
    if (PathBelow.isOne(url)) {
      rest.remove("url");
      if (!hasEndpoint) {
        problems.add(new Problem("/url", "expected /http/base_url too, which this path is below"));
      }
      PathBelow.lint(url, inputs, references, mayLackInputs)
          .forEach(detail -> problems.add(new Problem("/url", detail)));
    }
    Set<String> known = new TreeSet<>(inputs.keys());
    known.addAll(references);
    rest.remove("query");
    RequestQuery.lint("/query", request.path("query"), known, problems);
    References.lint("", rest, known, problems);
    return problems;
  }

  /**
   * The request for these values.
   *
   * @param values what its references stand for: inputs by their keys, and all else
   * @throws InvalidInputsException with every problem that keeps it from being sent
   */
  OutboundRequest fill(JsonNode values) {
    List<Problem> problems = new ArrayList<>();
    String verb = method(References.resolve(method, values, true), problems);
    @Nullable URI target =
        address(values, problems)
            .map(text -> url(query.on(text, values, problems), problems))
            .orElse(null);
    Map<String, String> fields = new LinkedHashMap<>(always);
    RequestHeaders.put(
        References.resolve(headers, values, true), References.pointer(headers), fields, problems);
    if (hasMail) {
      MailMessage.check(values, true, problems);
    }
    Optional<byte[]> content = body.resolved(values, true).write(body, fields, problems);
    if (!problems.isEmpty() || target == null) {
      throw new InvalidInputsException(problems);
    }
    return new OutboundRequest(verb, target, fields, content);
  }

  /** Where the request goes, without the query; empty where a problem was noted. */
  private Optional<String> address(JsonNode values, List<Problem> problems) {
    if (path != null) {
      return path.fill(values, problems);
    }
    JsonNode given = References.resolve(url, values, true);
    @Nullable URI whole = url(given.isTextual() ? given.textValue() : "", problems);
    return Optional.ofNullable(whole).map(URI::toString);
  }

  /**
   * What keeps the request from being sent whatever the templates in the inputs become: only texts
   * without one are judged.
   */
  List<Problem> check(JsonNode inputs) {
    List<Problem> problems = new ArrayList<>();
    JsonNode verb = References.resolve(method, inputs, false);
    if (!Templates.holds(verb)) {
      method(verb, problems);
    }
    JsonNode address = References.resolve(url, inputs, false);
    if (path != null) {
      path.check(inputs, problems);
    } else if (!Templates.holds(address)) {
      url(address.isTextual() ? address.textValue() : "", problems);
    }
    if (hasMail) {
      MailMessage.check(inputs, false, problems);
    }
    JsonNode given = References.resolve(headers, inputs, false);
    boolean headersAreOpen = Templates.isOne(given); // they may say how the body is written
    Map<String, String> fields = new LinkedHashMap<>(always);
    if (!headersAreOpen) {
      RequestHeaders.put(Templates.blanked(given), References.pointer(headers), fields, problems);
    }
    body.resolved(inputs, false).check(body, headersAreOpen || typeIsOpen(given), fields, problems);
    return problems;
  }

  private static boolean typeIsOpen(JsonNode headers) {
    return headers.properties().stream()
        .anyMatch(
            field ->
                field.getKey().equalsIgnoreCase(RequestHeaders.CONTENT_TYPE)
                    && Templates.holds(field.getValue()));
  }

  private String method(JsonNode value, List<Problem> problems) {
    if (!value.isTextual() || !METHOD.matcher(value.textValue()).matches()) {
      problems.add(
          new Problem(
              References.pointer(method),
              "expected a method in capitals other than CONNECT and TRACE, e.g. POST"));
    }
    return value.asText();
  }

  private @Nullable URI url(String text, List<Problem> problems) {
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
        return URI.create(scheme + uri.toASCIIString().substring(scheme.length()));
      }
    } catch (URISyntaxException e) {
      // falls through to the one message below
    }
    problems.add(
        new Problem(
            References.pointer(url),
            "expected an absolute http or https URL of at most "
                + LONGEST_URL
                + " characters, with a host and without user name or password, e.g."
                + " https://example.org/in"));
    return null;
  }
}
