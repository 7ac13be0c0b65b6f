package dev.areaflow.launcher.cli.server;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A path with query parameters. */
public record Query(String path) {

  /** This with a parameter more; the same where it has no value. */
  public Query with(String name, @Nullable Object value) {
    return value == null
        ? this
        : new Query(
            path + (path.contains("?") ? "&" : "?") + name + "=" + encoded(value.toString()));
  }

  /** A text as a part of a path or a query. */
  public static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
