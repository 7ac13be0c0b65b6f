package dev.areaflow.launcher.definitions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.yaml.UnreadableYamlException;
import dev.areaflow.catalog.yaml.YamlDocument;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The AREAs of files and folders: each document of a file is one. Of a folder every {@code *.yaml},
 * {@code *.yml} and {@code *.json} counts, in sub-folders too, but for what is hidden.
 */
public final class DefinitionFiles {
  private static final String STANDARD_INPUT = "-";
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private final InputStream in;

  /**
   * @param in what {@code -} stands for
   */
  public DefinitionFiles(InputStream in) {
    this.in = in;
  }

  /**
   * Reads all of them, in the order of the paths, and of the names within a folder.
   *
   * @throws InvalidDefinitionsException with every problem: what is no YAML, no object, without a
   *     name, or named twice
   * @throws IOException if one cannot be read
   */
  public List<WrittenArea> read(List<Path> paths) throws IOException {
    List<String> problems = new ArrayList<>();
    Map<String, WrittenArea> areas = new LinkedHashMap<>();
    for (Path path : paths) {
      for (Path file : files(path)) {
        for (YamlDocument document : documents(file, problems)) {
          add(document, areas, problems);
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidDefinitionsException(problems);
    }
    return List.copyOf(areas.values());
  }

  private static void add(
      YamlDocument document, Map<String, WrittenArea> areas, List<String> problems) {
    if (!(document.root() instanceof ObjectNode written)) {
      problems.add(document.problem("", "expected an AREA: name, action, reactions"));
      return;
    }
    JsonNode name = written.path("name");
    if (!name.isTextual() || name.textValue().isBlank()) {
      problems.add(document.problem("/name", "expected a text: an AREA is known by its name"));
      return;
    }
    WrittenArea area = new WrittenArea(name.textValue(), NormalForm.of(written), document);
    @Nullable WrittenArea other = areas.putIfAbsent(area.name(), area);
    if (other != null) {
      problems.add(
          document.problem("/name", "is that of another AREA, " + other.problem("/name", "too")));
    }
  }

  private List<YamlDocument> documents(Path file, List<String> problems) throws IOException {
    String shown = isStandardInput(file) ? "standard input" : file.toString();
    try {
      byte[] bytes = isStandardInput(file) ? in.readNBytes(MOST_BYTES + 1) : bytes(file);
      if (bytes.length > MOST_BYTES) {
        throw new InvalidDefinitionsException(
            List.of(shown + ": expected at most " + MOST_BYTES + " bytes"));
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return YamlDocument.parseAll(shown, text);
    } catch (UnreadableYamlException e) {
      problems.add(String.valueOf(e.getMessage()));
    } catch (CharacterCodingException e) {
      problems.add(shown + ": expected text in UTF-8");
    }
    return List.of();
  }

  private static byte[] bytes(Path file) throws IOException {
    try (InputStream content = Files.newInputStream(file)) {
      return content.readNBytes(MOST_BYTES + 1);
    }
  }

  private static List<Path> files(Path path) throws IOException {
    if (isStandardInput(path) || !Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> all = Files.walk(path)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> isDefinition(path.relativize(file)))
          .sorted()
          .toList();
    }
  }

  private static boolean isDefinition(Path within) {
    String name = within.toString();
    return (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"))
        && !name.endsWith(".schema.json")
        && StreamSupport.stream(within.spliterator(), false)
            .noneMatch(part -> part.toString().startsWith("."));
  }

  private static boolean isStandardInput(Path path) {
    return path.toString().equals(STANDARD_INPUT);
  }
}
