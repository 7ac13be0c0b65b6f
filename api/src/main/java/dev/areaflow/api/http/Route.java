package dev.areaflow.api.http;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One line of the route table.
 *
 * @param method HTTP method
 * @param path with parameters in braces, for example {@code /api/v1/areas/{id}}; literal paths win
 * @param access what the caller needs
 * @param parameters names of the query parameters; any other is a 400
 * @param idempotent whether {@code Idempotency-Key} is honoured; for every POST that creates
 * @param audited what the audit log tells of it; null for nothing
 * @param preparation what answers, in two steps
 */
public record Route(
    String method,
    String path,
    Access access,
    Set<String> parameters,
    boolean idempotent,
    @Nullable Audited audited,
    Preparation preparation) {

  /**
   * What the audit log tells of a route.
   *
   * @param kind what it does
   * @param together whether that, and that it was done, are one transaction
   */
  public record Audited(String kind, boolean together) {}

  /** Answers one call; throws {@link Problem} where it cannot. */
  @FunctionalInterface
  public interface Handler {
    Answer handle(Call call);

    /**
     * Whether it changes nothing, though its route may. Then there is no transaction, its answer is
     * kept for no {@code Idempotency-Key}, so that it may be streamed, and the audit log does not
     * tell of it.
     */
    default boolean changesNothing() {
      return false;
    }

    /** One that changes nothing. */
    static Handler changingNothing(Handler handler) {
      return new Handler() {
        @Override
        public Answer handle(Call call) {
          return handler.handle(call);
        }

        @Override
        public boolean changesNothing() {
          return true;
        }
      };
    }
  }

  /**
   * The part of an answer that takes long and needs no transaction: it comes before the one that
   * {@link #creates} or {@link #audited} opens. Throws {@link Problem} where the call cannot be
   * answered.
   */
  @FunctionalInterface
  public interface Preparation {
    Handler prepare(Call call);
  }

  public Route {
    parameters = Set.copyOf(parameters);
  }

  private Route(String method, String path, Access access, Handler handler) {
    this(method, path, access, Set.of(), false, null, _ -> handler);
  }

  public static Route get(String path, Access access, Handler handler) {
    return new Route("GET", path, access, handler);
  }

  public static Route post(String path, Access access, Handler handler) {
    return new Route("POST", path, access, handler);
  }

  /** A POST of which a part comes before its transaction. */
  public static Route preparedPost(String path, Access access, Preparation preparation) {
    return new Route("POST", path, access, Set.of(), false, null, preparation);
  }

  /** A PUT of which a part comes before its transaction. */
  public static Route preparedPut(String path, Access access, Preparation preparation) {
    return new Route("PUT", path, access, Set.of(), false, null, preparation);
  }

  /** A PATCH of which a part comes before its transaction. */
  public static Route preparedPatch(String path, Access access, Preparation preparation) {
    return new Route("PATCH", path, access, Set.of(), false, null, preparation);
  }

  public static Route put(String path, Access access, Handler handler) {
    return new Route("PUT", path, access, handler);
  }

  public static Route patch(String path, Access access, Handler handler) {
    return new Route("PATCH", path, access, handler);
  }

  public static Route delete(String path, Access access, Handler handler) {
    return new Route("DELETE", path, access, handler);
  }

  /** This route with query parameters more. */
  public Route parameters(String... names) {
    Set<String> more = new LinkedHashSet<>(parameters);
    more.addAll(List.of(names));
    return new Route(method, path, access, more, idempotent, audited, preparation);
  }

  /** This route as one that OAuth 2 providers send people back to, with what they may add. */
  public Route fromProvider() {
    return parameters(
        "code",
        "state",
        "error",
        "error_description",
        "error_uri",
        "scope",
        "iss",
        "session_state",
        "authuser",
        "hd",
        "prompt");
  }

  /** This route as a list: {@code limit} and {@code cursor}, read with {@link Call#page}. */
  public Route paged() {
    return parameters(Page.LIMIT, Page.CURSOR);
  }

  /**
   * This route honouring {@code Idempotency-Key}. Everything that the handler does through {@code
   * Database} happens in one transaction with the stored answer; a {@link Preparation} comes
   * before, and only where there is no stored answer yet. Of a handler that {@linkplain
   * Handler#changesNothing changes nothing} no answer is kept.
   */
  public Route creates() {
    return new Route(method, path, access, parameters, true, audited, preparation);
  }

  /**
   * This route as one of which the audit log tells, in the transaction of everything that the
   * handler does through {@code Database}. What calls others, or takes long, is its {@link
   * Preparation}.
   *
   * @param kind what is done, for example {@code area.create}
   */
  public Route audited(String kind) {
    return with(new Audited(kind, true), preparation);
  }

  /** This route as one of which the audit log tells once it was answered. */
  public Route auditedAfterwards(String kind) {
    return with(new Audited(kind, false), preparation);
  }

  /** This route with another preparation. */
  Route with(Preparation other) {
    return with(audited, other);
  }

  private Route with(@Nullable Audited what, Preparation how) {
    return new Route(method, path, access, parameters, idempotent, what, how);
  }
}
