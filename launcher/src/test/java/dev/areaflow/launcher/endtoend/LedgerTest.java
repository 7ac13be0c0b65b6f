package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final Instant KILL = Instant.parse("2026-01-01T00:00:10Z");
  private static final Duration WINDOW = Duration.ofSeconds(2);

  private final Ledger ledger = new Ledger();

  @Test
  void oneRunAndOneCallForAnAcceptedEventIsWhatIsPromised() {
    // given
    ledger.delivered("a", Ledger.Answer.ACCEPTED);

    // when
    List<String> violations = violations(List.of(run("a")), List.of(call("a", "k", KILL)));

    // then
    assertThat(violations).isEmpty();
  }

  @Test
  void aLostEventIsFound() {
    // given
    ledger.delivered("a", Ledger.Answer.ACCEPTED);

    // when
    List<String> violations = violations(List.of(), List.of());

    // then
    assertThat(violations).containsExactly("accepted event a has 0 runs, expected 1");
  }

  @Test
  void aDoubledMatchIsFound() {
    // given
    ledger.delivered("a", Ledger.Answer.ACCEPTED);

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
        .anyMatch(violation -> violation.contains("carried out 2 times"));
  }

  @Test
  void aCallMayRepeatOnlyIfItWasInFlightAtAKill() {
    // given
    ledger.delivered("a", Ledger.Answer.ACCEPTED);
    ledger.killed(KILL);

    // when
    List<String> inFlight =
        violations(
            List.of(run("a")),
            List.of(call("a", "k", KILL.minusSeconds(1)), call("a", "k", KILL.plusSeconds(9))));
    List<String> longBefore =
        violations(
            List.of(run("a")),
            List.of(call("a", "k", KILL.minusSeconds(5)), call("a", "k", KILL.plusSeconds(9))));

    // then
    assertThat(inFlight).isEmpty();
    assertThat(longBefore).hasSize(1);
  }

  @Test
  void anUnansweredEventMayHaveARunOrNone() {
    // given
    ledger.delivered("a", Ledger.Answer.UNKNOWN);
    ledger.delivered("b", Ledger.Answer.UNKNOWN);

    // when
    List<String> violations = violations(List.of(run("a")), List.of(call("a", "k", KILL)));

    // then
    assertThat(violations).isEmpty();
  }

  @Test
  void aRunThatNeverEndsIsFound() {
    // given
    ledger.delivered("a", Ledger.Answer.ACCEPTED);

    // when
    List<String> violations =
        violations(List.of(new Ledger.Run("run-a", "a", "running")), List.of(call("a", "k", KILL)));

    // then
    assertThat(violations).containsExactly("run run-a ended as running");
  }

  private List<String> violations(List<Ledger.Run> runs, List<RecordingSink.Call> calls) {
    return ledger.violations(runs, calls, WINDOW);
  }

  private static Ledger.Run run(String eventId) {
    return new Ledger.Run("run-" + eventId, eventId, "succeeded");
  }

  private static RecordingSink.Call call(String eventId, String key, Instant at) {
    return new RecordingSink.Call("POST", "/in", key, eventId, at);
  }
}
