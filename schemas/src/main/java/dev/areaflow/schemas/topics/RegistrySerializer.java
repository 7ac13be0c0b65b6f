package dev.areaflow.schemas.topics;

import java.util.function.Supplier;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes through the registry, and says so when it is the registry that fails. Before its first
 * record it sees to the {@link CompatibilityRule} of the topic's schemas, so that the registry
 * judges the one that this record brings. Safe for several threads, which all write to one topic.
 */
final class RegistrySerializer<V> implements Serializer<V> {
  private final Serializer<V> avro;
  private final CompatibilityRule rule;
  private volatile boolean ruled;

  RegistrySerializer(Serializer<V> avro, CompatibilityRule rule) {
    this.avro = avro;
    this.rule = rule;
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable V value) {
    return write(topic, value, () -> avro.serialize(topic, value));
  }

  @Override
  public byte @Nullable [] serialize(String topic, Headers headers, @Nullable V value) {
    return write(topic, value, () -> avro.serialize(topic, headers, value));
  }

  private byte @Nullable [] write(
      String topic, @Nullable V value, Supplier<byte @Nullable []> avroWrite) {
    if (!ruled && value != null) {
      return writeFirst(topic, avroWrite);
    }
    return avroWrite(topic, avroWrite);
  }

  /** An artifact without a version has no rules, so a new one gets them once it is there. */
  private synchronized byte @Nullable [] writeFirst(
      String topic, Supplier<byte @Nullable []> avroWrite) {
    boolean before = ruled || rule.set();
    byte @Nullable [] written = avroWrite(topic, avroWrite);
    ruled = before || rule.set();
    return written;
  }

  private static byte @Nullable [] avroWrite(String topic, Supplier<byte @Nullable []> avroWrite) {
    try {
      return avroWrite.get();
    } catch (RuntimeException e) {
      throw RegistryOutage.whileWriting(topic, e);
    }
  }

  @Override
  public void close() {
    avro.close();
  }
}
