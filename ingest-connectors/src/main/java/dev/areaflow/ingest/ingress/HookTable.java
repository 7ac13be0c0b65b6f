package dev.areaflow.ingest.ingress;

import dev.areaflow.schemas.rows.HookRow;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The local copy of all hooks. A row at or below the version that is held is dropped, so it may be
 * fed the same rows again: a hook that was deleted, or whose row is gone, is kept, closed, lest its
 * older rows revive it.
 *
 * <p>Safe for several threads: one feeds it, many read.
 */
final class HookTable {
  private final Function<HookRow, Hook> hooks;
  private final ConcurrentMap<UUID, Hook> byId = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();
  private volatile boolean complete;

  /**
   * @param hooks makes the hook of a row
   */
  HookTable(Function<HookRow, Hook> hooks) {
    this.hooks = hooks;
  }

  /**
   * Takes a row; where there is none, its hook is closed.
   *
   * @param id the hook, as the record's key names it
   * @throws IllegalArgumentException if the id is no UUID
   */
  void apply(@Nullable String id, @Nullable HookRow row) {
    if (row == null) {
      if (id == null) {
        throw new IllegalArgumentException("expected a hook id as key of a tombstone, found none");
      }
      byId.computeIfPresent(UUID.fromString(id), (hookId, held) -> held.purged());
      return;
    }
    UUID hookId = UUID.fromString(row.id());
    @Nullable Hook held = byId.get(hookId);
    if (held != null && row.version() <= held.row().version()) {
      return;
    }
    byId.put(hookId, hooks.apply(row));
    lock.lock();
    try {
      added.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Says that every row written before the start is here. */
  void markComplete() {
    complete = true;
  }

  /** Whether a hook that is not here may be assumed to be new rather than not read yet. */
  boolean complete() {
    return complete;
  }

  int size() {
    return byId.size();
  }

  /** A hook that is here. */
  Optional<Hook> find(UUID id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** A hook, waited for up to {@code patience} where it is not here yet. */
  Optional<Hook> await(UUID id, Duration patience) throws InterruptedException {
    @Nullable Hook hook = byId.get(id);
    if (hook != null) {
      return Optional.of(hook);
    }
    long nanos = patience.toNanos();
    lock.lock();
    try {
      while ((hook = byId.get(id)) == null && nanos > 0) {
        nanos = added.awaitNanos(nanos);
      }
      return Optional.ofNullable(hook);
    } finally {
      lock.unlock();
    }
  }
}
