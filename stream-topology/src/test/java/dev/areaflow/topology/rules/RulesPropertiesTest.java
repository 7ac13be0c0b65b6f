package dev.areaflow.topology.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.IntNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/**
 * Each rule against a naive model, which looks at all events at once. The rule sees one at a time,
 * remembers only what a row of its store can say, and is asked at every moment that it wanted.
 */
final class RulesPropertiesTest {
  private static final Instant START = Instant.parse("2026-03-02T10:00:00Z");
  private static final Duration WINDOW = Duration.ofSeconds(10);

  /**
   * An event of the model.
   *
   * @param value what {@link Change} watches
   */
  record Seen(int number, Instant at, Set<Integer> members, boolean ends, int value) {
    Arrival arrival() {
      return new Arrival(
          new Kept("e" + number, at, at, "hook", 0, number), members, ends, IntNode.valueOf(value));
    }
  }

  /** Firings as the model tells them. */
  record Fired(Instant at, List<Integer> events) {
    static Fired of(Firing firing) {
      return new Fired(
          firing.at(), firing.events().stream().map(event -> (int) event.offset()).toList());
    }
  }

  @Provide
  Arbitrary<List<Seen>> events() {
    Arbitrary<Integer> pauses = // often none, often just the window or a moment beside it
        Arbitraries.oneOf(
            Arbitraries.of(0, 0, 1, 4_999, 5_000, 5_001, 9_999, 10_000, 10_001),
            Arbitraries.integers().between(0, 25_000));
    return Combinators.combine(
            pauses,
            Arbitraries.integers().between(0, 2).set().ofMaxSize(3),
            Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(5, Arbitraries.just(false)),
                net.jqwik.api.Tuple.of(1, Arbitraries.just(true))),
            Arbitraries.integers().between(0, 3))
        .as(
            (pause, members, ends, value) ->
                new Seen(pause, START, members, ends, value)) // its number is its pause still
        .list()
        .ofMaxSize(40)
        .map(RulesPropertiesTest::inTurn);
  }

  private static List<Seen> inTurn(List<Seen> pauses) {
    List<Seen> events = new ArrayList<>();
    Instant at = START;
    for (Seen each : pauses) {
      at = at.plusMillis(each.number());
      events.add(new Seen(events.size(), at, each.members(), each.ends(), each.value()));
    }
    return events;
  }

  private static List<Fired> live(Rule rule, List<Seen> events) {
    Live live = new Live(rule);
    events.forEach(event -> live.event(event.arrival()));
    live.until(Instant.MAX);
    return live.fired;
  }

  /** A rule as the platform runs it, with its memory written and read again each time. */
  private static final class Live {
    private final Rule rule;
    private final List<Fired> fired = new ArrayList<>();
    private Optional<Memory> memory;

    Live(Rule rule) {
      this.rule = rule;
      this.memory = rule.begin(START);
    }

    void event(Arrival arrival) {
      until(arrival.event().at());
      apply(rule.on(memory.orElse(null), arrival));
    }

    void until(Instant now) {
      Optional<Instant> due = memory.flatMap(Memory::dueAt);
      while (due.isPresent() && !due.get().isAfter(now)) {
        apply(rule.due(memory.orElseThrow(), due.get()));
        Optional<Instant> next = memory.flatMap(Memory::dueAt);
        assertThat(next).as("after %s", due.get()).isNotEqualTo(due);
        due = next;
      }
    }

    private void apply(Turn turn) {
      memory =
          Optional.ofNullable(turn.memory())
              .map(
                  kept ->
                      Remembered.SERDE.serializer().serialize("", new Remembered("f", "l", kept)))
              .map(row -> Remembered.SERDE.deserializer().deserialize("", row).memory());
      assertThat(memory).isEqualTo(Optional.ofNullable(turn.memory()));
      assertThat(turn.firing().isPresent() && turn.fate().isPresent())
          .isEqualTo(turn.fate().equals(Optional.of(Turn.Fate.FIRES)));
      turn.firing().map(Fired::of).ifPresent(fired::add);
    }
  }

  @Property
  void throttle(@ForAll("events") List<Seen> events, @ForAll @IntRange(min = 1, max = 4) int most) {
    // given
    List<Fired> model = new ArrayList<>();
    for (Seen event : events) {
      if (model.stream().filter(f -> isWithin(f.at(), event.at())).count() < most) {
        model.add(new Fired(event.at(), List.of(event.number())));
      }
    }

    // then
    assertThat(live(new Throttle(most, WINDOW), events)).isEqualTo(model);
  }

  @Property
  void debounce(@ForAll("events") List<Seen> events) {
    // given
    Duration quiet = Duration.ofSeconds(5);
    List<Fired> model = new ArrayList<>();
    for (int first = 0; first < events.size(); ) {
      int next = first;
      Instant end = events.get(first).at();
      do {
        end = earlier(events.get(next).at().plus(quiet), events.get(first).at().plus(WINDOW));
        next++;
      } while (next < events.size() && events.get(next).at().isBefore(end));
      model.add(new Fired(end, numbers(events.subList(first, next))));
      first = next;
    }

    // then
    assertThat(live(new Debounce(quiet, WINDOW), events)).isEqualTo(model);
  }

  @Property
  void digest(@ForAll("events") List<Seen> events, @ForAll @IntRange(min = 2, max = 5) int most) {
    // given
    UnaryOperator<Instant> end = from -> from.plus(WINDOW);
    List<Fired> model = new ArrayList<>();
    for (int first = 0; first < events.size(); ) {
      int next = first;
      while (next < events.size()
          && next - first < most
          && isWithin(events.get(first).at(), events.get(next).at())) {
        next++;
      }
      Instant at =
          next - first == most ? events.get(next - 1).at() : end.apply(events.get(first).at());
      model.add(new Fired(at, numbers(events.subList(first, next))));
      first = next;
    }

    // then
    assertThat(live(new Digest(end, most), events)).isEqualTo(model);
  }

  @Property
  void count(@ForAll("events") List<Seen> events, @ForAll @IntRange(min = 2, max = 5) int wanted) {
    // given
    List<Fired> model = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < events.size(); i++) {
      Instant now = events.get(i).at();
      List<Seen> recent =
          events.subList(from, i + 1).stream().filter(e -> isWithin(e.at(), now)).toList();
      if (recent.size() == wanted) {
        model.add(new Fired(now, numbers(recent)));
        from = i + 1;
      }
    }

    // then
    assertThat(live(new Count(wanted, WINDOW), events)).isEqualTo(model);
  }

  /** It fires with each event that ends any choice of events which make the sequence. */
  @Property(tries = 500)
  void sequence(
      @ForAll("events") List<Seen> events, @ForAll @IntRange(min = 2, max = 3) int length) {
    // given
    List<Instant> model = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i).ends()) {
        from = i; // what began before has ended; this one may begin another
      }
      if (isSequence(events.subList(from, i), events.get(i), length, events.get(i).at())) {
        model.add(events.get(i).at());
        from = i + 1;
      }
    }

    // when
    List<Fired> fired = live(new Sequence(length, WINDOW), events);

    // then
    assertThat(fired).extracting(Fired::at).isEqualTo(model);
    assertThat(fired)
        .allSatisfy(
            firing -> {
              assertThat(firing.events()).hasSize(length).isSorted().doesNotHaveDuplicates();
              for (int member = 0; member < length; member++) {
                assertThat(events.get(firing.events().get(member)).members()).contains(member);
              }
            });
    assertThat(fired.stream().flatMap(firing -> firing.events().stream())).doesNotHaveDuplicates();
  }

  private static boolean isSequence(List<Seen> before, Seen last, int length, Instant end) {
    if (!last.members().contains(length - 1)) {
      return false;
    }
    if (length == 1) {
      return isWithin(last.at(), end);
    }
    for (int i = 0; i < before.size(); i++) {
      if (isSequence(before.subList(0, i), before.get(i), length - 1, end)) {
        return true;
      }
    }
    return false;
  }

  @Property
  void absenceAfter(@ForAll("events") List<Seen> events) {
    // given
    List<Fired> model = new ArrayList<>();
    for (int first = 0; first < events.size(); ) {
      if (!events.get(first).members().contains(Absence.AFTER)) {
        first++;
        continue;
      }
      Instant end = events.get(first).at().plus(WINDOW);
      int next = first + 1;
      while (next < events.size()
          && events.get(next).at().isBefore(end)
          && !events.get(next).members().contains(Absence.OF)) {
        next++;
      }
      if (next == events.size() || !events.get(next).at().isBefore(end)) {
        model.add(new Fired(end, List.of(events.get(first).number())));
      }
      first = next; // the answer may ask anew
    }

    // then
    assertThat(live(new Absence(WINDOW, true), events)).isEqualTo(model);
  }

  @Property
  void absence(@ForAll("events") List<Seen> events) {
    // given
    List<Fired> model = new ArrayList<>();
    Instant last = START;
    List<Integer> about = List.of();
    List<Seen> awaited =
        events.stream().filter(event -> event.members().contains(Absence.OF)).toList();
    for (Seen event : awaited) {
      if (!isWithin(last, event.at())) {
        model.add(new Fired(last.plus(WINDOW), about));
      }
      last = event.at();
      about = List.of(event.number());
    }
    model.add(new Fired(last.plus(WINDOW), about));

    // then
    assertThat(live(new Absence(WINDOW, false), events)).isEqualTo(model);
  }

  @Property
  void change(@ForAll("events") List<Seen> events) {
    // given
    List<Fired> everyOne = new ArrayList<>();
    List<Fired> crossing = new ArrayList<>();
    for (int i = 1; i < events.size(); i++) {
      int old = events.get(i - 1).value();
      int now = events.get(i).value();
      Fired firing = new Fired(events.get(i).at(), List.of(events.get(i).number()));
      if (old != now) {
        everyOne.add(firing);
      }
      if ((old < 2 && now >= 2) || (old >= 2 && now < 2)) {
        crossing.add(firing);
      }
    }

    // then
    assertThat(live(new Change(null), events)).isEqualTo(everyOne);
    assertThat(live(new Change(BigDecimal.TWO), events)).isEqualTo(crossing);
  }

  @Property(tries = 200)
  void whatIsKeptIsBounded(@ForAll("events") List<Seen> events) {
    for (Rule rule :
        List.of(
            new Throttle(3, WINDOW),
            new Debounce(WINDOW, WINDOW.multipliedBy(3)),
            new Digest(from -> from.plus(WINDOW), 5),
            new Count(5, WINDOW),
            new Sequence(3, WINDOW),
            new Absence(WINDOW, true),
            new Absence(WINDOW, false),
            new Change(null))) {
      Live live = new Live(rule);
      Set<Kept> came = new HashSet<>();
      for (Seen event : events) {
        came.add(event.arrival().event());
        live.event(event.arrival());
        List<Kept> kept = live.memory.stream().flatMap(Memory::events).toList();
        assertThat(kept).isSubsetOf(came).doesNotHaveDuplicates();
        assertThat(live.memory.flatMap(Memory::dueAt))
            .satisfiesAnyOf(
                due -> assertThat(due).isEmpty(),
                due -> assertThat(due.orElseThrow()).isAfter(event.at()));
      }
    }
  }

  private static boolean isWithin(Instant from, Instant to) {
    return to.isBefore(from.plus(WINDOW));
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static List<Integer> numbers(List<Seen> events) {
    return events.stream().map(Seen::number).toList();
  }
}
