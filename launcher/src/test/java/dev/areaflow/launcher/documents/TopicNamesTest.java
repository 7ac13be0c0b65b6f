package dev.areaflow.launcher.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A topic's name is written in the catalogue of topics and nowhere else. */
final class TopicNamesTest {
  /** Names beginning so that are no topics: system properties, files. */
  private static final Pattern PERMITTED = Pattern.compile("\"area\\.(home|logs|err)[a-z.]*\"");

  /** But for what the audit log calls what was done. */
  private static final Pattern ANY = Pattern.compile("(?<!audited\\()\"area\\.[a-z.-]*\"");

  @Test
  void noProgramFileButTheCatalogueNamesATopic() throws IOException {
    // when
    List<String> found = new ArrayList<>();
    for (Path file : Repository.files(".", ".java")) {
      String path = Repository.root().relativize(file).normalize().toString();
      if (path.contains("/src/main/")
          && !path.endsWith("/" + Topics.class.getSimpleName() + ".java")) {
        Matcher literal = ANY.matcher(Files.readString(file));
        while (literal.find()) {
          if (!PERMITTED.matcher(literal.group()).matches()) {
            found.add(path + ": " + literal.group());
          }
        }
      }
    }

    // then
    assertThat(found).as("use the constants of Topics instead").isEmpty();
  }

  @Test
  void theTestKnowsATopicFromWhatIsPermitted() {
    for (var topic : Topics.all()) {
      String literal = '"' + topic.name() + '"';
      assertThat(ANY.matcher(literal).matches()).isTrue();
      assertThat(PERMITTED.matcher(literal).matches()).isFalse();
    }
  }
}
