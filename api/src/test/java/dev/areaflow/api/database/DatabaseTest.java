package dev.areaflow.api.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.api.TestDatabase;
import dev.areaflow.schemas.config.Secret;
import org.junit.jupiter.api.Test;

final class DatabaseTest {

  @Test
  void tablesThatCannotBeMadeYetAreReasonedAndUnavailable() {
    // given
    DatabaseConfig nowhere =
        new DatabaseConfig("jdbc:postgresql://127.0.0.1:1/none", "nobody", new Secret(""), 2);
    try (Database database = new Database(nowhere)) {
      // when
      database.start();

      // then
      assertThat(database.notReady()).hasSize(1);
      assertThatThrownBy(database::jdbi)
          .isInstanceOf(DatabaseUnavailableException.class)
          .matches(Database::isUnavailable);
    }
  }

  @Test
  void workOnOneThreadJoinsOneTransaction() {
    // given
    try (Database database = TestDatabase.migrated()) {
      // when
      boolean same =
          database
              .jdbi()
              .inTransaction(
                  outer -> database.jdbi().<Boolean, RuntimeException>inTransaction(outer::equals));

      // then
      assertThat(same).isTrue();
    }
  }
}
