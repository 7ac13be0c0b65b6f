package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A catalogue of one service with one polled action, which no bundled service has. */
public final class OneService {
  private static final String MANIFEST =
      """
      apiVersion: area/v1
      id: shop
      name: Shop
      version: 1.0.0
      description: Sells things.
      actions:
        - id: sold
          description: A thing is sold
          inputs:
            - {key: url, title: URL, description: Where, type: string}
          poll:
      POLL
          output: {schema: sold.schema.json, sample: sold.sample.json}
      reactions: []
      tests: {actions: {}, reactions: {}}
      """;

  private OneService() {}

  /**
   * The service {@code shop} with the action {@code sold}.
   *
   * @param poll the part {@code poll} in YAML
   */
  public static ServiceCatalog polled(String poll) {
    Map<String, String> files =
        Map.of(
            "manifest.yaml",
            MANIFEST.replace("POLL\n", poll.indent(6)),
            "sold.schema.json",
            "{}",
            "sold.sample.json",
            "{}");
    return new ServiceCatalog(
        List.of(
            new ManifestLoader(ServiceAddresses.asDeclared())
                .load(
                    "shop",
                    name -> {
                      @Nullable String file = files.get(name);
                      return file == null ? null : file.getBytes(UTF_8);
                    })));
  }
}
