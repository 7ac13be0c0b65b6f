package dev.areaflow.executors;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.topics.ShareLoop;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the executors count; the names are public and versioned. */
final class ExecutorMetrics implements ShareLoop.Listener, Breakers.Listener {
  private static final int MOST_KINDS = 1_000;

  private final MeterRegistry registry;
  private final Map<Kind, Timer> attempts = new ConcurrentHashMap<>();
  private final Counter acceptedLate;
  private final Counter deadLetters;
  private final Counter restarts;
  private final Counter lostAcknowledgements;
  private final Counter outcomesRetried;
  private final Counter breakersOpened;
  private final Counter keptAway;

  private record Kind(String service, String reaction, String outcome) {}

  ExecutorMetrics(MeterRegistry registry, InFlight inFlight) {
    this.registry = registry;
    this.acceptedLate =
        counter(
            "areaflow.executors.accepted.late",
            "Commands accepted while their call still ran; their deadline covers them.");
    this.deadLetters =
        counter("areaflow.executors.dead.letters", "Commands that could not be read.");
    this.restarts = counter("areaflow.executors.consumer.restarts", "Share consumers made again.");
    this.lostAcknowledgements =
        counter(
            "areaflow.executors.acknowledgements.failed",
            "Acknowledgements that the broker refused; those commands are delivered again.");
    this.outcomesRetried =
        counter("areaflow.executors.outcomes.retried", "Outcomes that had to be sent again.");
    this.breakersOpened =
        counter(
            "areaflow.executors.breakers.opened",
            "Times that a host was left alone because most of its calls failed.");
    this.keptAway =
        counter(
            "areaflow.executors.breakers.deferred",
            "Calls that were put off because their host was left alone.");
    Gauge.builder("areaflow.executors.in.flight", inFlight, InFlight::commands)
        .description("Commands in hand.")
        .register(registry);
  }

  /** Shows how many of these are open. */
  void watch(Breakers breakers) {
    Gauge.builder("areaflow.executors.breakers.open", breakers, Breakers::open)
        .description("Hosts that are left alone at present, by connection or owner.")
        .register(registry);
  }

  @Override
  public void opened() {
    breakersOpened.increment();
  }

  @Override
  public void keptAway() {
    keptAway.increment();
  }

  /** An attempt has its outcome. */
  void attempted(Command command, Outcome outcome, Duration took) {
    Kind kind =
        new Kind(
            command.getService(),
            command.getReaction(),
            outcome.getKind().name().toLowerCase(Locale.ROOT));
    if (attempts.size() >= MOST_KINDS && !attempts.containsKey(kind)) {
      kind = new Kind("other", "other", kind.outcome());
    }
    attempts.computeIfAbsent(kind, this::timer).record(took);
  }

  void acceptedLate(int commands) {
    acceptedLate.increment(commands);
  }

  void deadLetter() {
    deadLetters.increment();
  }

  @Override
  public void restarted() {
    restarts.increment();
  }

  @Override
  public void acknowledgementLost() {
    lostAcknowledgements.increment();
  }

  void outcomeRetried() {
    outcomesRetried.increment();
  }

  private Timer timer(Kind kind) {
    return Timer.builder("areaflow.executors.attempts")
        .description("Attempts of commands, with the time to their outcome.")
        .tag("service", kind.service())
        .tag("reaction", kind.reaction())
        .tag("outcome", kind.outcome())
        .publishPercentileHistogram()
        .register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }
}
