package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;

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
        .containsExactly("github", "http", "rss", "timer", "webhook");
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
            "workflow_run_completed");
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
