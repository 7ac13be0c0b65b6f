package dev.areaflow.api.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.api.TestDatabase;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

final class MigrationsTest {
  private final DatabaseConfig config = TestDatabase.config();
  private final Jdbi jdbi =
      Jdbi.create(config.login().url(), config.login().user(), config.login().password().value());

  private void migrate(String version) {
    Flyway.configure()
        .dataSource(config.login().url(), config.login().user(), config.login().password().value())
        .locations("classpath:dev/areaflow/api/database/migrations")
        .target(version)
        .load()
        .migrate();
  }

  @Test
  void areasFromBeforeBeginWithTheVersionThatTheyAreIn() {
    // given
    migrate("15");
    jdbi.useHandle(
        handle -> {
          handle.execute(
              "INSERT INTO users (email, role, created_at) VALUES ('a@example.org', 'user', now())");
          handle.execute(
              "INSERT INTO hooks (owner_id, service, action, inputs, created_at, updated_at)"
                  + " SELECT id, 'webhook', 'received', '{}', now(), now() FROM users");
          handle.execute(
              "INSERT INTO areas (owner_id, hook_id, name, definition, plan, version, wanted,"
                  + " enabled, created_at, updated_at) SELECT owner_id, id, 'old',"
                  + " '{\"name\": \"old\"}', '{}', 7, true, true, now(), now() FROM hooks");
        });

    // when
    migrate("16");

    // then
    List<Map<String, Object>> versions =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT v.version, v.what, v.enabled FROM area_versions v"
                            + " JOIN areas a ON a.id = v.area_id AND a.updated_at = v.at"
                            + " AND a.owner_id = v.owner_id AND a.definition = v.definition")
                    .mapToMap()
                    .list());
    assertThat(versions).containsExactly(Map.of("version", 7L, "what", "found", "enabled", true));
  }
}
