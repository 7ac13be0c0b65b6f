package dev.areaflow.launcher.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ApplyPlanTest {
  private static final String PRESENT =
      "{id: 1, version: 2, enabled: true, name: A, action: {service: s, action: a, inputs: {}},"
          + " reactions: [{id: r1, service: h, reaction: r, inputs: {url: u}}]}";

  @Test
  void aFileWithoutIdsIsWhatTheServerMadeOfIt() {
    // when
    ApplyPlan plan =
        plan(
            "{name: A, action: {service: s, action: a},"
                + " reactions: [{service: h, reaction: r, inputs: {url: u}}]}",
            false);

    // then
    assertThat(plan.intents()).containsExactly(new Intent.Keep("A"));
    assertThat(plan.isEmpty()).isTrue();
  }

  @Test
  void whetherItIsEnabledIsLeftToPeopleWhereTheFileDoesNotSay() {
    // when
    ApplyPlan off =
        plan(
            "{name: A, enabled: false, action: {service: s, action: a},"
                + " reactions: [{service: h, reaction: r, inputs: {url: u}}]}",
            false);

    // then
    assertThat(off.all(Intent.Change.class).getFirst().differences())
        .extracting(Difference::field)
        .containsExactly("enabled");
  }

  @Test
  void anotherNameIsAnotherAreaAndTheOldOneGoesOnlyWherePruningIsAskedFor() {
    // given
    String renamed = "{name: B, action: {service: s, action: a}, reactions: []}";

    // when, then
    assertThat(plan(renamed, false).intents()).singleElement().isInstanceOf(Intent.Create.class);
    assertThat(plan(renamed, true).intents()).extracting(Intent::name).containsExactly("B", "A");
    assertThat(plan(renamed, true).all(Intent.Delete.class)).hasSize(1);
    assertThat(plan(renamed, true).isEmpty()).isFalse();
  }

  @Test
  void inputsOfANamedHookNeedNotBeRepeated() {
    // given
    WrittenArea wanted =
        Definitions.written("{name: A, action: {service: s, action: a, hook: h1}, reactions: []}");

    // when
    ApplyPlan plan =
        ApplyPlan.of(
            List.of(wanted),
            List.of(
                Definitions.of(
                    "{name: A, enabled: true, reactions: [],"
                        + " action: {service: s, action: a, hook: h1, inputs: {x: 1}}}")),
            false,
            false);

    // then
    assertThat(plan.isEmpty()).isTrue();
  }

  @Test
  void whatIsUnchangedIsWrittenAgainWhereThatIsAskedFor() {
    // given
    WrittenArea wanted =
        Definitions.written(
            "{name: A, action: {service: s, action: a},"
                + " reactions: [{service: h, reaction: r, inputs: {url: u}}]}");

    // when
    ApplyPlan plan = ApplyPlan.of(List.of(wanted), List.of(Definitions.of(PRESENT)), false, true);

    // then
    assertThat(plan.all(Intent.Change.class))
        .singleElement()
        .satisfies(change -> assertThat(change.differences()).isEmpty());
  }

  private static ApplyPlan plan(String wanted, boolean prune) {
    return ApplyPlan.of(
        List.of(Definitions.written(wanted)), List.of(Definitions.of(PRESENT)), prune, false);
  }
}
