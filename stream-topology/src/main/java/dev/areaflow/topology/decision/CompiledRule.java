package dev.areaflow.topology.decision;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Condition;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.ValueExpression;
import dev.areaflow.expressions.clock.ClockSchedule;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.topology.rules.Absence;
import dev.areaflow.topology.rules.Arrival;
import dev.areaflow.topology.rules.Change;
import dev.areaflow.topology.rules.Count;
import dev.areaflow.topology.rules.Debounce;
import dev.areaflow.topology.rules.Digest;
import dev.areaflow.topology.rules.Kept;
import dev.areaflow.topology.rules.Rule;
import dev.areaflow.topology.rules.RuleKey;
import dev.areaflow.topology.rules.Sequence;
import dev.areaflow.topology.rules.Throttle;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A plan's rule with its expressions compiled. Immutable and safe for several threads. */
public final class CompiledRule {
  private static final int LONGEST_VALUE = 4_096;
  private static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

  private final Rule rule;
  private final String fingerprint;
  private final List<ValueExpression> keys;
  private final Members members;
  private final Optional<Meant> ends;
  private final Optional<ValueExpression> value;

  /** The rule's conditions by their number; one that is missing always holds. */
  private record Members(Map<Integer, Meant> conditions) {
    Set<Integer> holding(String of, Bindings bindings) {
      Set<Integer> holding = new HashSet<>();
      conditions.forEach(
          (number, meant) -> {
            if (meant.is(of, bindings)) {
              holding.add(number);
            }
          });
      return holding;
    }
  }

  /**
   * Which events are meant.
   *
   * @param action whose events; empty for those of any
   * @param condition what must hold of them; looked at only then
   */
  private record Meant(Optional<String> action, Optional<Condition> condition) {
    static Meant of(RulePlan.@Nullable Member member, AreaExpressions area) {
      Optional<RulePlan.Member> given = Optional.ofNullable(member);
      return new Meant(
          given.map(RulePlan.Member::of), given.map(RulePlan.Member::when).map(area::condition));
    }

    boolean is(String of, Bindings bindings) {
      return (action.isEmpty() || action.get().equals(of))
          && (condition.isEmpty() || condition.get().matches(bindings));
    }
  }

  private CompiledRule(RulePlan plan, @Nullable String by, AreaExpressions area) {
    this.fingerprint = hash(new Plan("", "", null, plan, by, List.of()).toJson());
    this.keys = new ArrayList<>();
    if (by != null) {
      keys.add(area.value(by));
    }
    Map<Integer, Meant> conditions = new HashMap<>();
    @Nullable Meant end = null;
    @Nullable ValueExpression watched = null;
    switch (plan) {
      case RulePlan.Throttle(var n, var per) -> this.rule = new Throttle(n, per);
      case RulePlan.Deduplicate(var key, var within) -> {
        keys.add(area.value(key));
        this.rule = new Throttle(1, within);
      }
      case RulePlan.Debounce(var quiet, var atMost) -> this.rule = new Debounce(quiet, atMost);
      case RulePlan.Digest digest ->
          this.rule = new Digest(end(digest), digest.n() == null ? Rule.MOST_EVENTS : digest.n());
      case RulePlan.Count(var n, var within) -> this.rule = new Count(n, within);
      case RulePlan.Sequence(var within, var parts, var not, var notOf) -> {
        for (int i = 0; i < parts.size(); i++) {
          conditions.put(i, Meant.of(parts.get(i), area));
        }
        boolean isEndless = not == null && notOf == null;
        end = isEndless ? null : Meant.of(new RulePlan.Member(not, notOf), area);
        this.rule = new Sequence(parts.size(), within);
      }
      case RulePlan.Absence(var within, var after, var of) -> {
        conditions.put(Absence.OF, Meant.of(of, area));
        if (after != null) {
          conditions.put(Absence.AFTER, Meant.of(after, area));
        }
        this.rule = new Absence(within, after != null);
      }
      case RulePlan.Change(var expression, var crosses) -> {
        watched = area.value(expression);
        this.rule = new Change(crosses);
      }
    }
    this.members = new Members(Map.copyOf(conditions));
    this.ends = Optional.ofNullable(end);
    this.value = Optional.ofNullable(watched);
  }

  /** The rule of a plan, if it has one. */
  static Optional<CompiledRule> of(Plan plan, AreaExpressions area) {
    return Optional.ofNullable(plan.rule()).map(rule -> new CompiledRule(rule, plan.by(), area));
  }

  private static UnaryOperator<Instant> end(RulePlan.Digest digest) {
    var inputs = JsonNodeFactory.instance.objectNode();
    if (digest.cron() == null && digest.every() == null) {
      return from -> NEVER;
    }
    if (digest.cron() == null) {
      inputs.put("every", String.valueOf(digest.every()));
    } else {
      inputs.put("cron", digest.cron()).put("timezone", digest.timezone());
    }
    ClockSchedule clock = ClockSchedule.of(digest.cron() == null ? "interval" : "cron", inputs);
    return from -> clock.next(from).orElse(NEVER);
  }

  /** What it does with events and time. */
  public Rule rule() {
    return rule;
  }

  /** Another for another rule: what was remembered for one means nothing to another. */
  public String fingerprint() {
    return fingerprint;
  }

  /** Whether it begins before an event came, because it has no keys that only events have. */
  public boolean beginsAtOnce() {
    return keys.isEmpty();
  }

  /**
   * Whose events are apart from others.
   *
   * @throws EvaluationException if the event has no value for it
   */
  RuleKey key(Bindings bindings) {
    if (keys.isEmpty()) {
      return RuleKey.ALL;
    }
    ArrayNode values = JsonNodeFactory.instance.arrayNode();
    keys.forEach(key -> values.add(key.evaluate(bindings)));
    String text = values.toString();
    String shown = values.size() == 1 ? values.get(0).toString() : text;
    return RuleKey.of(hash(text), shown);
  }

  /**
   * What the rule has to know of an event.
   *
   * @param of what an AREA of several actions calls the event's
   * @throws EvaluationException if the event has no value for one of its expressions
   */
  Arrival arrival(Kept event, String of, Bindings bindings) {
    return new Arrival(
        event,
        members.holding(of, bindings),
        ends.isPresent() && ends.get().is(of, bindings),
        value.map(expression -> watched(expression.evaluate(bindings))).orElse(null));
  }

  private JsonNode watched(JsonNode found) {
    if (((Change) rule).crosses() != null && !found.isNumber()) {
      throw new EvaluationException(
          "the rule's value is no number for this event, but " + shortened(found.toString()));
    }
    if (found.toString().length() > LONGEST_VALUE) {
      throw new EvaluationException(
          "the rule's value is longer than %d characters of JSON for this event; watch less of it"
              .formatted(LONGEST_VALUE));
    }
    return found;
  }

  private static String shortened(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }

  private static String hash(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
