package dev.areaflow.executors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.ShareMemberAssignment;
import org.apache.kafka.clients.admin.ShareMemberDescription;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ShareGroupTest {
  private static final Set<TopicPartition> SOME = Set.of(new TopicPartition("area.commands", 0));

  private final ShareGroup group = new ShareGroup("127.0.0.1:1");

  @Test
  void onlyOwnMembersWithPartitionsAreAtWork() {
    // given
    String own = group.nextClientId();
    String foreign = new ShareGroup("127.0.0.1:1").nextClientId();

    // when, then
    assertThat(group.isAtWork(member(own, SOME))).isTrue();
    assertThat(group.isAtWork(member(own, Set.of()))).isFalse();
    assertThat(group.isAtWork(member(foreign, SOME))).isFalse();
  }

  private static ShareMemberDescription member(String clientId, Set<TopicPartition> partitions) {
    return new ShareMemberDescription(
        "member",
        Optional.empty(),
        clientId,
        "/127.0.0.1",
        new ShareMemberAssignment(partitions),
        1);
  }
}
