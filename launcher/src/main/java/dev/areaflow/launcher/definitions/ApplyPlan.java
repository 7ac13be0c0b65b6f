package dev.areaflow.launcher.definitions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What it takes for a server to have AREAs as files do. Names are what they are known by.
 *
 * @param intents one for each AREA: those of the files in their order, then those to be deleted
 */
public record ApplyPlan(List<Intent> intents) {
  public ApplyPlan {
    intents = List.copyOf(intents);
  }

  /**
   * The plan.
   *
   * @param wanted of the files, each name once
   * @param present of the server, as the API answered them
   * @param prune whether AREAs that no file has are to be deleted
   * @param force whether those that the server has so are to be written again
   */
  public static ApplyPlan of(
      List<WrittenArea> wanted, List<JsonNode> present, boolean prune, boolean force) {
    Map<String, JsonNode> byName = new LinkedHashMap<>();
    present.forEach(area -> byName.put(area.path("name").asText(), area));
    List<Intent> intents = new ArrayList<>();
    for (WrittenArea area : wanted) {
      @Nullable JsonNode there = byName.get(area.name());
      intents.add(there == null ? new Intent.Create(area) : compared(area, there, force));
    }
    if (prune) {
      Set<String> kept = wanted.stream().map(WrittenArea::name).collect(Collectors.toSet());
      byName.forEach(
          (name, area) -> {
            if (!kept.contains(name)) {
              intents.add(new Intent.Delete(area));
            }
          });
    }
    return new ApplyPlan(intents);
  }

  private static Intent compared(WrittenArea wanted, JsonNode area, boolean force) {
    ObjectNode present = NormalForm.of((ObjectNode) area);
    if (!wanted.definition().has("enabled")) {
      present.remove("enabled"); // the file leaves that to people
    }
    leaveOutInputsOfHook(wanted.definition().path("action"), present.path("action"));
    for (int i = 0; i < wanted.definition().path("actions").size(); i++) {
      leaveOutInputsOfHook(
          wanted.definition().path("actions").path(i), present.path("actions").path(i));
    }
    List<Difference> differences = Difference.between(present, wanted.definition());
    return differences.isEmpty() && !force
        ? new Intent.Keep(wanted.name())
        : new Intent.Change(wanted, area, differences);
  }

  /** Of a named hook the server shows the inputs, whether or not the file repeats them. */
  private static void leaveOutInputsOfHook(JsonNode wanted, JsonNode present) {
    if (wanted.has("hook") && !wanted.has("inputs") && present instanceof ObjectNode action) {
      action.remove("inputs");
    }
  }

  /** The intents of a kind. */
  public <I extends Intent> List<I> all(Class<I> kind) {
    return intents.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Whether the server has everything so already. */
  public boolean isEmpty() {
    return intents.size() == all(Intent.Keep.class).size();
  }
}
