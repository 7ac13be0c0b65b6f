package dev.areaflow.expressions;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What made a run fail, as {@code error} of expressions.
 *
 * @param step id of the step that failed
 * @param attempts how often it was tried
 * @param errorClass the class of the failure, as {@code class}
 * @param status of the last answer, as HTTP has them; null where there was none
 * @param message what went wrong, in words
 * @param response the last answer, shortened; null where there was none
 * @param failingSince since when the AREA has failed
 * @param pausesAt when it will be paused, if it goes on failing; null where it will not
 */
public record Failure(
    String step,
    int attempts,
    String errorClass,
    @Nullable Integer status,
    String message,
    @Nullable String response,
    Instant failingSince,
    @Nullable Instant pausesAt) {}
