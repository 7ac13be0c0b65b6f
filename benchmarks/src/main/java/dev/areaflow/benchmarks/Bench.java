package dev.areaflow.benchmarks;

import dev.areaflow.benchmarks.Measurement.Load;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Measures one contender after the other with the same load and sink. */
final class Bench {
  private static final int CONNECTIONS = 16;
  private static final int OPEN_LOOP_CONNECTIONS = 64;
  private static final int QUIET_RATE = 200;
  private static final int WARM_UP_SECONDS = 20;
  private static final int MOST_WARM_UPS = 12;
  private static final int MOST_STEPS = 10;
  private static final double STILL_GETTING_FASTER = 0.97;
  private static final double CLOSE_ENOUGH = 1.05;
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration STILL = Duration.ofSeconds(5);
  private static final Duration DRAIN = Duration.ofMinutes(3);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration SAMPLE = Duration.ofMillis(500);

  private final ChildProcess load;
  private final ChildProcess sink;
  private final int seconds;
  private final Consumer<String> progress;
  private int run;

  Bench(ChildProcess load, ChildProcess sink, int seconds, Consumer<String> progress) {
    this.load = load;
    this.sink = sink;
    this.seconds = seconds;
    this.progress = progress;
  }

  /** Warm-up, closed loop, search of the sustained rate, and the quiet run. */
  Measurement measure(Contender contender, Duration startUp)
      throws IOException, InterruptedException {
    AtomicReference<ProcessTree.Memory> memory = new AtomicReference<>(ProcessTree.Memory.NONE);
    Thread sampler = Thread.ofVirtual().start(() -> sample(contender.processes(), memory));
    try {
      warmUp(contender);
      Load closed = closedLoop(contender, seconds);
      say(contender, "closed loop, " + CONNECTIONS + " connections", closed);
      Load sustained = search(contender, closed);
      Load answers = run(contender, sustained.rate() / 2, CONNECTIONS, seconds);
      say(contender, "open loop, " + CONNECTIONS + " connections", answers);
      Load quiet = openLoop(contender, QUIET_RATE);
      say(contender, QUIET_RATE + " events/s", quiet);
      return new Measurement(
          closed, sustained, answers, quiet, memory.get(), startUp, Duration.ZERO);
    } finally {
      sampler.interrupt();
    }
  }

  /** Until the JIT compiler has done its work: on two cores that takes minutes. */
  private void warmUp(Contender contender) throws IOException, InterruptedException {
    double before = Double.POSITIVE_INFINITY;
    for (int i = 0; i < MOST_WARM_UPS; i++) {
      Load load = closedLoop(contender, WARM_UP_SECONDS);
      say(contender, "warm-up", load);
      if (load.processorMicrosPerEvent() > before * STILL_GETTING_FASTER) {
        return;
      }
      before = load.processorMicrosPerEvent();
    }
  }

  private static void sample(ProcessTree processes, AtomicReference<ProcessTree.Memory> most) {
    try {
      while (true) {
        most.updateAndGet(processes.memory()::max);
        Thread.sleep(SAMPLE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The highest rate that leaves no backlog, to 5 %: up in steps of 30 %, then by halves. */
  private Load search(Contender contender, Load closed) throws IOException, InterruptedException {
    int rate = (int) Math.max(QUIET_RATE, closed.reactionsPerSecond());
    Optional<Load> best = Optional.empty();
    Load last = closed;
    double tooMuch = Double.POSITIVE_INFINITY;
    for (int step = 0; step < MOST_STEPS; step++) {
      last = openLoop(contender, rate);
      say(contender, "open loop, " + rate + " events/s", last);
      if (last.isSustained()) {
        best = Optional.of(last);
      } else {
        tooMuch = rate;
      }
      double enough = best.map(Load::rate).orElse(0);
      if (best.isPresent() && tooMuch / enough <= CLOSE_ENOUGH) {
        break;
      }
      if (best.isEmpty()) {
        rate = (int) (rate * 0.8);
      } else if (Double.isInfinite(tooMuch)) {
        rate = (int) (rate * 1.3);
      } else {
        rate = (int) ((enough + tooMuch) / 2);
      }
    }
    return best.orElse(last);
  }

  private Load closedLoop(Contender contender, int duration)
      throws IOException, InterruptedException {
    return run(contender, 0, CONNECTIONS, duration);
  }

  private Load openLoop(Contender contender, int rate) throws IOException, InterruptedException {
    return run(contender, rate, OPEN_LOOP_CONNECTIONS, seconds);
  }

  private Load run(Contender contender, int rate, int connections, int duration)
      throws IOException, InterruptedException {
    run++;
    Duration before = contender.processes().processorTime();
    LoadJob job =
        new LoadJob(
            contender.hook().toString(), contender.headers(), run, rate, connections, duration);
    LoadResult sent =
        Wire.read(
            load.ask(Wire.line(job), Duration.ofSeconds(duration).plusSeconds(30)),
            LoadResult.class);
    SinkStatus atEnd = status();
    SinkStatus drained = drain(sent.accepted());
    Duration used = contender.processes().processorTime().minus(before);
    long refused =
        sent.failed()
            + sent.unsent()
            + sent.refused().values().stream().mapToLong(Long::longValue).sum();
    return new Load(
        rate,
        sent.acceptedPerSecond(),
        atEnd.arrived() / sent.seconds(),
        Math.max(0, sent.accepted() - atEnd.arrived()),
        refused,
        Math.max(0, sent.accepted() - drained.arrived()),
        drained.repeated(),
        sent.answer(),
        drained.eventToReaction(),
        used.toNanos() / 1_000.0 / Math.max(1, sent.accepted()));
  }

  /** Waits until everything has arrived, or nothing arrives any more. */
  private SinkStatus drain(long accepted) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + DRAIN.toNanos();
    SinkStatus status = status();
    long movedNanos = System.nanoTime();
    while (status.arrived() < accepted
        && System.nanoTime() < deadline
        && System.nanoTime() - movedNanos < STILL.toNanos()) {
      Thread.sleep(PAUSE); // the sink only answers, it does not tell by itself
      SinkStatus next = status();
      if (next.arrived() > status.arrived()) {
        movedNanos = System.nanoTime();
      }
      status = next;
    }
    return status;
  }

  private SinkStatus status() throws IOException, InterruptedException {
    return Wire.read(sink.ask(Integer.toString(run), ANSWER), SinkStatus.class);
  }

  private void say(Contender contender, String what, Load load) {
    progress.accept(
        "%s: %s: %.0f accepted/s, %.0f reactions/s, backlog %d, answer p50 %.1f p99 %.1f ms, event to reaction p50 %.0f p99 %.0f ms, %.0f µs CPU/event%s"
            .formatted(
                contender.name(),
                what,
                load.acceptedPerSecond(),
                load.reactionsPerSecond(),
                load.backlog(),
                load.answer().p50(),
                load.answer().p99(),
                load.eventToReaction().p50(),
                load.eventToReaction().p99(),
                load.processorMicrosPerEvent(),
                load.refused() + load.missing() + load.repeated() == 0
                    ? ""
                    : ", %d refused, %d missing, %d repeated"
                        .formatted(load.refused(), load.missing(), load.repeated())));
  }
}
