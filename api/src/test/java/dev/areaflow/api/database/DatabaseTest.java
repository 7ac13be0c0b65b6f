package dev.areaflow.api.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.areaflow.api.TestDatabase;
import dev.areaflow.schemas.config.DatabaseLogin;
import dev.areaflow.schemas.config.Secret;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

final class DatabaseTest {

  @Test
  void tablesThatCannotBeMadeYetAreReasonedAndUnavailable() {
    // given
    DatabaseConfig nowhere =
        new DatabaseConfig(
            new DatabaseLogin("jdbc:postgresql://127.0.0.1:1/none", "nobody", new Secret("")), 2);
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
  void whatTakesTooLongIsUnavailable() {
    // given
    try (Database database = TestDatabase.migrated()) {
      // when
      Throwable late =
          catchThrowable(
              () ->
                  database
                      .jdbi()
                      .useTransaction(
                          handle -> {
                            handle.execute("SET LOCAL statement_timeout = '1ms'");
                            handle.execute("SELECT pg_sleep(10)");
                          }));

      // then
      assertThat(Database.isUnavailable(late)).isTrue();
      assertThat(Database.isUnavailable(new SQLException("lock timeout", "55P03"))).isTrue();
      assertThat(Database.isUnavailable(new SQLException("syntax error", "42601"))).isFalse();
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
