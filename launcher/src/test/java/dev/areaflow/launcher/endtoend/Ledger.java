package dev.areaflow.launcher.endtoend;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;

/**
 * What a load of distinct events was answered, held against what came of it: the checker of the
 * promises. Deliveries are noted by several threads; the verdict is asked for when they are done.
 */
final class Ledger {

  /**
   * One delivery of an event, and what its sender knows of it.
   *
   * @param status 0 where there was no answer
   */
  record Delivery(
      String eventId, int status, boolean retryAfter, Instant sentAt, Instant answeredAt) {
    boolean accepted() {
      return status / 100 == 2;
    }

    Duration took() {
      return Duration.between(sentAt, answeredAt);
    }

    boolean within(Fault fault) {
      return !sentAt.isBefore(fault.from()) && !answeredAt.isAfter(fault.until());
    }
  }

  /** One run, as the run log shows it. */
  record Run(String id, String area, String eventId, String status) {}

  /** Something went away, and came back. */
  record Fault(Instant from, Instant until) {}

  /** One event at one AREA. */
  private record Match(String area, String eventId) implements Comparable<Match> {
    @Override
    public int compareTo(Match other) {
      return Comparator.comparing(Match::area).thenComparing(Match::eventId).compare(this, other);
    }

    @Override
    public String toString() {
      return "event " + eventId + " at " + area;
    }
  }

  private static final Set<String> FINAL = Set.of("succeeded", "failed", "cancelled");

  private final Set<String> areas;
  private final Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();
  private final ConcurrentMap<String, Integer> acceptances = new ConcurrentHashMap<>();
  private final List<Fault> faults = new ArrayList<>();

  /**
   * @param areas names of the AREAs that match every event; each posts to the path of its name
   */
  Ledger(Set<String> areas) {
    this.areas = Set.copyOf(areas);
  }

  /**
   * Notes a delivery. An event with an acceptance must have exactly one run at each AREA; one
   * without may have one or none, since an answer may be lost on its way.
   */
  void delivered(Delivery delivery) {
    deliveries.add(delivery);
    acceptances.merge(delivery.eventId(), delivery.accepted() ? 1 : 0, Integer::sum);
  }

  /** Notes a fault, at which calls may be in flight. */
  void faulted(Fault fault) {
    faults.add(fault);
  }

  List<Delivery> deliveries() {
    return List.copyOf(deliveries);
  }

  /** How often each event was accepted, 0 included. */
  Map<String, Integer> acceptances() {
    return Map.copyOf(acceptances);
  }

  /** Events with at least one acceptance. */
  long accepted() {
    return acceptances.values().stream().filter(times -> times > 0).count();
  }

  int sent() {
    return acceptances.size();
  }

  /**
   * Every way in which the promises do not hold, in words; empty when all do.
   *
   * @param runs the run log of all AREAs
   * @param calls what the third party received: the path is the AREA's name, the body the event's
   *     id
   * @param window how long before a fault a call may have been in flight
   */
  List<String> violations(List<Run> runs, List<RecordingSink.Call> calls, Duration window) {
    Map<Match, List<Run>> runsOf = new TreeMap<>();
    runs.forEach(
        run ->
            runsOf
                .computeIfAbsent(new Match(run.area(), run.eventId()), _ -> new ArrayList<>())
                .add(run));
    Map<Match, List<RecordingSink.Call>> callsOf = new TreeMap<>();
    calls.forEach(
        call ->
            callsOf
                .computeIfAbsent(
                    new Match(call.path().substring(1), call.body()), _ -> new ArrayList<>())
                .add(call));

    List<String> violations = new ArrayList<>();
    acceptances.forEach(
        (id, times) -> {
          for (String area : areas) {
            Match match = new Match(area, id);
            int count = runsOf.getOrDefault(match, List.of()).size();
            if (times > 0 && count != 1) {
              violations.add("accepted " + match + " has " + count + " runs, expected 1");
            }
            if (times == 0 && count > 1) {
              violations.add("unanswered " + match + " has " + count + " runs, expected 0 or 1");
            }
          }
        });
    runsOf.forEach(
        (match, found) -> {
          if (!acceptances.containsKey(match.eventId()) || !areas.contains(match.area())) {
            violations.add(match + " has a run, but was never sent or does not match");
          }
          found.stream()
              .filter(run -> !FINAL.contains(run.status()))
              .forEach(run -> violations.add("run " + run.id() + " ended as " + run.status()));
          if (!callsOf.containsKey(match)) {
            violations.add(match + " has a run, but its reaction never arrived");
          }
        });
    callsOf.forEach(
        (match, found) -> {
          if (!runsOf.containsKey(match)) {
            violations.add(match + " was carried out, but has no run");
          }
          violations.addAll(repetitions(match, found, window));
        });
    violations.addAll(keyViolations(callsOf));
    return violations;
  }

  /**
   * Every way in which digests, which take every event, do not have each once; empty when all do.
   *
   * @param digests the ids of each one's events, in its order
   */
  List<String> violationsOfDigests(Map<String, List<String>> digests) {
    Map<String, Integer> times = new TreeMap<>();
    digests.values().forEach(ids -> ids.forEach(id -> times.merge(id, 1, Integer::sum)));
    List<String> violations = new ArrayList<>();
    acceptances.forEach(
        (id, accepted) -> {
          int digested = times.getOrDefault(id, 0);
          if (digested > 1 || (digested == 0 && accepted > 0)) {
            violations.add("event " + id + " is in " + digested + " digests, expected 1");
          }
        });
    times.keySet().stream()
        .filter(id -> !acceptances.containsKey(id))
        .forEach(id -> violations.add("event " + id + " is in a digest, but was never sent"));
    return violations;
  }

  /** Each match has one command id, and no two have the same. */
  private static List<String> keyViolations(Map<Match, List<RecordingSink.Call>> callsOf) {
    List<String> violations = new ArrayList<>();
    Map<String, Match> ownerOf = new TreeMap<>();
    callsOf.forEach(
        (match, calls) -> {
          Set<String> keys = new TreeSet<>();
          calls.forEach(call -> keys.add(call.key()));
          if (keys.size() > 1) {
            violations.add(match + " was carried out under several command ids: " + keys);
          }
          for (String key : keys) {
            if (key.isEmpty()) {
              violations.add(match + " was carried out without a command id");
              continue;
            }
            Match other = ownerOf.putIfAbsent(key, match);
            if (other != null) {
              violations.add(match + " and " + other + " have one command id, " + key);
            }
          }
        });
    return violations;
  }

  /** A call may come again only after a fault, and only where it was in flight then. */
  private List<String> repetitions(Match match, List<RecordingSink.Call> calls, Duration window) {
    List<Instant> times = calls.stream().map(RecordingSink.Call::at).sorted().toList();
    List<String> violations = new ArrayList<>();
    for (int i = 1; i < times.size(); i++) {
      Instant before = times.get(i - 1);
      Instant again = times.get(i);
      boolean inFlight =
          faults.stream()
              .anyMatch(
                  fault ->
                      before.isAfter(fault.from().minus(window))
                          && !before.isAfter(fault.until())
                          && again.isAfter(fault.from()));
      if (!inFlight) {
        violations.add(match + " was carried out at " + before + " and again at " + again);
      }
    }
    return violations;
  }

  /** Calls beyond the first of each command. */
  static long repeated(List<RecordingSink.Call> calls) {
    return calls.size() - calls.stream().map(RecordingSink.Call::key).distinct().count();
  }
}
