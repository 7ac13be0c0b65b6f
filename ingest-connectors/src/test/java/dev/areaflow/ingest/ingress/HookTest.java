package dev.areaflow.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.ingest.ingress.Hook.Reception;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HookTest {
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final UUID ID = UUID.fromString("0197a6f0-0000-7000-8000-000000000001");
  private static final HookRow ROW = row("webhook", "received", "{}");

  @Test
  void anEnabledHookOfAPushedActionIsOpen() {
    // when
    Reception reception = reception(row("github", "push", "{\"repository\":\"octo/hello\"}"));

    // then
    assertThat(reception)
        .isInstanceOfSatisfying(
            Reception.Open.class,
            open -> assertThat(open.inputs().path("repository").asText()).isEqualTo("octo/hello"));
  }

  @Test
  void aDisabledOneStillVerifies() {
    assertThat(reception(TestHooks.disabled(ROW))).isInstanceOf(Reception.Disabled.class);
  }

  @Test
  void aDeletedOneAndAClockAreClosed() {
    assertThat(reception(TestHooks.deleted(ROW))).isInstanceOf(Reception.Closed.class);
    assertThat(reception(TestHooks.deleted(TestHooks.disabled(ROW))))
        .isInstanceOf(Reception.Closed.class);
    assertThat(reception(row("timer", "cron", "{}"))).isInstanceOf(Reception.Closed.class);
  }

  @Test
  void oneOfAnUnknownServiceOrActionIsNotServedHere() {
    assertThat(reception(row("gitlab", "push", "{}"))).isInstanceOf(Reception.Unserved.class);
    assertThat(reception(row("github", "pull", "{}"))).isInstanceOf(Reception.Unserved.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "{", "1"})
  void inputsThatAreNoObjectAreNotServed(String inputs) {
    assertThat(reception(row("webhook", "received", inputs)))
        .isInstanceOf(Reception.Unserved.class);
  }

  @Test
  void itsFirstSecretIsTheOnlyOne() {
    // when
    Hook hook = hook(ROW);

    // then
    assertThat(hook.secrets(TestHooks.NOW)).containsExactly(TestHooks.KEY.secret(ID, 1));
  }

  @Test
  void theSecretBeforeIsValidUntilAnInstantAndTheOneBeforeThatNeverAgain() {
    // given
    Instant until = TestHooks.NOW.plusSeconds(86_400);

    // when
    Hook hook = hook(TestHooks.renewed(TestHooks.renewed(ROW, TestHooks.NOW), until));

    // then
    assertThat(hook.secrets(until.minusMillis(1)))
        .containsExactly(TestHooks.KEY.secret(ID, 3), TestHooks.KEY.secret(ID, 2));
    assertThat(hook.secrets(until)).containsExactly(TestHooks.KEY.secret(ID, 3));
  }

  @Test
  void eachSecretBeforeIsValidUntilItsOwnInstant() {
    // given
    Instant first = TestHooks.NOW.plusSeconds(60);
    Instant second = TestHooks.NOW.plusSeconds(120);

    // when
    Hook hook = hook(TestHooks.renewed(ROW, 3, second, first));

    // then
    assertThat(hook.secrets(TestHooks.NOW))
        .containsExactly(
            TestHooks.KEY.secret(ID, 3), TestHooks.KEY.secret(ID, 2), TestHooks.KEY.secret(ID, 1));
    assertThat(hook.secrets(first))
        .containsExactly(TestHooks.KEY.secret(ID, 3), TestHooks.KEY.secret(ID, 2));
    assertThat(hook.secrets(second)).containsExactly(TestHooks.KEY.secret(ID, 3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[1]", "[\"soon\"]", "["})
  void timesThatCannotBeReadLeaveTheSecretInForceAlone(String until) {
    // when
    Hook hook = hook(TestHooks.renewed(ROW, 2, until));

    // then
    assertThat(hook.secrets(TestHooks.NOW)).containsExactly(TestHooks.KEY.secret(ID, 2));
  }

  @Test
  void aPurgedHookIsClosedAndKeepsItsVersion() {
    // when
    Hook purged = hook(TestHooks.version(ROW, 7)).purged();

    // then
    assertThat(purged.reception()).isInstanceOf(Reception.Closed.class);
    assertThat(purged.row().version()).isEqualTo(7);
  }

  @Test
  void anIdThatIsNoUuidIsRefused() {
    // given
    HookRow row =
        new HookRow(
            "1",
            "owner",
            "webhook",
            "received",
            "{}",
            1,
            null,
            1,
            true,
            TestHooks.NOW,
            null,
            null,
            null,
            0,
            false);

    // then
    assertThatThrownBy(() -> hook(row)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void onlyDeliveriesToAHookThatIsPolledTooHaveCanonicalIds() {
    // given
    HookRow row = row("github", "issue_opened", "{\"repository\":\"octo/hello\"}");

    // then
    assertThat(reception(row))
        .isInstanceOfSatisfying(
            Reception.Open.class, open -> assertThat(open.action().hasCanonicalIds()).isFalse());
    assertThat(reception(TestHooks.connected(row)))
        .isInstanceOfSatisfying(
            Reception.Open.class, open -> assertThat(open.action().hasCanonicalIds()).isTrue());
  }

  private static HookRow row(String service, String action, String inputs) {
    return TestHooks.row(ID, service, action, inputs);
  }

  private static Hook hook(HookRow row) {
    return Hook.of(row, CATALOG, TestHooks.KEY);
  }

  private static Reception reception(HookRow row) {
    return hook(row).reception();
  }
}
