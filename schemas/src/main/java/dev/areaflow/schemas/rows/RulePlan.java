package dev.areaflow.schemas.rows;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The rule with memory of an AREA, as its definition has it. Texts named for conditions, keys and
 * values are CEL.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
@JsonSubTypes({
  @JsonSubTypes.Type(value = RulePlan.Throttle.class, name = "throttle"),
  @JsonSubTypes.Type(value = RulePlan.Debounce.class, name = "debounce"),
  @JsonSubTypes.Type(value = RulePlan.Digest.class, name = "digest"),
  @JsonSubTypes.Type(value = RulePlan.Count.class, name = "count"),
  @JsonSubTypes.Type(value = RulePlan.Sequence.class, name = "sequence"),
  @JsonSubTypes.Type(value = RulePlan.Absence.class, name = "absence"),
  @JsonSubTypes.Type(value = RulePlan.Change.class, name = "change"),
  @JsonSubTypes.Type(value = RulePlan.Deduplicate.class, name = "deduplicate")
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface RulePlan {
  /** Of what has no end in time. */
  Duration LONG_AGO = Duration.ofDays(7);

  /** What it is called in definitions. */
  @JsonIgnore
  default String kind() {
    return getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  /**
   * How far back in time events reach that it may still remember; {@link #LONG_AGO} where they have
   * no age. A silence that began just then has been told of when that time is over.
   */
  default Duration reach() {
    return switch (this) {
      case Throttle throttle -> throttle.per();
      case Debounce debounce -> debounce.atMost();
      case Digest digest -> digest.every() == null ? LONG_AGO : digest.every();
      case Count count -> count.within();
      case Sequence sequence -> sequence.within();
      case Absence absence -> absence.within().plusMillis(1);
      case Change _ -> LONG_AGO;
      case Deduplicate deduplicate -> deduplicate.within();
    };
  }

  /** At most {@code n} firings within any window. */
  record Throttle(int n, Duration per) implements RulePlan {}

  /** One firing after no event came for {@code quiet}, at most {@code atMost} after the first. */
  record Debounce(Duration quiet, Duration atMost) implements RulePlan {}

  /**
   * One firing for all events since the last.
   *
   * @param every after the first of them; null where cron says when
   * @param cron five fields; null where {@code every} says when
   * @param timezone of cron
   * @param n with how many at once; null for the most that are kept
   */
  record Digest(
      @Nullable Duration every,
      @Nullable String cron,
      @Nullable String timezone,
      @Nullable Integer n)
      implements RulePlan {}

  /** A firing when the {@code n}th event arrives within the window. */
  record Count(int n, Duration within) implements RulePlan {}

  /**
   * A firing when events came for all members, one after the other.
   *
   * @param not what ends a sequence that has begun; null if nothing, or each event of {@code notOf}
   * @param notOf the action whose events can end it; null for any
   */
  record Sequence(
      Duration within, List<Member> members, @Nullable String not, @Nullable String notOf)
      implements RulePlan {
    public Sequence {
      members = List.copyOf(members);
    }

    /** A sequence that events of any action can end. */
    public Sequence(Duration within, List<Member> members, @Nullable String not) {
      this(within, members, not, null);
    }
  }

  /**
   * A firing when what is awaited does not come in time.
   *
   * @param after what asks for it; null where it is awaited always
   * @param of what is awaited; null for any event
   */
  record Absence(Duration within, @Nullable Member after, @Nullable Member of)
      implements RulePlan {}

  /**
   * A firing when a value is another than before.
   *
   * @param crosses only where it comes to this number from below, or goes below it; null for each
   *     change
   */
  record Change(String value, @Nullable BigDecimal crosses) implements RulePlan {}

  /** The first event of its key. */
  record Deduplicate(String key, Duration within) implements RulePlan {}

  /**
   * Which events are meant.
   *
   * @param when a condition; null for each
   * @param of the action whose events are meant; null for any
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Member(@Nullable String when, @Nullable String of) {

    /** Events of any action. */
    public Member(@Nullable String when) {
      this(when, null);
    }
  }
}
