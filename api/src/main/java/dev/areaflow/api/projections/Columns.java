package dev.areaflow.api.projections;

import dev.areaflow.schemas.topics.Topic;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Values of records as PostgreSQL can keep them. */
final class Columns {
  private static final Logger LOG = LoggerFactory.getLogger(Columns.class);

  private Columns() {}

  /** An id; one that is none is reported, and its record is to be left out. */
  static Optional<UUID> uuid(Topic<?> topic, String field, String text) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      LOG.error("{}: a record's {} is no UUID; the record is left out", topic.name(), field);
      return Optional.empty();
    }
  }

  /** A text without what no PostgreSQL text can hold: NUL and half surrogate pairs. */
  static String text(String text) {
    boolean keepable =
        text.codePoints()
            .noneMatch(
                c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
    if (keepable) {
      return text;
    }
    StringBuilder kept = new StringBuilder(text.length());
    text.codePoints()
        .map(
            c ->
                c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
                    ? '\uFFFD'
                    : c)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }
}
