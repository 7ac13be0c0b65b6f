package dev.areaflow.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.ingest.ingress.Hook.Reception;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

final class HookTableTest {
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final UUID ID = UUID.fromString("0197a6f0-0000-7000-8000-000000000001");
  private static final HookRow ROW = TestHooks.row(ID, "webhook", "received", "{}");

  private final HookTable table = new HookTable(row -> Hook.of(row, CATALOG, TestHooks.KEY));

  @Test
  void aHookIsFoundByItsId() {
    // when
    table.apply(ROW.id(), ROW);

    // then
    assertThat(table.find(ID)).map(Hook::row).hasValue(ROW);
    assertThat(table.find(UUID.randomUUID())).isEmpty();
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void aNewerVersionReplacesAnOlderOne() {
    // given
    table.apply(ROW.id(), ROW);

    // when
    table.apply(ROW.id(), TestHooks.disabled(ROW));

    // then
    assertThat(reception()).isInstanceOf(Reception.Disabled.class);
  }

  @Test
  void anOlderOrEqualVersionIsDropped() {
    // given
    table.apply(ROW.id(), TestHooks.version(TestHooks.disabled(ROW), 5));

    // when
    table.apply(ROW.id(), TestHooks.version(ROW, 4));
    table.apply(ROW.id(), TestHooks.version(ROW, 5));

    // then
    assertThat(reception()).isInstanceOf(Reception.Disabled.class);
  }

  @Test
  void aDeletedHookStaysClosedWhenItsRowsAreReadAgain() {
    // given
    table.apply(ROW.id(), ROW);
    table.apply(ROW.id(), TestHooks.deleted(ROW));

    // when
    table.apply(ROW.id(), ROW);

    // then
    assertThat(reception()).isInstanceOf(Reception.Closed.class);
  }

  @Test
  void aHookWhoseRowIsGoneStaysClosedWhenItsRowsAreReadAgain() {
    // given
    table.apply(ROW.id(), ROW);
    table.apply(ROW.id(), null);

    // when
    table.apply(ROW.id(), ROW);

    // then
    assertThat(reception()).isInstanceOf(Reception.Closed.class);
  }

  @Test
  void aTombstoneOfAnUnknownHookMeansNothing() {
    // when
    table.apply(ROW.id(), null);

    // then
    assertThat(table.find(ID)).isEmpty();
  }

  @Test
  void aTombstoneWithoutIdAndARowWithoutGoodIdAreRefused() {
    // given
    HookRow row =
        new HookRow(
            "no",
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
    assertThatThrownBy(() -> table.apply(null, null)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> table.apply("no", null)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> table.apply("no", row)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void itIsCompleteOnceItWasSaidToBe() {
    // given
    boolean before = table.complete();

    // when
    table.markComplete();

    // then
    assertThat(before).isFalse();
    assertThat(table.complete()).isTrue();
  }

  @Test
  void aHookThatIsHereIsNotWaitedFor() throws InterruptedException {
    // given
    table.apply(ROW.id(), ROW);

    // when
    Optional<Hook> hook = table.await(ID, Duration.ZERO);

    // then
    assertThat(hook).isPresent();
  }

  @Test
  void aHookThatDoesNotComeIsWaitedForOnlySoLong() throws InterruptedException {
    // when
    Optional<Hook> hook = table.await(ID, Duration.ofMillis(1));

    // then
    assertThat(hook).isEmpty();
  }

  @Test
  void aHookThatComesEndsTheWait() throws Exception {
    // given
    FutureTask<Optional<Hook>> waiting =
        new FutureTask<>(() -> table.await(ID, Duration.ofMinutes(5)));
    Thread thread = Thread.ofPlatform().daemon().start(waiting);
    Eventually.holds("it waits", () -> thread.getState() == Thread.State.TIMED_WAITING);

    // when
    UUID other = UUID.randomUUID();
    table.apply(other.toString(), TestHooks.row(other, "webhook", "received", "{}"));
    table.apply(ROW.id(), ROW);

    // then
    Eventually.holds("the wait is over", waiting::isDone);
    assertThat(waiting.get()).map(Hook::row).hasValue(ROW);
  }

  private Reception reception() {
    return table.find(ID).orElseThrow().reception();
  }
}
