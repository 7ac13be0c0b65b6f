package dev.areaflow.ingest.requests;

import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import dev.areaflow.ingest.requests.LiveReplay.Turn;
import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.backtest.BacktestEndedException;
import dev.areaflow.schemas.backtest.Replayer;
import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.schemas.topics.TopicSerdes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replays of the partitions that a process has, and what has become of them since the last
 * commit. For one thread. Where a commit fails, all of this is to be forgotten.
 */
final class Replays implements AutoCloseable {
  /** Replays of a process that go on side by side; others wait for those that began before. */
  private static final int MOST_AT_ONCE = 16;

  /** Those of them that a simulation goes ahead of, which takes memory. */
  private static final int MOST_SIMULATED = 4;

  private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

  private final ReplayLog log;
  private final Replayer replayer;
  private final Expressions expressions;
  private final TopicSerdes serdes;
  private final KeyScan scan;
  private final RunEnds ends;
  private final Map<Integer, Map<String, Replay>> known = new HashMap<>();
  private final Map<String, LiveReplay> live = new HashMap<>();
  private final Map<String, Integer> changed = new LinkedHashMap<>();
  private final List<ProducerRecord<byte[], byte[]>> events = new ArrayList<>();

  /**
   * @param replayer finds what AREAs with a rule or several hooks make
   * @param scan of events; stays the caller's
   * @param ends what has ended
   */
  Replays(
      ReplayLog log,
      Replayer replayer,
      Expressions expressions,
      TopicSerdes serdes,
      KeyScan scan,
      RunEnds ends) {
    this.log = log;
    this.replayer = replayer;
    this.expressions = expressions;
    this.serdes = serdes;
    this.scan = scan;
    this.ends = ends;
  }

  /** Which partitions' replays are known here. */
  Set<Integer> partitions() {
    return Set.copyOf(known.keySet());
  }

  /** A partition is this process's from now on. */
  void take(int partition) {
    known.put(partition, log.read(partition));
  }

  /** Partitions are another's from now on. */
  void leave(Collection<Integer> partitions) {
    for (int partition : partitions) {
      Map<String, Replay> left = known.remove(partition);
      if (left != null) {
        left.keySet().forEach(this::end);
      }
    }
  }

  /** Whether any goes on. */
  boolean goOn() {
    return known.values().stream().anyMatch(all -> all.values().stream().anyMatch(Replay::isLive));
  }

  /**
   * Does what is asked; what was done before, is another's or makes no sense any more changes
   * nothing.
   *
   * @param partition of the request, which is {@linkplain #take taken}
   * @return whether it changed something
   */
  boolean follow(int partition, RequestRow request, Instant now) {
    Map<String, Replay> all = of(partition);
    Instant askedAt = request.createdAt().truncatedTo(ChronoUnit.MILLIS);
    return switch (request.kind()) {
      case "replay", "replay-resume" -> {
        RequestBody.Replay body = RequestBody.parse(request.body(), RequestBody.Replay.class);
        Replay before = all.get(body.replayId());
        yield before == null
            ? change(partition, null, Replay.asked(body, request.ownerId(), askedAt))
            : mayAsk(before, request) && change(partition, before, before.resumed(askedAt, now));
      }
      case "replay-cancel" -> {
        var body = RequestBody.parse(request.body(), RequestBody.CancelReplay.class);
        Replay before = all.get(body.replayId());
        yield before != null
            && mayAsk(before, request)
            && change(partition, before, before.cancelled(askedAt, now));
      }
      default -> false; // others'
    };
  }

  private static boolean mayAsk(Replay replay, RequestRow request) {
    return !replay.knows(request.createdAt().truncatedTo(ChronoUnit.MILLIS))
        && replay.progress().getOwnerId().equals(request.ownerId());
  }

  private boolean change(int partition, @Nullable Replay before, Replay after) {
    if (after.equals(before)) {
      return false;
    }
    of(partition).put(after.id(), after);
    changed.put(after.id(), partition);
    if (!after.isLive()) {
      end(after.id());
    }
    return true;
  }

  private void end(String id) {
    @Nullable LiveReplay going = live.remove(id);
    if (going != null) {
      going.close();
    }
  }

  private Map<String, Replay> of(int partition) {
    return Objects.requireNonNull(known.get(partition), "a partition that was not taken");
  }

  /** Lets those that are live go on for a moment; gives how many events they wrote. */
  int advance(Instant now) {
    Map<String, Integer> places = new TreeMap<>(); // ids begin with the time
    known.forEach(
        (partition, all) ->
            all.values().stream()
                .filter(Replay::isLive)
                .forEach(replay -> places.put(replay.id(), partition)));
    List<String> chosen = chosen(places);
    List.copyOf(live.keySet()).stream().filter(id -> !chosen.contains(id)).forEach(this::end);
    int before = events.size();
    chosen.forEach(id -> advance(Objects.requireNonNull(places.get(id)), id, now));
    return events.size() - before;
  }

  /** Who goes on now. */
  private List<String> chosen(Map<String, Integer> places) {
    List<String> chosen = new ArrayList<>();
    int simulated = 0;
    for (Map.Entry<String, Integer> place : places.entrySet()) {
      boolean isSimulated = replay(place.getValue(), place.getKey()).isSimulated();
      if (chosen.size() < MOST_AT_ONCE && !(isSimulated && simulated == MOST_SIMULATED)) {
        simulated += isSimulated ? 1 : 0;
        chosen.add(place.getKey());
      }
    }
    return chosen;
  }

  private Replay replay(int partition, String id) {
    return Objects.requireNonNull(of(partition).get(id));
  }

  private void advance(int partition, String id, Instant now) {
    Replay before = replay(partition, id);
    try {
      long nowNanos = System.nanoTime();
      LiveReplay going = live.computeIfAbsent(id, _ -> begun(before, nowNanos));
      Replay counted = before.progress().getSerial() ? ends.counted(before) : before;
      Turn turn = going.turn(counted, counted.mayWait(), nowNanos, now);
      events.addAll(turn.written());
      change(partition, before, turn.replay());
    } catch (InvalidExpressionException e) {
      change(partition, before, before.failed("Its condition is none: " + e.getMessage(), now));
    } catch (BacktestEndedException e) {
      change(partition, before, before.failed(String.valueOf(e.getMessage()), now));
    } catch (RuntimeException e) {
      // one that a fault of ours ends must not stop the others
      Outages.rethrow(e);
      LOG.error("replay {} failed", id, e);
      change(
          partition,
          before,
          before.failed("It is our fault; the log of the platform has more.", now));
    }
  }

  private LiveReplay begun(Replay replay, long nowNanos) {
    ReplayProgress asked = replay.progress();
    return replay.isSimulated()
        ? new SimulatedReplay(
            replay,
            new ReplayAhead(
                replayer, replay.simulated(), asked.getReachedAt(), asked.getReachedThen()),
            serdes,
            nowNanos)
        : new HookReplay(replay, new ReplayedEvents(asked, expressions, serdes), scan, nowNanos);
  }

  /** Ends what goes on beside the turns. */
  @Override
  public void close() {
    live.values().forEach(LiveReplay::close);
    live.clear();
  }

  /** What is to be written since the last commit; nothing, where nothing happened. */
  List<ProducerRecord<byte[], byte[]>> written() {
    List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>(events);
    changed.forEach(
        (id, partition) ->
            all.add(log.record(partition, Objects.requireNonNull(of(partition).get(id)))));
    return all;
  }

  /** The partitions whose replays changed since then. */
  Set<Integer> changedPartitions() {
    return new HashSet<>(changed.values());
  }

  /** All of it is committed. */
  void committed() {
    events.clear();
    changed.clear();
  }
}
