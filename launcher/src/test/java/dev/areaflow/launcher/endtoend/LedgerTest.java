package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final Instant KILL = Instant.parse("2026-01-01T00:00:10Z");
  private static final Duration WINDOW = Duration.ofSeconds(2);

  private final Ledger ledger = new Ledger(Set.of("one"));

  @Test
  void oneRunAndOneCallForAnAcceptedEventIsWhatIsPromised() {
    // given
    delivered("a", 202);

    // when
    List<String> violations = violations(List.of(run("a")), List.of(call("a", "k", KILL)));

    // then
    assertThat(violations).isEmpty();
  }

  @Test
  void eachEventIsInOneDigest() {
    // given
    delivered("a", 202);
    delivered("b", 202);
    delivered("c", 503);

    // then
    assertThat(ledger.violationsOfDigests(Map.of("k1", List.of("a"), "k2", List.of("b"))))
        .isEmpty();
    assertThat(ledger.violationsOfDigests(Map.of("k1", List.of("a", "x"), "k2", List.of("a", "c"))))
        .containsExactlyInAnyOrder(
            "event a is in 2 digests, expected 1",
            "event b is in 0 digests, expected 1",
            "event x is in a digest, but was never sent");
  }

  @Test
  void aLostEventIsFound() {
    // given
    delivered("a", 202);
    delivered("a", 503);

    // when
    List<String> violations = violations(List.of(), List.of());

    // then
    assertThat(violations).containsExactly("accepted event a at one has 0 runs, expected 1");
  }

  @Test
  void anEventLostAtOneOfTwoAreasIsFound() {
    // given
    Ledger two = new Ledger(Set.of("one", "two"));
    two.delivered(delivery("a", 202));

    // when
    List<String> violations =
        two.violations(List.of(run("a")), List.of(call("a", "k", KILL)), WINDOW);

    // then
    assertThat(violations).containsExactly("accepted event a at two has 0 runs, expected 1");
  }

  @Test
  void aDoubledMatchIsFound() {
    // given
    delivered("a", 202);

    // when
    List<String> violations =
        violations(
            List.of(run("a"), run("a")),
            List.of(call("a", "k1", KILL.minusSeconds(9)), call("a", "k2", KILL)));

    // then
    assertThat(violations)
        .hasSize(3)
        .anyMatch(violation -> violation.contains("has 2 runs"))
        .anyMatch(violation -> violation.contains("several command ids"))
        .anyMatch(violation -> violation.contains("and again at"));
  }

  @Test
  void aCallMayRepeatOnlyIfItWasInFlightAtAFault() {
    // given
    delivered("a", 202);
    ledger.faulted(new Ledger.Fault(KILL, KILL.plusMillis(100)));
    Instant later = KILL.plusSeconds(9);

    // when
    List<String> inFlight = repeated(KILL.minusSeconds(1), later);
    List<String> longBefore = repeated(KILL.minusSeconds(5), later);
    List<String> bothBefore = repeated(KILL.minusMillis(2), KILL.minusMillis(1));
    List<String> twice = repeated(KILL.minusSeconds(1), later, later.plusSeconds(1));

    // then
    assertThat(inFlight).isEmpty();
    assertThat(longBefore).hasSize(1);
    assertThat(bothBefore).hasSize(1);
    assertThat(twice).hasSize(1);
  }

  @Test
  void anUnansweredEventMayHaveARunOrNone() {
    // given
    delivered("a", 0);
    delivered("b", 503);

    // when
    List<String> one = violations(List.of(run("a")), List.of(call("a", "k", KILL)));
    List<String> two = violations(List.of(run("a"), run("a")), List.of(call("a", "k", KILL)));

    // then
    assertThat(one).isEmpty();
    assertThat(two).containsExactly("unanswered event a at one has 2 runs, expected 0 or 1");
  }

  @Test
  void aRunThatNeverEndsIsFound() {
    // given
    delivered("a", 202);

    // when
    List<String> violations =
        violations(
            List.of(new Ledger.Run("run-a", "one", "a", "running")), List.of(call("a", "k", KILL)));

    // then
    assertThat(violations).containsExactly("run run-a ended as running");
  }

  @Test
  void aRunOfAnAreaThatDoesNotMatchIsFound() {
    // given
    delivered("a", 202);

    // when
    List<String> violations =
        violations(
            List.of(run("a"), new Ledger.Run("run-x", "other", "a", "succeeded")),
            List.of(
                call("a", "k", KILL), new RecordingSink.Call("POST", "/other", "x", "a", KILL)));

    // then
    assertThat(violations)
        .containsExactly("event a at other has a run, but was never sent or does not match");
  }

  @Test
  void aCommandWithoutAnIdAndOneWithAnothersAreFound() {
    // given
    delivered("a", 202);
    delivered("b", 202);
    delivered("c", 202);

    // when
    List<String> violations =
        violations(
            List.of(run("a"), run("b"), run("c")),
            List.of(call("a", "k", KILL), call("b", "k", KILL), call("c", "", KILL)));

    // then
    assertThat(violations)
        .containsExactlyInAnyOrder(
            "event b at one and event a at one have one command id, k",
            "event c at one was carried out without a command id");
  }

  private void delivered(String eventId, int status) {
    ledger.delivered(delivery(eventId, status));
  }

  private static Ledger.Delivery delivery(String eventId, int status) {
    return new Ledger.Delivery(eventId, status, false, KILL.minusSeconds(9), KILL.minusSeconds(9));
  }

  private List<String> repeated(Instant... times) {
    return violations(
        List.of(run("a")), List.of(times).stream().map(at -> call("a", "k", at)).toList());
  }

  private List<String> violations(List<Ledger.Run> runs, List<RecordingSink.Call> calls) {
    return ledger.violations(runs, calls, WINDOW);
  }

  private static Ledger.Run run(String eventId) {
    return new Ledger.Run("run-" + eventId, "one", eventId, "succeeded");
  }

  private static RecordingSink.Call call(String eventId, String key, Instant at) {
    return new RecordingSink.Call("POST", "/one", key, eventId, at);
  }
}
