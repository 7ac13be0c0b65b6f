package dev.areaflow.topology.rows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link RowWriter} wrote, field by field in the same order. A field beyond the row's
 * end was unknown to whoever wrote it and reads as its default: false, 0, empty, null. For one
 * thread.
 */
public final class RowReader {
  private final byte[] bytes;
  private final int end;
  private int position;

  /**
   * @param format the only format byte known; appended fields do not change it
   * @throws IllegalArgumentException if the row was written in another format
   */
  public RowReader(byte[] row, int format) {
    this(row, 0, row.length);
    if (row.length == 0 || row[0] != format) {
      throw new IllegalArgumentException(
          "expected a row of format "
              + format
              + ", found "
              + (row.length == 0 ? "none" : "format " + row[0])
              + "; it was written by a program that this one cannot stand in for");
    }
    position = 1;
  }

  private RowReader(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.position = from;
    this.end = end;
  }

  public boolean bool() {
    return position < end && bytes[position++] != 0;
  }

  public long number() {
    long value = 0;
    for (int shift = 0; position < end; shift += 7) {
      byte next = bytes[position++];
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        break;
      }
    }
    return (value >>> 1) ^ -(value & 1);
  }

  public int integer() {
    return Math.toIntExact(number());
  }

  public Instant instant() {
    return Instant.ofEpochMilli(number());
  }

  public String text() {
    int length = length();
    String value = new String(bytes, position, length, StandardCharsets.UTF_8);
    position += length;
    return value;
  }

  public @Nullable String optionalText() {
    return bool() ? text() : null;
  }

  public @Nullable Integer optionalNumber() {
    return bool() ? integer() : null;
  }

  /** A view of the row's bytes, not a copy. */
  public ByteBuffer bytes() {
    int length = length();
    ByteBuffer value = ByteBuffer.wrap(bytes, position, length).slice().asReadOnlyBuffer();
    position += length;
    return value;
  }

  public <T> List<T> rows(Function<RowReader, T> read) {
    int count = integer();
    List<T> items = new ArrayList<>(Math.min(count, end - position));
    for (int i = 0; i < count; i++) {
      int length = length();
      items.add(read.apply(new RowReader(bytes, position, position + length)));
      position += length;
    }
    return items;
  }

  private int length() {
    int length = integer();
    if (length < 0 || length > end - position) {
      throw new IllegalArgumentException(
          "expected " + length + " more bytes at " + position + ", found " + (end - position));
    }
    return length;
  }
}
