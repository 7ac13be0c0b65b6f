package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.yaml.YamlDocument;
import dev.areaflow.expressions.Problem;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Checks which inputs of a manifest name which options. */
final class OptionUses {
  private final Map<String, Manifest.OptionsPart> options;
  private final Manifest manifest;
  private final YamlDocument document;
  private final Set<String> used = new HashSet<>();

  OptionUses(Manifest manifest, YamlDocument document) {
    this.manifest = manifest;
    this.document = document;
    this.options = manifest.options() == null ? Map.of() : manifest.options();
  }

  /** Notes names that there are no options for, options that hang on other inputs, unused ones. */
  void lint(List<String> problems) {
    for (int i = 0; i < manifest.actions().size(); i++) {
      lint(manifest.actions().get(i).inputs(), "/actions/" + i, problems);
    }
    for (int i = 0; i < manifest.reactions().size(); i++) {
      lint(manifest.reactions().get(i).inputs(), "/reactions/" + i, problems);
    }
    for (String name : options.keySet()) {
      if (!used.contains(name)) {
        problems.add(
            document.problem("/dynamic_options/" + name, "expected an input that names it"));
      }
    }
  }

  private void lint(List<ObjectNode> inputs, String at, List<String> problems) {
    for (int i = 0; i < inputs.size(); i++) {
      if (!inputs.get(i).has("options")) {
        continue;
      }
      String place = at + "/inputs/" + i + "/options";
      String name = inputs.get(i).path("options").asText();
      used.add(name);
      Manifest.OptionsPart part = options.get(name);
      if (part == null) {
        problems.add(
            document.problem(
                place, "expected one of the dynamic_options " + new TreeSet<>(options.keySet())));
        continue;
      }
      for (Problem problem :
          OptionList.lint(part, Inputs.of(inputs), document.root().has("http"))) {
        problems.add(
            document.problem(
                place, "/dynamic_options/" + name + problem.pointer() + " " + problem.detail()));
      }
    }
  }
}
