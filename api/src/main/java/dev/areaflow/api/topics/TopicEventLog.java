package dev.areaflow.api.topics;

import dev.areaflow.api.topics.Decision.Result;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** The event log that reads the topics themselves. */
public final class TopicEventLog implements EventLog, AutoCloseable {
  private static final int MEBIBYTE = 1024 * 1024;
  private static final Bounds PAGE = new Bounds(50_000, 64L * MEBIBYTE, Duration.ofSeconds(2));
  private static final Bounds SEARCH = new Bounds(200_000, 256L * MEBIBYTE, Duration.ofSeconds(3));
  private static final Bounds DECISIONS =
      new Bounds(50_000, 64L * MEBIBYTE, Duration.ofMillis(1_500));
  // brokers' clocks may differ a little between the two topics
  private static final Duration SKEW = Duration.ofSeconds(1);

  private final ReaderPool readers;
  private final RecordDecoder<Event> events;
  private final RecordDecoder<RunRecord> runs;

  public TopicEventLog(ReaderPool readers, TopicSerdes serdes) {
    this.readers = readers;
    this.events = new RecordDecoder<>(serdes, Topics.EVENTS);
    this.runs = new RecordDecoder<>(serdes, Topics.RUNS);
  }

  @Override
  public Optional<StoredEvent> at(int partition, long offset) {
    TopicPartition place = new TopicPartition(Topics.EVENTS.name(), partition);
    return readers.read(reader -> reader.at(place, offset)).flatMap(this::event);
  }

  @Override
  public Slice newest(UUID hook, Arrived arrived, OptionalLong before, int most) {
    String key = hook.toString();
    TopicReader.Back back =
        readers.read(
            reader -> {
              TopicPartition partition = reader.partition(Topics.EVENTS, key);
              return reader.backwards(
                  partition,
                  arrived.from().map(time -> reader.first(partition, time)).orElse(0L),
                  arrived
                      .to()
                      .map(time -> reader.first(partition, time))
                      .map(end -> OptionalLong.of(Math.min(end, before.orElse(end))))
                      .orElse(before),
                  record -> key.equals(record.key()) && !isReplay(record),
                  most,
                  PAGE);
            });
    return new Slice(back.records().stream().flatMap(r -> event(r).stream()).toList(), back.next());
  }

  @Override
  public Optional<StoredEvent> find(Collection<UUID> hooks, String eventId) {
    Set<String> keys = hooks.stream().map(UUID::toString).collect(Collectors.toSet());
    byte[] id = eventId.getBytes(StandardCharsets.UTF_8);
    List<ConsumerRecord<String, byte[]>> found =
        readers.read(
            reader -> {
              Map<TopicPartition, Set<String>> byPartition = new HashMap<>();
              for (String key : keys) {
                byPartition
                    .computeIfAbsent(reader.partition(Topics.EVENTS, key), _ -> new HashSet<>())
                    .add(key);
              }
              Bounds each = SEARCH.dividedBy(Math.max(1, byPartition.size()));
              List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
              long deadline = System.nanoTime() + SEARCH.time().toNanos();
              int looks = byPartition.size();
              for (Map.Entry<TopicPartition, Set<String>> look : byPartition.entrySet()) {
                // Short partitions leave their time to the others.
                Duration share = Duration.ofNanos(deadline - System.nanoTime()).dividedBy(looks--);
                records.addAll(
                    reader
                        .backwards(
                            look.getKey(),
                            OptionalLong.empty(),
                            record ->
                                look.getValue().contains(record.key())
                                    && hasId(record, id)
                                    && !isReplay(record),
                            1,
                            each.withAtLeast(share))
                        .records());
              }
              return records;
            });
    return found.stream()
        .max(Comparator.comparingLong(ConsumerRecord::timestamp))
        .flatMap(this::event);
  }

  private static boolean hasId(ConsumerRecord<String, byte[]> record, byte[] id) {
    Header header = record.headers().lastHeader(CloudEvents.ID_HEADER);
    return header != null && Arrays.equals(header.value(), id);
  }

  private static boolean isReplay(ConsumerRecord<String, byte[]> record) {
    return record.headers().lastHeader(CloudEvents.GENERATION_HEADER) != null;
  }

  @Override
  public Decisions decisions(StoredEvent event, Collection<UUID> areas) {
    if (areas.isEmpty()) {
      return new Decisions(List.of(), true);
    }
    Set<String> keys = areas.stream().map(UUID::toString).collect(Collectors.toSet());
    String hook = event.event().getHookId();
    String id = event.event().getId();
    TopicReader.Since<Decision> decisions =
        readers.read(
            reader ->
                reader.since(
                    Topics.RUNS,
                    keys,
                    event.recordedAt().minus(SKEW),
                    record ->
                        runs.read(record)
                            .filter(run -> run.getEventId().equals(id))
                            .filter(run -> run.getHookId().equals(hook))
                            .flatMap(TopicEventLog::decision),
                    DECISIONS));
    return new Decisions(List.copyOf(new LinkedHashSet<>(decisions.found())), decisions.complete());
  }

  private static Optional<Decision> decision(RunRecord run) {
    Optional<Result> result =
        switch (run.getStatus()) {
          case QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED -> Optional.of(Result.MATCHED);
          case FILTERED -> Optional.of(Result.FILTERED);
          case ERROR -> Optional.of(Result.ERROR);
          case DUPLICATE -> Optional.of(Result.DUPLICATE);
          case KEPT -> Optional.of(Result.KEPT);
          case DROPPED -> Optional.of(Result.DROPPED);
          case UNKNOWN -> Optional.empty();
        };
    return result.map(
        found ->
            new Decision(
                UUID.fromString(run.getAreaId()),
                run.getAreaVersion(),
                run.getGeneration(),
                found,
                found == Result.MATCHED ? Optional.empty() : run.getDetail()));
  }

  private Optional<StoredEvent> event(ConsumerRecord<String, byte[]> record) {
    return events
        .read(record)
        .map(
            event ->
                new StoredEvent(
                    event,
                    record.partition(),
                    record.offset(),
                    Instant.ofEpochMilli(record.timestamp())));
  }

  @Override
  public void close() {
    readers.close();
    events.close();
    runs.close();
  }
}
