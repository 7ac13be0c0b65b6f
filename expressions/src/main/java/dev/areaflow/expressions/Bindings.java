package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The values that expressions see: {@code event} and {@code meta}. The payload is parsed once, when
 * the first expression asks for it. Safe for several threads.
 *
 * <p>Whole numbers of the payload are ints, those beyond 64 bits doubles. Payloads nested deeper
 * than 64 levels, with numbers longer than 100 characters or with a field twice in one object have
 * no value.
 */
public final class Bindings {
  private static final String EVENT = "event";
  private static final String META = "meta";

  private final Source source;
  private final @Nullable Meta meta;
  private volatile @Nullable Object event;

  private Bindings(Source source, @Nullable Meta meta) {
    this.source = source;
    this.meta = meta;
  }

  /**
   * Bindings of what an {@link Expressions#itemCondition} sees.
   *
   * @param variables its fields are the variables
   */
  static Bindings ofItem(JsonNode variables) {
    return new Bindings(() -> Payload.of(variables), null);
  }

  /**
   * Bindings of an event's payload as it was delivered.
   *
   * @param payload UTF-8 JSON; kept, not copied
   */
  public static Bindings of(byte[] payload, Meta meta) {
    return new Bindings(() -> Payload.read(payload), meta);
  }

  /**
   * Bindings of a payload that is parsed already.
   *
   * @param payload must not change any more
   */
  public static Bindings of(JsonNode payload, Meta meta) {
    return new Bindings(() -> Payload.of(payload), meta);
  }

  /**
   * Parses the payload unless that is done.
   *
   * @throws EvaluationException if it cannot be read
   */
  void read() {
    var _ = event();
  }

  /** The value of a variable, empty where there is none of that name. */
  Optional<Object> find(String name) {
    Meta about = meta;
    if (about == null) {
      return event() instanceof JsonObject variables
          ? Optional.ofNullable(variables.get(name))
          : Optional.empty();
    }
    return switch (name) {
      case EVENT -> Optional.of(event());
      case META -> Optional.of(meta(about));
      default -> Optional.empty();
    };
  }

  private Object event() {
    Object value = event;
    if (value == null) {
      // Two threads that come first both parse, and both results are the same.
      try {
        value = source.read();
      } catch (IOException e) {
        throw new EvaluationException("the event's payload cannot be read: " + firstLine(e), e);
      }
      event = value;
    }
    return value;
  }

  private static Object meta(Meta meta) {
    LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", meta.id());
    fields.put("time", meta.time());
    fields.put("service", meta.service());
    fields.put("action", meta.action());
    return new JsonObject(fields, meta.id().length());
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private interface Source {
    Object read() throws IOException;
  }
}
