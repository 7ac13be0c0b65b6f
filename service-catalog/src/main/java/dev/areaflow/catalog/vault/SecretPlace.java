package dev.areaflow.catalog.vault;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a secret is kept. A secret sealed for one place does not open in another, so that a row
 * copied to another owner is worth nothing.
 *
 * @param owner id of the user whose secret it is
 * @param connection id of the connection that it belongs to
 * @param field name of the credential, such as {@code token}
 */
public record SecretPlace(String owner, String connection, String field) {

  /**
   * @throws IllegalArgumentException if a part is blank
   */
  public SecretPlace {
    if (owner.isBlank() || connection.isBlank() || field.isBlank()) {
      throw new IllegalArgumentException(
          "owner, connection and field of a secret's place must not be blank");
    }
  }

  /** Lengths come before the parts, so that no two places have the same bytes. */
  byte[] bytes() {
    List<byte[]> parts =
        Stream.of(owner, connection, field)
            .map(part -> part.getBytes(StandardCharsets.UTF_8))
            .toList();
    ByteBuffer buffer =
        ByteBuffer.allocate(parts.stream().mapToInt(part -> Integer.BYTES + part.length).sum());
    parts.forEach(part -> buffer.putInt(part.length).put(part));
    return buffer.array();
  }
}
