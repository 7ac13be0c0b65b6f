package dev.areaflow.launcher.endtoend;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What a load of distinct events was answered, held against what came of it: the checker of the
 * promises. Deliveries are noted by several threads; the verdict is asked for once, at the end.
 */
final class Ledger {

  /** What a sender knows of its event. */
  enum Answer {
    /** 2xx: it must have exactly one run for each matching AREA. */
    ACCEPTED,
    /** No answer, or an error: it may have one or none. */
    UNKNOWN
  }

  /** One run, as the run log shows it. */
  record Run(String id, String eventId, String status) {}

  private static final Set<String> FINAL = Set.of("succeeded", "failed", "cancelled");

  private final ConcurrentMap<String, Answer> deliveries = new ConcurrentHashMap<>();
  private final List<Instant> kills = new ArrayList<>();

  /** Notes an answer; one acceptance of several deliveries is enough. */
  void delivered(String eventId, Answer answer) {
    deliveries.merge(
        eventId, answer, (before, now) -> before == Answer.ACCEPTED ? Answer.ACCEPTED : now);
  }

  void killed(Instant at) {
    kills.add(at);
  }

  long accepted() {
    return deliveries.values().stream().filter(Answer.ACCEPTED::equals).count();
  }

  int sent() {
    return deliveries.size();
  }

  /**
   * Every way in which the promises do not hold, in words; empty when all do.
   *
   * @param runs the run log of one AREA that matches every event
   * @param calls what the third party received; the body is the event's id
   * @param window how long before a kill a call may have been in flight
   */
  List<String> violations(List<Run> runs, List<RecordingSink.Call> calls, Duration window) {
    List<String> violations = new ArrayList<>();
    Map<String, List<Run>> byEvent = new TreeMap<>();
    runs.forEach(run -> byEvent.computeIfAbsent(run.eventId(), id -> new ArrayList<>()).add(run));
    Map<String, List<RecordingSink.Call>> callsByEvent = new TreeMap<>();
    calls.forEach(
        call -> callsByEvent.computeIfAbsent(call.body(), id -> new ArrayList<>()).add(call));

    deliveries.forEach(
        (id, answer) -> {
          int count = byEvent.getOrDefault(id, List.of()).size();
          if (answer == Answer.ACCEPTED && count != 1) {
            violations.add("accepted event " + id + " has " + count + " runs, expected 1");
          }
          if (answer == Answer.UNKNOWN && count > 1) {
            violations.add("unanswered event " + id + " has " + count + " runs, expected 0 or 1");
          }
        });
    byEvent.forEach(
        (id, found) -> {
          if (!deliveries.containsKey(id)) {
            violations.add("event " + id + " was never sent but has a run");
          }
          found.stream()
              .filter(run -> !FINAL.contains(run.status()))
              .forEach(run -> violations.add("run " + run.id() + " ended as " + run.status()));
          if (!callsByEvent.containsKey(id)) {
            violations.add("event " + id + " has a run but its reaction never arrived");
          }
        });
    callsByEvent.forEach((id, found) -> violations.addAll(callViolations(id, found, window)));
    return violations;
  }

  private List<String> callViolations(
      String eventId, List<RecordingSink.Call> calls, Duration window) {
    List<String> violations = new ArrayList<>();
    Set<String> keys = new TreeSet<>();
    calls.forEach(call -> keys.add(call.key()));
    if (keys.size() > 1) {
      violations.add("event " + eventId + " was carried out under several command ids: " + keys);
    }
    if (calls.size() > 1) {
      Instant first =
          calls.stream().map(RecordingSink.Call::at).min(Instant::compareTo).orElseThrow();
      boolean inFlightAtAKill =
          kills.stream()
              .anyMatch(kill -> !first.isAfter(kill) && first.isAfter(kill.minus(window)));
      if (!inFlightAtAKill || calls.size() > 1 + kills.size()) {
        violations.add(
            "event " + eventId + " was carried out " + calls.size() + " times, first " + first);
      }
    }
    return violations;
  }
}
