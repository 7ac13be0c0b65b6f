package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.runs.Subject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TaskMemoryTest {
  private final TaskMemory memory = TaskMemory.builder().build();
  private final List<String> loaded = new ArrayList<>();

  @Test
  void definitionsAreLoadedOnceUntilTheirHomeChanges() {
    // given
    memory.activeAt("hook-1", home -> load(home, "{}"));
    memory.activeAt("hook-2", home -> load(home, "{}"));
    memory.activeAt("hook-1", home -> load(home, "{}"));

    // when
    memory.redefine("hook-1");
    memory.activeAt("hook-1", home -> load(home, "{}"));
    memory.activeAt("hook-2", home -> load(home, "{}"));

    // then
    assertThat(loaded).containsExactly("hook-1", "hook-2", "hook-1");
  }

  @Test
  void definitionsAreForgottenWithTheRest() {
    // given
    memory.activeAt("hook-1", home -> load(home, "{}"));

    // when
    memory.forget();
    memory.activeAt("hook-1", home -> load(home, "{}"));

    // then
    assertThat(loaded).hasSize(2);
  }

  @Test
  void noMoreIsRememberedThanFits() {
    // given
    String plan = "x".repeat(1024 * 1024);
    for (int i = 0; i < 10; i++) {
      memory.activeAt("hook-" + i, home -> load(home, plan));
    }
    loaded.clear();

    // when
    for (int i = 0; i < 10; i++) {
      memory.activeAt("hook-" + i, home -> load(home, plan));
    }

    // then
    assertThat(loaded).hasSizeGreaterThanOrEqualTo(7);
  }

  private List<Definition> load(String home, String plan) {
    loaded.add(home);
    return List.of(new Definition(new Subject(home, "area-1", 1, "owner-1"), true, plan));
  }
}
