package dev.areaflow.schemas.rows;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;

/**
 * A row of the insert-only table {@code requests}: something a person asks of the running system.
 *
 * @param id the request
 * @param ownerId who asks
 * @param home where the state it concerns lives; the key of the topic
 * @param kind what is asked, for example {@code cancel}
 * @param body its details, a JSON object
 * @param createdAt when it was asked
 */
@JsonNaming(SnakeCaseStrategy.class)
public record RequestRow(
    String id, String ownerId, String home, String kind, String body, Instant createdAt) {}
