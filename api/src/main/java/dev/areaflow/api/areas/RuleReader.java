package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.areas.Definition.RuleUse;
import dev.areaflow.api.http.Violations;
import dev.areaflow.expressions.clock.ClockSchedule;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.schemas.rows.RulePlan.Member;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the rule of a definition: its shape and bounds, not yet its expressions. */
final class RuleReader {
  private static final String AT = "/rule";
  private static final List<String> KINDS =
      List.of(
          "throttle",
          "debounce",
          "digest",
          "count",
          "sequence",
          "absence",
          "change",
          "deduplicate");
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(31);
  private static final int MOST_EVENTS = 1_000;
  private static final int MOST_MEMBERS = 8;

  /** Stands for what is not as expected, which is noted. */
  private static final RulePlan STAND_IN = new RulePlan.Throttle(1, SHORTEST);

  private final List<String> actions;
  private final Violations violations;

  private RuleReader(List<String> actions, Violations violations) {
    this.actions = actions;
    this.violations = violations;
  }

  /**
   * Reads a rule. Where violations are noted, it is a stand-in.
   *
   * @param actions ids of the AREA's actions; empty where it has one
   */
  static RuleUse read(JsonNode node, List<String> actions, Violations violations) {
    return new RuleReader(actions, violations).read(node);
  }

  private RuleUse read(JsonNode node) {
    Fields rule = new Fields(node, AT, violations);
    @Nullable String by = rule.text("by").orElse(null);
    List<String> given = KINDS.stream().filter(kind -> rule.find(kind).isPresent()).toList();
    rule.refuseOthers(Set.of());
    if (given.size() != 1) {
      violations.add(AT, "Expected one of " + String.join(", ", KINDS) + ".");
      return new RuleUse(STAND_IN, by, node);
    }
    Fields parts = new Fields(node.get(given.getFirst()), AT + "/" + given.getFirst(), violations);
    RulePlan plan = plan(given.getFirst(), parts);
    parts.refuseOthers(Set.of());
    return new RuleUse(plan, by, node);
  }

  private RulePlan plan(String kind, Fields parts) {
    return switch (kind) {
      case "throttle" -> new RulePlan.Throttle(number(parts, "n", 1), duration(parts, "per"));
      case "debounce" -> debounce(parts);
      case "digest" -> digest(parts);
      case "count" -> new RulePlan.Count(number(parts, "n", 2), duration(parts, "within"));
      case "sequence" -> sequence(parts);
      case "absence" ->
          new RulePlan.Absence(
              duration(parts, "within"),
              parts.find("after").map(node -> member(node, parts.pointer("after"))).orElse(null),
              parts.find("of").map(node -> member(node, parts.pointer("of"))).orElse(null));
      case "change" -> new RulePlan.Change(parts.requiredText("value"), crosses(parts));
      case "deduplicate" ->
          new RulePlan.Deduplicate(parts.requiredText("key"), duration(parts, "within"));
      default -> throw new IllegalStateException("no rule is called " + kind);
    };
  }

  private RulePlan sequence(Fields parts) {
    Duration within = duration(parts, "within");
    List<Member> members = members(parts);
    Optional<Member> not =
        parts
            .find("not")
            .map(
                node ->
                    node.isObject()
                        ? member(node, parts.pointer("not"))
                        : new Member(parts.text("not").orElse("")));
    violations.check(
        not.isEmpty() || not.get().when() != null || not.get().of() != null,
        parts.pointer("not"),
        "Expected when, or of: each event would end it.");
    return new RulePlan.Sequence(
        within, members, not.map(Member::when).orElse(null), not.map(Member::of).orElse(null));
  }

  private RulePlan debounce(Fields parts) {
    Duration quiet = duration(parts, "quiet");
    Duration atMost = parts.find("atMost").isPresent() ? duration(parts, "atMost") : longest(quiet);
    violations.check(
        atMost.compareTo(quiet) >= 0,
        parts.pointer("atMost"),
        "Expected at least as long as /rule/debounce/quiet.");
    return new RulePlan.Debounce(quiet, atMost);
  }

  /** Where nobody says, events that never cease are told after twenty times the quiet. */
  private static Duration longest(Duration quiet) {
    Duration long20 = quiet.multipliedBy(20);
    return long20.compareTo(LONGEST) > 0 ? LONGEST : long20;
  }

  private RulePlan digest(Fields parts) {
    @Nullable Duration every = parts.find("every").isPresent() ? duration(parts, "every") : null;
    @Nullable String cron = parts.text("cron").orElse(null);
    @Nullable String timezone = parts.text("timezone").orElse(null);
    @Nullable Integer n = parts.find("n").isPresent() ? number(parts, "n", 2) : null;
    violations.check(
        (every == null) != (cron == null) || (every == null && n != null),
        AT + "/digest",
        "Expected every, or cron, or n; n may stand beside one of the others.");
    violations.check(
        timezone == null || cron != null, parts.pointer("timezone"), "Expected cron beside it.");
    if (cron != null) {
      try {
        var inputs = JsonNodeFactory.instance.objectNode().put("cron", cron);
        ClockSchedule.of("cron", timezone == null ? inputs : inputs.put("timezone", timezone));
      } catch (IllegalArgumentException e) {
        violations.add(parts.pointer("cron"), "Not a schedule: " + e.getMessage() + ".");
      }
    }
    return new RulePlan.Digest(every, cron, timezone, n);
  }

  private List<Member> members(Fields parts) {
    JsonNode array = parts.find("members").orElseGet(() -> JsonNodeFactory.instance.arrayNode());
    if (!array.isArray() || array.size() < 2 || array.size() > MOST_MEMBERS) {
      violations.add(
          parts.pointer("members"), "Expected an array of 2 to " + MOST_MEMBERS + " members.");
      return List.of();
    }
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      members.add(member(array.get(i), parts.pointer("members") + "/" + i));
    }
    return members;
  }

  private Member member(JsonNode node, String pointer) {
    Fields member = new Fields(node, pointer, violations);
    @Nullable String when = member.text("when").orElse(null);
    @Nullable String of = member.text("of").orElse(null);
    member.refuseOthers(Set.of());
    if (of != null) {
      violations.check(
          actions.contains(of),
          member.pointer("of"),
          actions.isEmpty()
              ? "Expected none: the AREA has one action only; several stand in /actions, each with an"
                  + " id."
              : "None of /actions has the id \"" + of + "\"" + Nearest.hint(of, actions));
    }
    return new Member(when, of);
  }

  private @Nullable BigDecimal crosses(Fields parts) {
    Optional<JsonNode> given = parts.find("crosses");
    given.ifPresent(
        node -> violations.check(node.isNumber(), parts.pointer("crosses"), "Expected a number."));
    return given.filter(JsonNode::isNumber).map(JsonNode::decimalValue).orElse(null);
  }

  private int number(Fields parts, String name, int least) {
    JsonNode node = parts.find(name).orElseGet(() -> JsonNodeFactory.instance.nullNode());
    boolean fits = node.canConvertToInt() && node.isIntegralNumber();
    int number = fits ? node.intValue() : 0;
    if (number < least || number > MOST_EVENTS) {
      violations.add(
          parts.pointer(name),
          "Expected a whole number from %d to %d.".formatted(least, MOST_EVENTS));
      return least;
    }
    return number;
  }

  private Duration duration(Fields parts, String name) {
    String text = parts.requiredText(name);
    if (text.isEmpty()) {
      return SHORTEST;
    }
    try {
      Duration duration = Duration.parse(text);
      if (duration.compareTo(SHORTEST) >= 0 && duration.compareTo(LONGEST) <= 0) {
        return duration;
      }
    } catch (DateTimeException e) {
      // told below, as one that is too short or too long is
    }
    violations.add(
        parts.pointer(name),
        "Expected an ISO 8601 duration from PT1S to P31D, such as PT10M, found \"" + text + "\".");
    return SHORTEST;
  }
}
