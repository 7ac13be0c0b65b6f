package dev.areaflow.schemas.topics;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.config.ConfigResource;

/** What the platform's share groups (KIP-932) have in common, at the broker and in consumers. */
public final class ShareGroups {
  /**
   * How long a consumer's poll waits. A fetch that brings nothing but markers of transactions is
   * followed by none before the next poll. Shorter polls would end while a fetch is on its way; the
   * client then sends a second one, and forgets to acknowledge the markers in it, whose locks hold
   * up the partition for 30 s.
   */
  public static final Duration POLL = Duration.ofMillis(250);

  private static final Duration ANSWER = Duration.ofSeconds(10);

  private ShareGroups() {}

  /**
   * Sets a group's settings, which must stand before its first consumer polls: the broker's
   * defaults are the newest record and uncommitted ones.
   *
   * @throws ExecutionException if the broker does not take them
   * @throws TimeoutException if it does not answer within ten seconds
   */
  public static void configure(Admin admin, String group)
      throws ExecutionException, InterruptedException, TimeoutException {
    Collection<AlterConfigOp> operations =
        List.of(
            set("share.auto.offset.reset", "earliest"),
            set("share.isolation.level", "read_committed"));
    admin
        .incrementalAlterConfigs(
            Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), operations))
        .all()
        .get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }

  /**
   * The settings of a consumer that acknowledges each record; a new map, the caller's to change.
   *
   * @param batch the most records that it gets at once
   */
  public static Map<String, Object> consumer(
      String bootstrapServers, String group, String clientId, int batch) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
    settings.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    settings.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, batch);
    return settings;
  }
}
