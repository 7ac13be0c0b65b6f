package dev.areaflow.topology.rows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Something that belongs to a home: an AREA's definition, a run. Written as the home, a zero byte,
 * the id, so that all that belongs to a home lies together.
 *
 * @param home a hook id, or the AREA's own id
 * @param id unique within the home
 */
public record HomeKey(String home, String id) {
  /** Of keys in stores and topics. */
  public static final Serde<HomeKey> SERDE =
      Serdes.serdeFrom((topic, key) -> key.toBytes(), (topic, bytes) -> parse(bytes));

  /** Of a home as the beginning of its keys, for prefix scans. */
  public static final Serializer<String> HOME_PREFIX = (topic, home) -> join(home, "");

  public HomeKey {
    if (home.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("expected a home without zero characters: " + home);
    }
  }

  private byte[] toBytes() {
    return join(home, id);
  }

  private static byte[] join(String home, String id) {
    byte[] first = home.getBytes(StandardCharsets.UTF_8);
    byte[] second = id.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(first.length + 1 + second.length)
        .put(first)
        .put((byte) 0)
        .put(second)
        .array();
  }

  private static HomeKey parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int zero = text.indexOf('\0');
    if (zero < 0) {
      throw new IllegalArgumentException("expected a home and an id, found " + text);
    }
    return new HomeKey(text.substring(0, zero), text.substring(zero + 1));
  }
}
