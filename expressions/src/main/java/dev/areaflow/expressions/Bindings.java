package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelVariableResolver;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The values that expressions see: {@code event} and {@code meta}, of a rule that fired {@code
 * events} and {@code change}, and by {@code with…} the steps of the run and what else a place sees.
 * Everything is parsed once, when the first expression asks for it, also for the bindings that are
 * made of these. Safe for several threads.
 *
 * <p>Whole numbers of the payload are ints, those beyond 64 bits doubles. Payloads nested deeper
 * than 64 levels, with numbers longer than 100 characters or with a field twice in one object have
 * no value.
 */
public final class Bindings {
  private final Map<String, Variable> variables;
  private final Map<String, Step> steps;

  private Bindings(Map<String, Variable> variables) {
    this(variables, Map.of());
  }

  private Bindings(Map<String, Variable> variables, Map<String, Step> steps) {
    this.variables = variables;
    this.steps = steps;
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

  /**
   * These, with steps.
   *
   * @param results of every step that an expression may read, by its id; they replace those of
   *     these bindings
   */
  public Bindings withSteps(Map<String, StepResult> results) {
    Map<String, Step> made = new HashMap<>();
    results.forEach((id, result) -> made.put(id, Step.of(id, result)));
    return new Bindings(variables, made);
  }

  /**
   * These, with an item of a list.
   *
   * @param item UTF-8 JSON; kept, not copied
   * @param index its place, from 0
   */
  public Bindings withItem(byte[] item, int index) {
    return with(
        Map.of(
            Language.ITEM, new Variable("the item", () -> Payload.read(item)),
            Language.INDEX, new Variable("the index", () -> (long) index)));
  }

  /** These, with what made the run fail. */
  public Bindings withError(Failure failure) {
    return with(Map.of(Language.ERROR, new Variable("the error", () -> object(failure))));
  }

  private Bindings with(Map<String, Variable> others) {
    Map<String, Variable> all = new HashMap<>(variables);
    all.putAll(others);
    return new Bindings(all, steps);
  }

  private static Map<String, Variable> event(Source payload, Meta meta) {
    Map<String, Variable> variables = new LinkedHashMap<>();
    variables.put(Language.EVENT, new Variable(payload));
    variables.put(Language.META, new Variable(() -> object(meta)));
    return variables;
  }

  /**
   * The variables for an expression, with what it reads parsed.
   *
   * @throws EvaluationException if something of that cannot be read
   */
  CelVariableResolver resolver(Reads reads) {
    for (String name : reads.variables()) {
      var _ = find(name);
    }
    if (reads.steps().ids().isEmpty()) {
      return this::find;
    }
    Optional<Object> read = Optional.of(steps(reads.steps()));
    return name -> name.equals(Language.STEPS) ? read : find(name);
  }

  /** The value of a variable, empty where there is none of that name. */
  private Optional<Object> find(String name) {
    return Optional.ofNullable(variables.get(name)).map(Variable::value);
  }

  /** No expression can use the whole of it, so it weighs nothing. */
  private JsonObject steps(StepsRead read) {
    LinkedHashMap<String, Object> all = new LinkedHashMap<>();
    for (String id : read.ids()) {
      Step step = steps.get(id);
      if (step != null) {
        LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
        fields.put(Reads.STATUS, step.status().text());
        if (read.outputs().contains(id)) {
          fields.put(Reads.OUTPUT, step.output().value());
        }
        all.put(id, new JsonObject(fields, 0));
      }
    }
    return new JsonObject(all, 0);
  }

  /** The steps of which an output is read and that have none, each with words why. */
  Map<String, String> withoutOutput(StepsRead read) {
    Map<String, String> reasons = new LinkedHashMap<>();
    for (String id : read.outputs()) {
      Step step = steps.get(id);
      if (step != null && step.output().value() == NullValue.NULL_VALUE) {
        reasons.put(id, "steps." + id + " has no output because " + step.status().reason());
      }
    }
    return reasons;
  }

  private record Step(StepResult.Status status, Variable output) {
    static Step of(String id, StepResult result) {
      return new Step(
          result.status(),
          new Variable(
              "the output of " + id,
              () -> {
                byte @Nullable [] json = result.output().get();
                return json == null ? NullValue.NULL_VALUE : Payload.read(json);
              }));
    }
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

  private static JsonObject object(Failure failure) {
    LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
    fields.put("step", failure.step());
    fields.put("attempts", (long) failure.attempts());
    fields.put("class", failure.errorClass());
    fields.put("status", orNull(failure.status() == null ? null : failure.status().longValue()));
    fields.put("message", failure.message());
    fields.put("response", orNull(failure.response()));
    fields.put("failingSince", failure.failingSince());
    fields.put("pausesAt", orNull(failure.pausesAt()));
    int texts =
        failure.message().length() + (failure.response() == null ? 0 : failure.response().length());
    return new JsonObject(fields, texts);
  }

  private static Object orNull(@Nullable Object value) {
    return value == null ? NullValue.NULL_VALUE : value;
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

    private final String name;
    private final Source source;
    private volatile @Nullable Object value;

    Variable(Source source) {
      this("the event's payload", source);
    }

    /**
     * @param name in messages
     */
    Variable(String name, Source source) {
      this.name = name;
      this.source = source;
    }

    Object value() {
      Object made = value;
      if (made == null) {
        // Two threads that come first both make it, and both results are the same.
        try {
          made = source.read();
        } catch (IOException e) {
          throw new EvaluationException(name + " cannot be read: " + firstLine(e), e);
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
