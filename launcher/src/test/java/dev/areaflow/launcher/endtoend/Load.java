package dev.areaflow.launcher.endtoend;

import dev.areaflow.launcher.client.Answer;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Four clients that post distinct events at a steady rate. Each event that is accepted is posted
 * until it was accepted three times in all, again by other clients, later and in a random order;
 * one that is not accepted is left alone. All of it is noted in a ledger. What was accepted is
 * posted to a second hook, too.
 */
final class Load implements AutoCloseable {
  /** How often each accepted event is accepted in the end. */
  static final int TIMES = 3;

  private static final int CLIENTS = 4;
  private static final int ACCEPTED = 202;
  private static final Duration PACE = Duration.ofMillis(40);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Repetitions wait until there are so many to choose from. */
  private static final int CHOICE = 60;

  /** An event that is to be posted again, by another client than before. */
  private record Again(String eventId, int client) {}

  private final AreaClient client;
  private final URI hook;
  private final URI second;
  private final Ledger ledger;
  private final List<Again> waiting = new ArrayList<>();
  private final List<Future<?>> clients = new ArrayList<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
  private volatile boolean enough;

  /**
   * Starts to post.
   *
   * @param second gets each event that was accepted, later
   */
  Load(AreaClient client, URI hook, URI second, Ledger ledger) {
    this.client = client;
    this.hook = hook;
    this.second = second;
    this.ledger = ledger;
    for (int number = 0; number < CLIENTS; number++) {
      int own = number;
      clients.add(
          threads.submit(
              () -> {
                run(own);
                return null;
              }));
    }
  }

  /** Waits until so many further distinct events are accepted. */
  void awaitFurther(long events, Duration patience) {
    long before = ledger.accepted();
    Await.until(
        events + " further events to be accepted",
        patience,
        ledger::accepted,
        accepted -> accepted >= before + events);
  }

  /** Posts no more new events, and returns when all accepted ones were repeated. */
  void finish() throws Exception {
    enough = true;
    for (Future<?> one : clients) {
      one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private void run(int own) throws InterruptedException {
    Random order = new Random(own);
    Queue<String> following = new ArrayDeque<>();
    for (int n = 0; !enough; n++) {
      String id = "event-" + own + "-" + n;
      if (deliver(id)) {
        for (int more = 1; more < TIMES; more++) {
          put(new Again(id, own));
        }
        following.add(id);
      }
      for (int more = 1; more < TIMES; more++) {
        take(own, order, CHOICE).ifPresent(this::repeat);
      }
      LockSupport.parkNanos(PACE.toNanos());
      follow(following);
    }
    while (follow(following)) {
      LockSupport.parkNanos(PACE.toNanos());
    }
    for (Optional<Again> next = take(own, order, 0); next.isPresent(); next = take(own, order, 0)) {
      repeat(next.get());
    }
  }

  /**
   * Posts one to the second hook, again and again until it is accepted; says whether one is left.
   */
  private boolean follow(Queue<String> following) throws InterruptedException {
    String id = following.poll();
    if (id == null) {
      return false;
    }
    try {
      if (client.deliver(second, body(id), headers(id + "-second")).status() != ACCEPTED) {
        following.add(id);
      }
    } catch (IOException e) {
      following.add(id);
    }
    return true;
  }

  private static byte[] body(String id) {
    return ("{\"id\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, String> headers(String id) {
    return Map.of("Content-Type", "application/json", "webhook-id", id);
  }

  private void repeat(Again again) {
    try {
      if (!deliver(again.eventId())) {
        put(again);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void put(Again again) {
    synchronized (waiting) {
      waiting.add(again);
    }
  }

  /** One of another client, if there are more to choose from than {@code choice}. */
  private Optional<Again> take(int own, Random order, int choice) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    synchronized (waiting) {
      List<Again> others = waiting.stream().filter(again -> again.client() != own).toList();
      if (others.size() <= choice) {
        return Optional.empty();
      }
      Again taken = others.get(order.nextInt(others.size()));
      waiting.remove(taken);
      return Optional.of(taken);
    }
  }

  private boolean deliver(String id) throws InterruptedException {
    Instant sentAt = Instant.now();
    Ledger.Delivery delivery;
    try {
      Answer answer = client.deliver(hook, body(id), headers(id));
      delivery =
          new Ledger.Delivery(
              id,
              answer.status(),
              answer.headers().firstValue("Retry-After").isPresent(),
              sentAt,
              Instant.now());
    } catch (IOException e) {
      delivery = new Ledger.Delivery(id, 0, false, sentAt, Instant.now());
    }
    ledger.delivered(delivery);
    return delivery.accepted();
  }

  @Override
  public void close() {
    enough = true;
    threads.shutdownNow();
    threads.close();
  }
}
