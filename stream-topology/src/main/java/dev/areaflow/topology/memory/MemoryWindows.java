package dev.areaflow.topology.memory;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.jspecify.annotations.Nullable;

/**
 * Windows that are looked up by their beginning and fall away when they are too old; no other look
 * is there. For one thread.
 */
public final class MemoryWindows<K, V> implements WindowStore<K, V> {
  /** About what a small row takes. */
  private static final int ROW = 200;

  private final String name;
  private final long retentionMillis;
  private final MemoryBudget budget;
  private final NavigableMap<Long, Map<K, V>> windows = new TreeMap<>();

  /**
   * @param retentionMillis how long before the newest one a window may have begun
   */
  public MemoryWindows(String name, long retentionMillis, MemoryBudget budget) {
    this.name = name;
    this.retentionMillis = retentionMillis;
    this.budget = budget;
  }

  @Override
  public void put(K key, V value, long begin) {
    if (windows.computeIfAbsent(begin, _ -> new HashMap<>()).put(key, value) == null) {
      budget.add(ROW);
    }
    Map<Long, Map<K, V>> old = windows.headMap(windows.lastKey() - retentionMillis, false);
    old.values().forEach(window -> budget.add(-(long) ROW * window.size()));
    old.clear();
  }

  @Override
  public @Nullable V fetch(K key, long begin) {
    Map<K, V> window = windows.get(begin);
    return window == null ? null : window.get(key);
  }

  @Override
  public WindowStoreIterator<V> fetch(K key, long from, long to) {
    throw unsupported();
  }

  @Override
  public KeyValueIterator<Windowed<K>, V> fetch(K from, K to, long begin, long end) {
    throw unsupported();
  }

  @Override
  public KeyValueIterator<Windowed<K>, V> fetchAll(long from, long to) {
    throw unsupported();
  }

  @Override
  public KeyValueIterator<Windowed<K>, V> all() {
    throw unsupported();
  }

  private static UnsupportedOperationException unsupported() {
    return new UnsupportedOperationException("windows are only looked up by their beginning");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    // there is nothing to restore
  }

  @Override
  public void close() {
    windows.clear();
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return true;
  }
}
