package dev.areaflow.topology.rows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one row: a format byte, then fields in a fixed order, without names. Whole numbers take as
 * few bytes as their size needs; texts, bytes and nested rows carry their length.
 *
 * <p>Formats evolve by appending: a new field is written after all others of its row, and {@link
 * RowReader} gives an older row's missing fields their defaults and leaves a newer row's extra
 * fields unread. So old and new programs run side by side on the same stores. For one thread.
 */
public final class RowWriter {
  private byte[] bytes;
  private int size;

  public RowWriter(int format) {
    this(new byte[256]);
    put((byte) format);
  }

  private RowWriter(byte[] bytes) {
    this.bytes = bytes;
  }

  public RowWriter bool(boolean value) {
    put((byte) (value ? 1 : 0));
    return this;
  }

  public RowWriter number(long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7FL) != 0) {
      put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    put((byte) rest);
    return this;
  }

  /** To the millisecond. */
  public RowWriter instant(Instant value) {
    return number(value.toEpochMilli());
  }

  public RowWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  public RowWriter optionalText(@Nullable String value) {
    bool(value != null);
    return value == null ? this : text(value);
  }

  public RowWriter optionalNumber(@Nullable Integer value) {
    bool(value != null);
    return value == null ? this : number(value);
  }

  public RowWriter bytes(byte[] value) {
    number(value.length);
    append(value, 0, value.length);
    return this;
  }

  /** What remains of the buffer, which is left as it is. */
  public RowWriter bytes(ByteBuffer value) {
    number(value.remaining());
    ensure(value.remaining());
    value.get(value.position(), bytes, size, value.remaining());
    size += value.remaining();
    return this;
  }

  /** The items, each a row of its own that may grow fields at its end. */
  public <T> RowWriter rows(List<T> items, BiConsumer<T, RowWriter> write) {
    number(items.size());
    for (T item : items) {
      RowWriter row = new RowWriter(new byte[256]);
      write.accept(item, row);
      number(row.size);
      append(row.bytes, 0, row.size);
    }
    return this;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  private void put(byte value) {
    ensure(1);
    bytes[size++] = value;
  }

  private void append(byte[] source, int from, int length) {
    ensure(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  private void ensure(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
