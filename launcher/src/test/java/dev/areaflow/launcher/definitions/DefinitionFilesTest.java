package dev.areaflow.launcher.definitions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DefinitionFilesTest {
  private static final String REST = "action: {service: s, action: a}\nreactions: []\n";

  @TempDir private Path folder;

  @Test
  void aFolderIsReadWithItsSubFoldersAndFilesHaveAnyNumberOfAreas() throws IOException {
    // given
    write("b.yaml", "name: B\n" + REST + "---\nname: C\n" + REST);
    write("a/a.yml", "name: A\n" + REST);
    write("d.json", "{\"name\": \"D\", \"reactions\": []}");
    write("area.schema.json", "{}");
    write("readme.md", "no AREA");
    write(".git/x.yaml", "no AREA");

    // when
    List<WrittenArea> areas = read(folder);

    // then
    assertThat(areas).extracting(WrittenArea::name).containsExactly("A", "B", "C", "D");
    assertThat(areas.get(2).problem("/reactions", "is empty"))
        .isEqualTo(folder.resolve("b.yaml") + ":7: /reactions is empty");
  }

  @Test
  void aDashIsStandardInput() throws IOException {
    // when
    List<WrittenArea> areas =
        new DefinitionFiles(new ByteArrayInputStream(("name: A\n" + REST).getBytes(UTF_8)))
            .read(List.of(Path.of("-")));

    // then
    assertThat(areas).singleElement().extracting(WrittenArea::name).isEqualTo("A");
    assertThat(areas.getFirst().problem("/name", "is odd"))
        .isEqualTo("standard input:1: /name is odd");
  }

  @Test
  void everyProblemIsToldWithFileLineAndField() throws IOException {
    // given
    write("1.yaml", "name: A\n" + REST + "---\n- list\n");
    write("2.yaml", "name: B\nname: C\n");
    write("3.yaml", "\nname: A\n" + REST);
    write("4.yaml", "reactions: []\n");
    write("5.yaml", "a: [1\n");
    Files.write(folder.resolve("6.yaml"), new byte[] {(byte) 0xff});

    // when
    assertThatThrownBy(() -> read(folder))

        // then
        .isInstanceOf(InvalidDefinitionsException.class)
        .extracting(Throwable::getMessage)
        .satisfies(
            message ->
                assertThat(String.valueOf(message).lines())
                    .satisfiesExactly(
                        line -> assertThat(line).contains("1.yaml:5: expected an AREA"),
                        line -> assertThat(line).contains("2.yaml:2: /name is given twice"),
                        line ->
                            assertThat(line)
                                .contains("3.yaml:2: /name is that of another AREA")
                                .contains("1.yaml:1"),
                        line -> assertThat(line).contains("4.yaml:1: /name expected a text"),
                        line -> assertThat(line).contains("5.yaml:2: "),
                        line -> assertThat(line).contains("6.yaml: expected text in UTF-8")));
  }

  @Test
  void aFileThatIsNotThereIsNotAnEmptyOne() {
    assertThatThrownBy(() -> read(folder.resolve("none.yaml")))
        .isInstanceOf(NoSuchFileException.class);
  }

  private List<WrittenArea> read(Path path) throws IOException {
    return new DefinitionFiles(new ByteArrayInputStream(new byte[0])).read(List.of(path));
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
