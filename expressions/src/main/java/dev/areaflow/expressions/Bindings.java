package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.values.NullValue;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The values that expressions see: {@code event} and {@code meta}, and of a rule that fired {@code
 * events} and {@code change}. A payload is parsed once, when the first expression asks for it. Safe
 * for several threads.
 *
 * <p>Whole numbers of the payload are ints, those beyond 64 bits doubles. Payloads nested deeper
 * than 64 levels, with numbers longer than 100 characters or with a field twice in one object have
 * no value.
 */
public final class Bindings {
  private final Map<String, Variable> variables;

  private Bindings(Map<String, Variable> variables) {
    this.variables = variables;
  }

  /**
   * An event that a rule collected.
   *
   * @param payload UTF-8 JSON; kept, not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through uncopied, nobody compares it
  public record Collected(Meta meta, byte[] payload) {}

  /** A value before and after, as a rule tells it. */
  public record Changed(JsonNode old, JsonNode now) {}

  /**
   * Bindings of what an {@link Expressions#itemCondition} sees.
   *
   * @param object its fields are the variables
   */
  static Bindings ofItem(JsonNode object) {
    Map<String, Variable> variables = new LinkedHashMap<>();
    object
        .properties()
        .forEach(
            field ->
                variables.put(field.getKey(), new Variable(() -> Payload.of(field.getValue()))));
    return new Bindings(variables);
  }

  /**
   * Bindings of an event's payload as it was delivered.
   *
   * @param payload UTF-8 JSON; kept, not copied
   */
  public static Bindings of(byte[] payload, Meta meta) {
    return new Bindings(event(() -> Payload.read(payload), meta));
  }

  /**
   * Bindings of a payload that is parsed already.
   *
   * @param payload must not change any more
   */
  public static Bindings of(JsonNode payload, Meta meta) {
    return new Bindings(event(() -> Payload.of(payload), meta));
  }

  /**
   * Bindings of a rule that fired; the variables of one event are those of the last, and null where
   * there is none.
   *
   * @param events in the order in which they came
   * @param change null where the rule is not about one
   */
  public static Bindings of(List<Collected> events, @Nullable Changed change) {
    Map<String, Variable> variables =
        events.isEmpty()
            ? new LinkedHashMap<>(
                Map.of(Language.EVENT, Variable.NOTHING, Language.META, Variable.NOTHING))
            : event(() -> Payload.read(events.getLast().payload()), events.getLast().meta());
    variables.put(Language.EVENTS, new Variable(() -> list(events)));
    variables.put(
        Language.CHANGE, change == null ? Variable.NOTHING : new Variable(() -> object(change)));
    return new Bindings(variables);
  }

  private static Map<String, Variable> event(Source payload, Meta meta) {
    Map<String, Variable> variables = new LinkedHashMap<>();
    variables.put(Language.EVENT, new Variable(payload));
    variables.put(Language.META, new Variable(() -> object(meta)));
    return variables;
  }

  /**
   * Parses the event's payload unless that is done.
   *
   * @throws EvaluationException if it cannot be read
   */
  void read() {
    Variable event = variables.get(Language.EVENT);
    if (event != null) {
      var _ = event.value();
    }
  }

  /** The value of a variable, empty where there is none of that name. */
  Optional<Object> find(String name) {
    return Optional.ofNullable(variables.get(name)).map(Variable::value);
  }

  private static JsonObject object(Meta meta) {
    LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", meta.id());
    fields.put("time", meta.time());
    fields.put("service", meta.service());
    fields.put("action", meta.action());
    fields.put("of", meta.of());
    return new JsonObject(fields, meta.id().length());
  }

  private static JsonArray list(List<Collected> events) throws IOException {
    Object[] elements = new Object[events.size()];
    int weight = 0;
    for (int i = 0; i < elements.length; i++) {
      JsonObject element = object(events.get(i));
      elements[i] = element;
      weight += element.weight();
    }
    return new JsonArray(elements, weight);
  }

  private static JsonObject object(Collected event) throws IOException {
    LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
    Object payload = Payload.read(event.payload());
    fields.put("id", event.meta().id());
    fields.put("time", event.meta().time());
    fields.put("of", event.meta().of());
    fields.put("payload", payload);
    return new JsonObject(fields, event.meta().id().length() + Payload.weight(payload));
  }

  private static JsonObject object(Changed change) throws IOException {
    LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
    Object old = Payload.of(change.old());
    Object now = Payload.of(change.now());
    fields.put("old", old);
    fields.put("new", now);
    return new JsonObject(fields, Payload.weight(old) + Payload.weight(now));
  }

  private interface Source {
    Object read() throws IOException;
  }

  /** A value that is made when it is first asked for. */
  private static final class Variable {
    static final Variable NOTHING = new Variable(() -> NullValue.NULL_VALUE);

    private final Source source;
    private volatile @Nullable Object value;

    Variable(Source source) {
      this.source = source;
    }

    Object value() {
      Object made = value;
      if (made == null) {
        // Two threads that come first both make it, and both results are the same.
        try {
          made = source.read();
        } catch (IOException e) {
          throw new EvaluationException("the event's payload cannot be read: " + firstLine(e), e);
        }
        value = made;
      }
      return made;
    }

    private static String firstLine(IOException e) {
      return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
  }
}
