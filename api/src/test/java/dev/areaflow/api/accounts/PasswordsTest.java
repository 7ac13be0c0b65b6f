package dev.areaflow.api.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PasswordsTest {
  private final Passwords passwords = new Passwords();

  @Test
  void aHashCostsWhatGuardsAPassword() {
    // when
    String hash = passwords.hash("correct horse battery");

    // then
    assertThat(hash).startsWith("$argon2id$v=19$m=47104,t=1,p=1$");
    assertThat(passwords.matches("correct horse battery", hash)).isTrue();
    assertThat(passwords.matches("correct horse batteries", hash)).isFalse();
    assertThat(passwords.isOutdated(hash)).isFalse();
  }

  @Test
  void aHashOfAnotherCostMatchesAndIsOutdated() {
    // given
    String cheap = CheapPasswords.make().hash("correct horse battery");

    // when
    boolean matches = passwords.matches("correct horse battery", cheap);

    // then
    assertThat(matches).isTrue();
    assertThat(passwords.isOutdated(cheap)).isTrue();
  }
}
