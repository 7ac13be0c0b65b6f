package dev.areaflow.launcher.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.ServicePage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DocumentsTest {
  private static final Pattern CLASS_NAME = Pattern.compile("`([A-Z][A-Za-z0-9]+)`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)");

  @Test
  void everyClassThatTheArchitectureNamesExists() throws IOException {
    // given
    Set<String> classes =
        Repository.files(".", ".java").stream()
            .map(file -> file.getFileName().toString().replace(".java", ""))
            .collect(Collectors.toSet());
    Repository.files("schemas/src/main/avro", ".avsc")
        .forEach(file -> classes.add(file.getFileName().toString().replace(".avsc", "")));

    // when
    Set<String> named =
        CLASS_NAME
            .matcher(Repository.read("ARCHITECTURE.md"))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    // then
    assertThat(named).isNotEmpty();
    assertThat(classes).containsAll(named);
  }

  @Test
  void theIndexOfDecisionsIsComplete() throws IOException {
    // given
    String index = Repository.read("docs/adr/README.md");

    // when
    String expected =
        Repository.files("docs/adr", ".md").stream()
            .filter(file -> !file.getFileName().toString().equals("README.md"))
            .map(DocumentsTest::indexLine)
            .collect(Collectors.joining("\n", "", "\n"));

    // then
    assertThat(index).as("docs/adr/README.md must end with these lines").endsWith(expected);
  }

  @Test
  void everyLinkBetweenDocumentsLeadsSomewhere() throws IOException {
    // given
    Path root = Repository.root();

    // when
    Set<String> broken = new TreeSet<>();
    for (Path document : Repository.files(".", ".md")) {
      for (MatchResult link : LINK.matcher(Files.readString(document)).results().toList()) {
        String target = link.group(1);
        if (!target.contains(":") && !Files.exists(document.resolveSibling(target))) {
          broken.add(root.relativize(document) + " → " + target);
        }
      }
    }

    // then
    assertThat(broken).isEmpty();
  }

  @Test
  void thePagesOfServicesAreThoseThatTheManifestsMake() throws IOException {
    // given
    Path pages = Repository.root().resolve("docs/services");

    // when
    Map<String, String> expected = new TreeMap<>();
    ServiceCatalog catalog = ServiceCatalog.bundled();
    catalog.services().forEach(s -> expected.put(s.id() + ".md", ServicePage.of(s)));
    expected.put("README.md", ServicePage.index(catalog.services()));

    // then
    for (Map.Entry<String, String> page : expected.entrySet()) {
      assertThat(pages.resolve(page.getKey()))
          .as("make it with: ./area services docs docs/services")
          .hasContent(page.getValue());
    }
    assertThat(Repository.files("docs/services", ""))
        .extracting(page -> page.getFileName().toString())
        .containsExactlyInAnyOrderElementsOf(expected.keySet());
  }

  private static String indexLine(Path decision) {
    try {
      String title = Files.readAllLines(decision).getFirst().substring(2);
      return "- [" + title + "](" + decision.getFileName() + ")";
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
