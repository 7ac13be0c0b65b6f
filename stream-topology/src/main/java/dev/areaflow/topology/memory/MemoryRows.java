package dev.areaflow.topology.memory;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Rows in the order of their serialized keys, as stores on disk have them. Values are kept as they
 * are: they do not change. An iterator ends with the next change. For one thread.
 */
public final class MemoryRows<K, V> implements KeyValueStore<K, V> {
  /** What a row takes beside its key and its value. */
  private static final int ROW = 100;

  private final String name;
  private final Serializer<K> keys;
  private final ToLongFunction<V> weight;
  private final MemoryBudget budget;
  private final NavigableMap<byte[], KeyValue<K, V>> rows = new TreeMap<>(Arrays::compareUnsigned);

  /**
   * @param weight bytes of a value
   */
  public MemoryRows(
      String name, Serializer<K> keys, ToLongFunction<V> weight, MemoryBudget budget) {
    this.name = name;
    this.keys = keys;
    this.weight = weight;
    this.budget = budget;
  }

  /** The first key; empty where there is no row. */
  public Optional<K> first() {
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.firstEntry().getValue().key);
  }

  @Override
  public @Nullable V get(K key) {
    KeyValue<K, V> row = rows.get(bytes(key));
    return row == null ? null : row.value;
  }

  @Override
  public void put(K key, @Nullable V value) {
    if (value == null) {
      delete(key);
      return;
    }
    byte[] bytes = bytes(key);
    KeyValue<K, V> before = rows.put(bytes, KeyValue.pair(key, value));
    budget.add(weight(bytes, value) - (before == null ? 0 : weight(bytes, before.value)));
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    V before = get(key);
    if (before == null) {
      put(key, value);
    }
    return before;
  }

  @Override
  public void putAll(List<KeyValue<K, V>> entries) {
    entries.forEach(entry -> put(entry.key, entry.value));
  }

  @Override
  public @Nullable V delete(K key) {
    byte[] bytes = bytes(key);
    KeyValue<K, V> before = rows.remove(bytes);
    if (before == null) {
      return null;
    }
    budget.add(-weight(bytes, before.value));
    return before.value;
  }

  private long weight(byte[] key, V value) {
    return ROW + key.length + weight.applyAsLong(value);
  }

  @Override
  public KeyValueIterator<K, V> range(@Nullable K from, @Nullable K to) {
    NavigableMap<byte[], KeyValue<K, V>> after =
        from == null ? rows : rows.tailMap(bytes(from), true);
    return new Rows<>(to == null ? after : after.headMap(bytes(to), true));
  }

  @Override
  public KeyValueIterator<K, V> all() {
    return new Rows<>(rows);
  }

  @Override
  public <S extends Serializer<P>, P> KeyValueIterator<K, V> prefixScan(P prefix, S serializer) {
    byte[] from = serializer.serialize("", prefix);
    byte[] end = Arrays.copyOf(from, from.length);
    int last = end.length - 1;
    while (last >= 0 && end[last] == -1) {
      last--;
    }
    if (last < 0) {
      return new Rows<>(rows.tailMap(from, true));
    }
    end[last]++;
    return new Rows<>(rows.subMap(from, true, Arrays.copyOf(end, last + 1), false));
  }

  private byte[] bytes(K key) {
    return keys.serialize("", key);
  }

  @Override
  public long approximateNumEntries() {
    return rows.size();
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
    rows.clear();
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  /** What an iteration goes over. */
  private static final class Rows<K, V> implements KeyValueIterator<K, V> {
    private final Iterator<Map.Entry<byte[], KeyValue<K, V>>> rows;
    private @Nullable KeyValue<K, V> peeked;

    Rows(NavigableMap<byte[], KeyValue<K, V>> all) {
      this.rows = all.entrySet().iterator();
    }

    @Override
    public boolean hasNext() {
      return peeked != null || rows.hasNext();
    }

    @Override
    public KeyValue<K, V> next() {
      KeyValue<K, V> row = peeked == null ? rows.next().getValue() : peeked;
      peeked = null;
      return row;
    }

    @Override
    public K peekNextKey() {
      if (peeked == null) {
        peeked = rows.next().getValue();
      }
      return peeked.key;
    }

    @Override
    public void close() {
      // it holds nothing
    }
  }
}
