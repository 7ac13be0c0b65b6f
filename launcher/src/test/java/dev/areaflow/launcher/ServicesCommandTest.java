package dev.areaflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.ServiceCatalog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ServicesCommandTest {
  private static final String MANIFEST =
      """
      apiVersion: area/v1
      id: doorbell
      name: Doorbell
      version: 1.0.0
      description: Rings.
      actions:
        - id: rung
          description: Somebody rings
          inputs: []
          webhook:
            event_id: [{generated: uuid}]
          output: {schema: rung.schema.json, sample: rung.sample.json}
      reactions: []
      tests:
        actions: {rung: {inputs: {}, expect: {}}}
        reactions: {}
      """;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void theListNamesEachServiceOnce() {
    // when
    int code = run("list");

    // then
    assertThat(code).isZero();
    assertThat(out.toString().lines()).hasSize(1 + ServiceCatalog.bundled().services().size());
    assertThat(out.toString()).containsPattern("(?m)^github +[0-9.]+ +[0-9]+ +[0-9]+  GitHub$");
  }

  @Test
  void theListAsJsonHasSchemasAndSamples() throws IOException {
    // when
    int code = run("list", "--json");

    // then
    JsonNode services = new ObjectMapper().readTree(out.toString());
    assertThat(code).isZero();
    assertThat(services.findValuesAsText("id")).contains("github", "issue_opened", "request");
    assertThat(services.at("/0/actions/0/sample").isObject()).isTrue();
  }

  @Test
  void aServiceIsShownWithWhatItNeeds() {
    // when
    int code = run("show", "github");

    // then
    assertThat(code).isZero();
    assertThat(out.toString())
        .contains(
            "At https://api.github.com, with consent to repo, notifications, public_repo, gist, or a token of one's own.")
        .containsPattern(
            "(?m)^  create_issue +Open an issue\\R +repository, title, \\[body], \\[labels], \\[assignees]$")
        .containsPattern("(?m)^  star_repository +Star a repository\\R +repository$");
  }

  @Test
  void anUnknownServiceIsAnErrorThatSaysWhereToLook() {
    // when
    int code = run("show", "gitlab");

    // then
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("\"gitlab\"").contains("area services list");
  }

  @Test
  void servicesOfAFolderAreShownTooAndWhatIsLeftOutIsTold(@TempDir Path directory)
      throws IOException {
    // given
    doorbell(directory, MANIFEST, "{\"at\": 1}");
    Files.createDirectory(directory.resolve("empty"));

    // when, then
    assertThat(run("list", "--services-dir", directory.toString())).isZero();
    assertThat(out.toString().lines()).hasSize(2 + ServiceCatalog.bundled().services().size());
    assertThat(run("show", "doorbell", "--services-dir", directory.toString())).isZero();
    assertThat(out.toString()).contains("Doorbell (doorbell 1.0.0)");
    assertThat(err.toString()).contains("empty/manifest.yaml: there is no such file; left out");
  }

  @Test
  void aFolderOfServicesThatIsNotThereIsAnError(@TempDir Path directory) {
    // when, then
    assertThat(run("list", "--services-dir", directory.resolve("nothing").toString())).isEqualTo(2);
    assertThat(err.toString()).contains("services.dir is ").contains("expected a folder");
  }

  @Test
  void pagesAreWrittenForServicesOfAFolderToo(@TempDir Path directory) throws IOException {
    // given
    doorbell(
        directory,
        MANIFEST.replace(
            "event_id:",
            "verify: {type: token, header: x-bell}\n      challenge: {type: head_200}\n      event_id:"),
        "{\"at\": 1}");
    Path pages = directory.resolve("made/pages");

    // when, then
    assertThat(run("docs", pages.toString(), "--services-dir", directory.toString())).isZero();
    assertThat(pages.resolve("doorbell.md"))
        .content()
        .contains(
            "### `doorbell.rung`",
            "the hook's secret in the header `x-bell`",
            "HEAD is answered 200",
            "\"at\" : 1");
    assertThat(pages.resolve("github.md")).content().contains("HMAC-SHA-256 of `${body}`");
    assertThat(pages.resolve("README.md")).content().contains("[Doorbell](doorbell.md)");
  }

  @Test
  void pagesThatCannotBeWrittenAreAnError(@TempDir Path directory) throws IOException {
    // given
    Path file = Files.writeString(directory.resolve("file"), "");

    // when, then
    assertThat(run("docs", file.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("cannot be written");
  }

  @Test
  void aGoodManifestHasNoProblems(@TempDir Path directory) throws IOException {
    // given
    Path folder = doorbell(directory, MANIFEST, "{\"at\": 1}");

    // when, then
    assertThat(run("check", folder.toString(), folder.resolve("manifest.yaml").toString()))
        .isZero();
    assertThat(out.toString().lines()).hasSize(2).allMatch(line -> line.endsWith("no problems"));
  }

  @Test
  void aProblemIsToldWithFileAndLine(@TempDir Path directory) throws IOException {
    // given
    Path folder = doorbell(directory, MANIFEST.replace("uuid", "guid"), "{\"at\": 1}");

    // when, then
    assertThat(run("check", folder.toString())).isEqualTo(1);
    assertThat(err.toString()).containsPattern("doorbell/manifest.yaml:11: .*uuid");
  }

  @Test
  void aSampleThatDoesNotFitItsSchemaIsAProblem(@TempDir Path directory) throws IOException {
    // given
    Path folder = doorbell(directory, MANIFEST, "{\"at\": \"noon\"}");

    // when, then
    assertThat(run("check", folder.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("doorbell/manifest.yaml:12: ").contains("\"/at\"");
  }

  @Test
  void aFolderThatIsNotThereIsAProblem(@TempDir Path directory) {
    // when, then
    assertThat(run("check", directory.resolve("nothing").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("there is no such file or folder");
  }

  private static Path doorbell(Path directory, String manifest, String sample) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("doorbell"));
    Files.writeString(folder.resolve("manifest.yaml"), manifest);
    Files.writeString(
        folder.resolve("rung.schema.json"),
        "{\"type\": \"object\", \"properties\": {\"at\": {\"type\": \"integer\"}}}");
    Files.writeString(folder.resolve("rung.sample.json"), sample);
    return folder;
  }

  private int run(String... arguments) {
    return new CommandLine(new ServicesCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
