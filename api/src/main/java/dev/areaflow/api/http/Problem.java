package dev.areaflow.api.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A request that cannot be answered as asked: status, reason and remedy, sent as {@code
 * application/problem+json} (RFC 9457). Thrown by handlers, caught by the frame; it carries no
 * stack trace, since it says nothing about the program.
 */
public final class Problem extends RuntimeException {
  private final int status;
  private final String title;
  private final transient List<Violation> errors;
  private final transient Map<String, String> headers;
  private final transient Map<String, Object> members;

  private Problem(
      int status,
      String title,
      String detail,
      List<Violation> errors,
      Map<String, String> headers) {
    this(status, title, detail, errors, headers, Map.of());
  }

  private Problem(
      int status,
      String title,
      String detail,
      List<Violation> errors,
      Map<String, String> headers,
      Map<String, Object> members) {
    super(detail, null, false, false);
    this.status = status;
    this.title = title;
    this.errors = List.copyOf(errors);
    this.headers = Map.copyOf(headers);
    this.members = Map.copyOf(members);
  }

  private static Problem of(int status, String title, String detail) {
    return new Problem(status, title, detail, List.of(), Map.of());
  }

  /** 400: the body is not JSON, or not what the header says. */
  public static Problem malformed(String detail) {
    return new Problem(
        400, "Malformed request", detail, List.of(new Violation("", detail)), Map.of());
  }

  /** 400: a query parameter or header cannot be used. */
  public static Problem parameter(String name, String detail) {
    return new Problem(
        400,
        "Unusable parameter",
        name + ": " + detail,
        List.of(new Violation("/" + name, detail)),
        Map.of());
  }

  /** 401: no valid token. */
  public static Problem unauthorized(String detail) {
    return of(401, "Not logged in", detail).header("WWW-Authenticate", "Bearer realm=\"areaflow\"");
  }

  /** 403: who calls is known and may not. */
  public static Problem forbidden(String detail) {
    return of(403, "Forbidden", detail);
  }

  /** 403: the token lacks a scope. */
  static Problem missingScope(Scope scope) {
    return forbidden("The token lacks the scope " + scope.text() + ".")
        .header(
            "WWW-Authenticate",
            "Bearer realm=\"areaflow\", error=\"insufficient_scope\", scope=\""
                + scope.text()
                + "\"");
  }

  /** 404: there is no such thing, or it is someone else's. */
  public static Problem notFound() {
    return of(404, "Not found", "There is nothing of yours at this address.");
  }

  /** 404 that says why it may be gone. */
  public static Problem notFound(String detail) {
    return of(404, "Not found", detail);
  }

  /** 405. */
  static Problem methodNotAllowed(String allowed) {
    return of(405, "Method not allowed", "This address answers to " + allowed + ".")
        .header("Allow", allowed);
  }

  /** 409: it stands against something that exists. */
  public static Problem conflict(String pointer, String detail) {
    return new Problem(409, "Conflict", detail, List.of(new Violation(pointer, detail)), Map.of());
  }

  /** 412: {@code If-Match} names another version than the current one. */
  public static Problem stale(String detail) {
    return of(412, "Changed meanwhile", detail);
  }

  /** 413. */
  static Problem tooLarge(long mostBytes) {
    return of(413, "Too large", "Expected a body of at most " + mostBytes + " bytes.");
  }

  /** 415. */
  static Problem unsupportedMediaType(String detail) {
    return of(415, "Unsupported media type", detail);
  }

  /** 415, for bodies with a content encoding. */
  static Problem compressed() {
    return unsupportedMediaType("Expected a body without content encoding.");
  }

  /** 422: JSON, but fields, inputs or expressions are not as they must be. */
  public static Problem invalid(List<Violation> violations) {
    return new Problem(
        422,
        "Invalid",
        violations.size() == 1
            ? violations.getFirst().detail()
            : violations.size() + " things are wrong, see errors.",
        violations,
        Map.of());
  }

  /** 422 with one violation. */
  public static Problem invalid(String pointer, String detail) {
    return invalid(List.of(new Violation(pointer, detail)));
  }

  /** 428: {@code If-Match} is missing. */
  static Problem preconditionRequired() {
    return of(
        428,
        "Precondition required",
        "Send If-Match with the version that you change, e.g. If-Match: \"3\".");
  }

  /** 429. */
  public static Problem tooMany(String detail, Duration retryAfter) {
    return of(429, "Too many requests", detail).retryAfter(retryAfter);
  }

  /** 500, for the frame alone: handlers throw what happened. */
  static Problem internal(String incident) {
    return of(
        500, "Internal error", "It is our fault; the log names this incident " + incident + ".");
  }

  /** 503: something that this needs is away. */
  public static Problem unavailable(String detail, Duration retryAfter) {
    return of(503, "Unavailable", detail).retryAfter(retryAfter);
  }

  /** A problem that the HTTP server itself found, before any route. */
  static Problem transport(int status, String title) {
    return status == 400 ? malformed("This is not proper HTTP.") : of(status, title, title + ".");
  }

  /** This problem with one more header. */
  public Problem header(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Problem(status, title, detail(), errors, more, members);
  }

  /** This problem with one more member of its own, as RFC 9457 has them. */
  public Problem member(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new Problem(status, title, detail(), errors, headers, more);
  }

  private Problem retryAfter(Duration duration) {
    return header("Retry-After", Long.toString(Math.max(1, duration.plusMillis(999).toSeconds())));
  }

  public int status() {
    return status;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }

  public List<Violation> errors() {
    return errors;
  }

  Answer answer() {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", "about:blank");
    body.put("title", title);
    body.put("status", status);
    body.put("detail", detail());
    if (!errors.isEmpty()) {
      body.put("errors", errors);
    }
    body.putAll(members);
    Answer answer = Answer.json(status, body).header("Content-Type", "application/problem+json");
    for (Map.Entry<String, String> header : headers.entrySet()) {
      answer = answer.header(header.getKey(), header.getValue());
    }
    return answer;
  }
}
