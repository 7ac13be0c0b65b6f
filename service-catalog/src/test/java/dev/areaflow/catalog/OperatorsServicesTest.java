package dev.areaflow.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.schemas.config.InvalidSettingsException;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Services in an operator's folder, good and bad. */
final class OperatorsServicesTest {
  private static final String MANIFEST =
      """
      apiVersion: area/v1
      id: ID
      name: Shop
      version: 1.0.0
      description: Sells things.
      actions:
        - id: sold
          description: A thing is sold
          inputs: []
          webhook:
            verify: {type: hmac, hash: sha256, encoding: hex, prefix: "", header: x-signature, signed: "${timestamp}${body}", timestamp: {header: x-time, tolerance: PT5M}}
            event_id: [{generated: uuid}]
          output: {schema: sold.schema.json, sample: sold.sample.json}
      reactions: []
      tests:
        actions: {sold: {inputs: {}, expect: {}}}
        reactions: {}
      """;

  @TempDir private Path directory;
  private final List<String> refused = new ArrayList<>();

  @Test
  void aBadServiceIsToldWithFileAndLineAndTheRestLoad() throws IOException {
    // given
    write("shop", MANIFEST, "7");
    write("version", MANIFEST.replace("1.0.0", "one"), "7");
    write("sample", MANIFEST, "\"seven\"");
    write("tolerance", MANIFEST.replace("PT5M", "P1M"), "7");
    write("yaml", "id: [", "7");
    write("other", MANIFEST.replace("ID", "another"), "7");
    write("github", MANIFEST, "7");
    write("schema", MANIFEST, "7");
    Files.writeString(
        directory.resolve("schema/sold.schema.json"), "{\"type\": 7, \"pattern\": \"(\"}");
    Files.createDirectory(directory.resolve("empty"));
    Files.createDirectory(directory.resolve(".git"));
    Files.writeString(directory.resolve("README.md"), "no service");

    // when
    ServiceCatalog catalog = load(directory.toString());

    // then
    assertThat(catalog.services())
        .extracting(Service::id)
        .containsExactlyElementsOf(
            Stream.concat(ServiceCatalog.bundledIds().stream(), Stream.of("shop"))
                .sorted()
                .toList());
    assertThat(catalog.action("shop", "sold")).isPresent();
    assertThat(catalog.action("github", "push")).isPresent();
    assertThat(refused)
        .satisfiesExactly(
            p -> assertThat(p).contains("empty/manifest.yaml: there is no such file"),
            p -> assertThat(p).contains("github: left out", "cannot be replaced", "another name"),
            p -> assertThat(p).contains("other/manifest.yaml:2: /id", "other; left out"),
            p ->
                assertThat(p)
                    .contains("sample/manifest.yaml:13: /actions/0/output/sample does not fit"),
            p ->
                assertThat(p)
                    .contains("schema/manifest.yaml:13: /actions/0/output/schema is no JSON"),
            p ->
                assertThat(p)
                    .contains(
                        "tolerance/manifest.yaml:11: ", "/timestamp/tolerance expected a Duration"),
            p -> assertThat(p).startsWith(directory + "/version/manifest.yaml:4: /version"),
            p -> assertThat(p).contains("yaml/manifest.yaml:1: "));
  }

  @Test
  void anIdMayHaveHyphensAndNoTwinWithUnderscores() throws IOException {
    // given
    write("corner-shop", MANIFEST, "7");
    write("corner_shop", MANIFEST, "7");
    write("corner-", MANIFEST, "7");

    // when
    ServiceCatalog catalog = load(directory.toString());

    // then
    assertThat(catalog.action("corner-shop", "sold")).isPresent();
    assertThat(catalog.service("corner_shop")).isEmpty();
    assertThat(refused)
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).contains("corner-/manifest.yaml:2: /id"),
            p ->
                assertThat(p)
                    .contains("corner_shop: left out", "service corner-shop")
                    .contains("AREA_SERVICE_CORNER_SHOP_…", "another name"));
  }

  @Test
  void aServiceWithHyphensHasSettingsAndVariables() throws IOException {
    // given
    write("corner-shop", MANIFEST, "7");

    // when
    CatalogConfig config =
        CatalogConfig.from(
            Settings.of(
                Map.of(
                    "services.dir", directory.toString(),
                    "service.corner-shop.base-url", "https://shop.example.org",
                    "service.corner-shop.client-id", "areaflow",
                    "service.corner-shop.client-secret", "hush")));

    // then
    Endpoint declared = Endpoint.at(URI.create("https://corner-shop.example"));
    assertThat(config.addresses().moved("corner-shop", declared, refused).baseUrl())
        .isEqualTo(URI.create("https://shop.example.org"));
    assertThat(config.clients().of("corner-shop").orElseThrow().id()).isEqualTo("areaflow");
    assertThat(OAuthClients.variables("corner-shop"))
        .containsExactly(
            "AREA_SERVICE_CORNER_SHOP_CLIENT_ID", "AREA_SERVICE_CORNER_SHOP_CLIENT_SECRET");
  }

  @Test
  void aServiceWhoseTestsAreOfItsOwnAddressMayBeElsewhere() throws IOException {
    // given
    write(
        "shop",
        MANIFEST
            .replace(
                "actions:\n  - id", "http: {base_url: \"https://shop.example\"}\nactions:\n  - id")
            .replace(
                "reactions: []",
                """
                reactions:
                  - id: order
                    description: Order a thing
                    inputs: []
                    request: {method: POST, url: /orders}
                    output: {schema: sold.schema.json, sample: sold.sample.json}
                    idempotency: none
                    replay_safe: false""")
            .replace(
                "  reactions: {}",
                """
                  reactions:
                    order:
                      - inputs: {}
                        answer: 201
                        expect: {method: POST, url: "https://shop.example/orders", headers: {}}"""
                    .indent(2)),
        "7");

    // when
    ServiceCatalog catalog =
        CatalogConfig.from(
                Settings.of(
                    Map.of(
                        "services.dir",
                        directory.toString(),
                        "service.shop.base-url",
                        "https://shop.example.org/api")))
            .load(refused::add);

    // then
    assertThat(refused).isEmpty();
    assertThat(
            catalog
                .reaction("shop", "order")
                .orElseThrow()
                .request(JsonNodeFactory.instance.objectNode())
                .uri())
        .hasToString("https://shop.example.org/api/orders");
  }

  @Test
  void withoutAFolderThereIsWhatTheProgramHas() {
    assertThat(CatalogConfig.from(Settings.of(Map.of())).load(refused::add).services())
        .extracting(Service::id)
        .isEqualTo(ServiceCatalog.bundledIds());
  }

  @Test
  void aFolderThatIsNotThereStopsTheStartAndIsNamed() {
    // given
    String missing = directory.resolve("missing").toString();

    // when, then
    assertThatThrownBy(
            () -> Settings.of(Map.of("services.dir", missing)).check(CatalogConfig.SETTINGS))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("services.dir is \"" + missing + "\": expected a folder that exists");
  }

  @Test
  void theKeysArePublic() {
    assertThat(CatalogConfig.SETTINGS)
        .extracting(Setting::environmentVariable)
        .containsExactly("AREA_SERVICES_DIR", "AREA_SERVICES_CALLERS");
  }

  private ServiceCatalog load(String from) {
    return CatalogConfig.from(Settings.of(Map.of("services.dir", from))).load(refused::add);
  }

  private void write(String id, String manifest, String sample) throws IOException {
    Path folder = Files.createDirectory(directory.resolve(id));
    Files.writeString(folder.resolve("manifest.yaml"), manifest.replace("ID", id));
    Files.writeString(folder.resolve("sold.schema.json"), "{\"type\": \"integer\"}");
    Files.writeString(folder.resolve("sold.sample.json"), sample);
  }
}
