package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;

import dev.areaflow.catalog.yaml.YamlDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every bundled service keeps the {@link ServiceContract}. */
final class BundledServicesTest {

  @TestFactory
  List<DynamicNode> everyBundledServiceKeepsTheContract() throws IOException {
    List<DynamicNode> services = new ArrayList<>();
    for (String id : ServiceCatalog.bundledIds()) {
      services.add(
          dynamicContainer(id, new ServiceContract(id, ServiceCatalog.bundledFolder(id)).tests()));
    }
    return services;
  }

  @TestFactory
  List<DynamicNode> everyServiceWithABaseUrlKeepsTheContractOfAnswers() throws IOException {
    ManifestLoader loader = new ManifestLoader(ServiceAddresses.asDeclared());
    List<DynamicNode> services = new ArrayList<>();
    for (String id : ServiceCatalog.bundledIds()) {
      ManifestLoader.Folder folder = ServiceCatalog.bundledFolder(id);
      Manifest manifest =
          loader.manifest(
              YamlDocument.parse(
                  id, new String(requireNonNull(folder.read(ManifestLoader.MANIFEST)), UTF_8)));
      if (manifest.http() != null) {
        services.add(dynamicContainer(id, new AnswerContract(manifest, folder).tests()));
      }
    }
    return services;
  }

  /** Schemes and forms that no bundled service has. */
  @TestFactory
  Stream<DynamicNode> theContractHoldsForEveryScheme() throws IOException {
    String manifest =
        """
        apiVersion: area/v1
        id: schemes
        name: Schemes
        version: 1.0.0
        description: Signs in many ways.
        actions:
          - id: discord
            description: Signs with its own key
            inputs: [{key: publicKey, type: string, title: Key, description: The key, required: true}]
            webhook:
              verify: {type: ed25519, encoding: hex, prefix: "", header: x-signature-ed25519, public_key: publicKey, signed: "${timestamp}${body}", timestamp: {header: x-signature-timestamp, tolerance: PT5M}}
              event_id: &id [{header: x-id}]
            output: &output {schema: a.schema.json, sample: a.sample.json}
          - id: twilio
            description: Signs URL and form
            inputs: []
            webhook:
              verify: {type: hmac, hash: sha1, encoding: base64, prefix: "", header: x-twilio-signature, signed: "${url}${form}"}
              form_fields: true
              event_id: *id
            output: *output
          - id: jwt
            description: Sends a token
            inputs: []
            webhook:
              verify: {type: jwt, prefix: "Bearer ", header: authorization}
              event_id: *id
            output: *output
          - id: pinged
            description: Asks with a ping
            inputs: [{key: publicKey, type: string, title: Key, description: The key, required: true}]
            webhook:
              verify: {type: ed25519, encoding: hex, prefix: "", header: x-signature-ed25519, public_key: publicKey, signed: "${timestamp}${body}", timestamp: {header: x-signature-timestamp, tolerance: PT5M}}
              challenge: {type: ping_204, when: {/type: 0}}
              event_id: *id
            output: *output
          - id: slack
            description: Asks in a body
            inputs: []
            webhook:
              verify: {type: hmac, hash: sha256, encoding: hex, header: x-slack-signature, prefix: "v0=", signed: "v0:${timestamp}:${body}", timestamp: {header: x-slack-request-timestamp, tolerance: PT5M}}
              challenge: {type: echo_json, when: {/type: url_verification}, echo: /challenge}
              event_id: *id
            output: *output
          - id: dropbox
            description: Asks in a query
            inputs: []
            webhook:
              challenge: {type: echo_query, method: GET, parameter: challenge}
              event_id: *id
            output: *output
          - id: trello
            description: Asks with HEAD
            inputs: []
            webhook:
              verify: {type: hmac, hash: sha1, encoding: base64, header: x-trello-webhook, prefix: "", signed: "${body}${url}"}
              challenge: {type: head_200}
              event_id: *id
            output: *output
        reactions: []
        tests:
          actions:
            discord: {headers: &h {x-id: "7"}, inputs: {publicKey: "00"}, expect: {event_id: "7"}}
            twilio: {headers: *h, inputs: {}, expect: {event_id: "7"}}
            jwt: {headers: *h, inputs: {}, expect: {event_id: "7"}}
            pinged: {headers: *h, inputs: {publicKey: "00"}, expect: {event_id: "7"}}
            slack: {headers: *h, inputs: {}, expect: {event_id: "7"}}
            dropbox: {headers: *h, inputs: {}, expect: {event_id: "7"}}
            trello: {headers: *h, inputs: {}, expect: {event_id: "7"}}
          reactions: {}
        """;
    String sample = "{\"To\": \"+18005551212\", \"Body\": \"a & b = c\"}";
    return new ServiceContract(
            "schemes",
            name ->
                switch (name) {
                  case "manifest.yaml" -> manifest.getBytes(UTF_8);
                  case "a.sample.json" -> sample.getBytes(UTF_8);
                  default -> "{\"type\": \"object\"}".getBytes(UTF_8);
                })
        .tests();
  }

  @Test
  void everyFolderIsBundled() throws IOException {
    try (Stream<Path> folders =
        Files.list(Path.of("src/main/resources/dev/areaflow/catalog/services"))) {
      assertThat(
              folders
                  .filter(Files::isDirectory)
                  .map(folder -> folder.getFileName().toString())
                  .sorted())
          .isEqualTo(ServiceCatalog.bundledIds());
    }
  }

  @Test
  void theCatalogueHasTheServicesOfTheFirstRelease() {
    // when
    ServiceCatalog catalog = ServiceCatalog.bundled();

    // then
    assertThat(catalog.services().stream().map(Service::id))
        .containsExactly(
            "dropbox",
            "github",
            "gmail",
            "google-calendar",
            "google-drive",
            "http",
            "outlook",
            "rss",
            "timer",
            "webhook");
    assertThat(catalog.service("github").orElseThrow().actions().stream().map(Action::id))
        .containsExactly(
            "push",
            "issue_opened",
            "issue_closed",
            "issue_comment_created",
            "pull_request_opened",
            "pull_request_merged",
            "release_published",
            "star_created",
            "workflow_run_completed",
            "new_repository",
            "new_user_repository",
            "new_organization_repository",
            "mention",
            "review_requested");
    assertThat(catalog.service("github").orElseThrow().reactions().stream().map(Reaction::id))
        .containsExactly(
            "create_issue",
            "create_comment",
            "add_label",
            "close_issue",
            "create_release",
            "dispatch_workflow",
            "star_repository",
            "create_gist",
            "create_or_update_file");
    assertThat(catalog.reaction("http", "request").orElseThrow().urlInputs())
        .containsExactly("url");
    assertThat(catalog.action("webhook", "nothing")).isEmpty();
  }
}
