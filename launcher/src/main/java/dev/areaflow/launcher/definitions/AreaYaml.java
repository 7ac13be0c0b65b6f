package dev.areaflow.launcher.definitions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/** Writes AREAs as people read them in a review; {@link DefinitionFiles} reads them back. */
public final class AreaYaml {
  private static final int WIDTH = 100;

  private AreaYaml() {}

  /**
   * An AREA as a document, without what it is without saying so: that it is enabled, and that its
   * action has no inputs.
   *
   * @param area as the API answered it
   */
  public static String of(ObjectNode area) {
    ObjectNode definition = NormalForm.of(area);
    if (definition.path("enabled").asBoolean()) {
      definition.remove("enabled");
    }
    if (definition.path("action") instanceof ObjectNode action
        && action.path("inputs").isObject()
        && action.path("inputs").isEmpty()) {
      action.remove("inputs");
    }
    return text(definition);
  }

  /** Any JSON. */
  static String text(JsonNode json) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setIndicatorIndent(2);
    options.setIndentWithIndicator(true);
    options.setSplitLines(false);
    options.setWidth(WIDTH);
    options.setNonPrintableStyle(DumperOptions.NonPrintableStyle.ESCAPE);
    return new Yaml(new Exact(options), options).dump(value(json));
  }

  /** Has every text read back as it is: of some line breaks a block would make others. */
  private static final class Exact extends Representer {
    private static final char NEXT_LINE = '\u0085';

    Exact(DumperOptions options) {
      super(options);
    }

    @Override
    protected Node representScalar(Tag tag, String value, DumperOptions.ScalarStyle style) {
      return super.representScalar(
          tag,
          value,
          value.indexOf(NEXT_LINE) < 0 ? style : DumperOptions.ScalarStyle.DOUBLE_QUOTED);
    }
  }

  private static @Nullable Object value(JsonNode json) {
    if (json.isObject()) {
      Map<String, @Nullable Object> object = new LinkedHashMap<>();
      json.properties().forEach(field -> object.put(field.getKey(), value(field.getValue())));
      return object;
    } else if (json.isArray()) {
      List<@Nullable Object> array = new ArrayList<>();
      json.forEach(element -> array.add(value(element)));
      return array;
    } else if (json.isNumber()) {
      return json.isIntegralNumber() ? json.bigIntegerValue() : json.decimalValue();
    } else if (json.isBoolean()) {
      return json.booleanValue();
    }
    return json.isNull() ? null : json.asText();
  }
}
