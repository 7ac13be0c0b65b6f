package dev.areaflow.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request, as a handler sees it. What cannot be read is thrown as a {@link Problem}. Belongs to
 * the thread of its request.
 */
public final class Call {
  /** Largest body, in bytes. */
  static final int MOST_BYTES = 1024 * 1024;

  private static final Pattern ENTITY_TAG = Pattern.compile("(W/)?\"([\\x21\\x23-\\x7E]*)\"");
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");

  private final ServerRequest request;
  private final Route route;
  private final Optional<Caller> caller;
  private final Act act;
  private byte @Nullable [] bytes;

  Call(ServerRequest request, Route route, Optional<Caller> caller, String clientAddress) {
    this.request = request;
    this.route = route;
    this.caller = caller;
    this.act =
        new Act(route.audited() == null ? "" : route.audited().kind(), caller, clientAddress);
    pathParameter("id").ifPresent(act::about);
  }

  /** Who calls; on routes for anyone there may be nobody. */
  public Caller caller() {
    return caller.orElseThrow(
        () -> new IllegalStateException(route.path() + " is open to anyone and has no caller"));
  }

  /** Who calls, on routes where there may be nobody. */
  public Optional<Caller> maybeCaller() {
    return caller;
  }

  /** The address of the caller, as far as it is known. */
  public String clientAddress() {
    return act.address();
  }

  /** What the audit log tells of it, where the route says that it does. */
  public Act act() {
    return act;
  }

  /** A path parameter; nothing exists under a text that no database keeps, which is a 404. */
  public String path(String name) {
    return pathParameter(name).filter(Json::isKeepable).orElseThrow(Problem::notFound);
  }

  private Optional<String> pathParameter(String name) {
    return new PathTemplate(route.path())
        .parameters(request.path())
        .map(parameters -> parameters.get(name));
  }

  /** A path parameter that is an id; one that is none is a 404, as any id that does not exist. */
  public UUID id(String name) {
    String text = path(name);
    try {
      UUID id = UUID.fromString(text);
      if (id.toString().equalsIgnoreCase(text)) {
        return id;
      }
    } catch (IllegalArgumentException e) {
      // falls through to the one answer below
    }
    throw Problem.notFound();
  }

  /**
   * Looks at the parameters of the query.
   *
   * @throws Problem 400 for one that the route does not declare, or that has no or several values
   */
  void refuseUnknownParameters() {
    for (String name : request.query().names()) {
      if (!route.parameters().contains(name)) {
        throw Problem.parameter(
            name,
            route.parameters().isEmpty()
                ? "there is no parameter of this name"
                : "there is no parameter of this name; there are "
                    + String.join(", ", route.parameters().stream().sorted().toList()));
      }
      List<String> values = request.query().all(name);
      if (values.size() != 1 || !Json.isKeepable(values.getFirst())) {
        throw Problem.parameter(name, "expected one value, without NUL");
      }
    }
  }

  /** A query parameter that the route declares; empty where it is absent. */
  public Optional<String> query(String name) {
    if (!route.parameters().contains(name)) {
      throw new IllegalArgumentException(route.path() + " does not declare the parameter " + name);
    }
    return request.query().first(name).asOptional();
  }

  /**
   * A query parameter, read.
   *
   * @param reader throws {@link IllegalArgumentException} with what it expected, which becomes a
   *     400
   */
  public <T> Optional<T> query(String name, Function<String, T> reader) {
    try {
      return query(name).map(reader);
    } catch (IllegalArgumentException e) {
      throw Problem.parameter(name, String.valueOf(e.getMessage()));
    }
  }

  /** A query parameter that is an id. */
  public Optional<UUID> queryId(String name) {
    return query(
        name,
        text -> {
          try {
            return UUID.fromString(text);
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("expected an id", e);
          }
        });
  }

  /** A query parameter that is an RFC 3339 time. */
  public Optional<Instant> queryTime(String name) {
    return query(name, Json::time);
  }

  /** A query parameter that is {@code true} or {@code false}. */
  public Optional<Boolean> queryFlag(String name) {
    return query(
        name,
        text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new IllegalArgumentException("expected true or false");
            });
  }

  /** The part of the list that is asked for; the route is {@link Route#paged}. */
  public Page page() {
    return Page.of(query(Page.LIMIT), query(Page.CURSOR));
  }

  /** A cookie. */
  public Optional<String> cookie(String name) {
    return request.headers().cookies().first(name).asOptional().filter(Json::isKeepable);
  }

  /** A header. */
  public Optional<String> header(String name) {
    return request.headers().value(HeaderNames.create(name));
  }

  /**
   * The version in {@code If-Match}.
   *
   * @throws Problem 428 without the header, 412 where it names no version of ours, 400 where it is
   *     not an entity tag
   */
  public long ifMatch() {
    String value = header("If-Match").orElseThrow(Problem::preconditionRequired).strip();
    Matcher tag = ENTITY_TAG.matcher(value);
    if (!tag.matches()) {
      throw Problem.parameter("If-Match", "expected a version in quotes, e.g. \"3\"");
    }
    String version = tag.group(2);
    if (tag.group(1) != null || !VERSION.matcher(version).matches()) {
      throw Problem.stale("If-Match names no version that this ever had.");
    }
    return Long.parseLong(version);
  }

  /**
   * The body as a record; unknown fields are refused.
   *
   * @throws Problem 400, 413, 415 or 422
   */
  public <T> T body(Class<T> type) {
    return Json.read(body(), type);
  }

  /**
   * The body as a tree.
   *
   * @throws Problem 400, 413 or 415; 422 for texts that no database keeps
   */
  public JsonNode body() {
    String type = header("Content-Type").map(t -> t.split(";", 2)[0].strip()).orElse("");
    if (!type.equalsIgnoreCase("application/json")) {
      throw Problem.unsupportedMediaType("Expected a body of the type application/json.");
    }
    return Json.read(bytes());
  }

  /**
   * The body as a record, where the call brings one.
   *
   * @throws Problem as {@link #body(Class)}
   */
  public <T> Optional<T> maybeBody(Class<T> type) {
    return header("Content-Type").isEmpty() && bytes().length == 0
        ? Optional.empty()
        : Optional.of(body(type));
  }

  /** The path as it was asked for. */
  String requestPath() {
    return request.path().rawPath();
  }

  /** The body as it came, empty where there is none. */
  byte[] bytes() {
    byte[] read = bytes;
    if (read == null) {
      read = readBytes();
      bytes = read;
    }
    return read;
  }

  private byte[] readBytes() {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    if (request.headers().contentLength().orElse(0) > MOST_BYTES) {
      throw Problem.tooLarge(MOST_BYTES);
    }
    try (InputStream in = request.content().inputStream()) {
      byte[] read = in.readNBytes(MOST_BYTES + 1);
      if (read.length > MOST_BYTES) {
        throw Problem.tooLarge(MOST_BYTES);
      }
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException("the body of the request could not be read", e);
    }
  }
}
