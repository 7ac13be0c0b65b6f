package dev.areaflow.api.hooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.TestApi;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class HooksTest {
  @Test
  void aHookDeletedMeanwhileGetsNoOtherSecret() {
    try (TestApi api = TestApi.builder().start()) {
      // given
      UUID owner = UUID.fromString(api.newUser().get("/api/v1/users/me").field("id"));
      Hooks hooks = new Hooks(api.clock());

      // when
      Optional<Hooks.Renewed> renewed =
          api.database()
              .jdbi()
              .inTransaction(
                  handle -> {
                    Hook hook =
                        hooks.create(
                            handle,
                            owner,
                            true,
                            "webhook",
                            "received",
                            JsonNodeFactory.instance.objectNode(),
                            null,
                            0);
                    hooks.release(handle, hook.id());
                    return hooks.renewSecret(handle, hook);
                  });

      // then
      assertThat(renewed).isEmpty();
    }
  }
}
