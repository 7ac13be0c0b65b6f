package dev.areaflow.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConsentScopesTest {
  private final ConsentScopes scopes =
      new ConsentScopes(
          List.of("identity"),
          Map.of("repo", List.of("public_repo", "hooks"), "hooks", List.of("hooks:read")));

  @Test
  void whatAGrantedScopeImpliesIsNotLacking() {
    assertThat(scopes.lacking(List.of("repo"), List.of("hooks:read", "gist", "public_repo")))
        .containsExactly("gist");
  }

  @Test
  void aConsentAsksForWhatWasGrantedAndForWhatIsNeededAndNotImplied() {
    assertThat(scopes.toAsk(List.of("old"), List.of("public_repo", "repo", "gist")))
        .containsExactly("identity", "old", "repo", "gist");
  }

  @Test
  void scopesThatImplyOneAnotherAreAskedForOnce() {
    // given
    ConsentScopes mutual =
        new ConsentScopes(List.of(), Map.of("a", List.of("b"), "b", List.of("a")));

    // then
    assertThat(mutual.toAsk(List.of(), List.of("a", "b"))).containsExactly("b");
  }

  @Test
  void aListMayHaveBlanksOrCommas() {
    assertThat(ConsentScopes.of("repo,gist")).containsExactly("repo", "gist");
    assertThat(ConsentScopes.of("Mail.Read  User.Read")).containsExactly("Mail.Read", "User.Read");
    assertThat(ConsentScopes.of("")).isEmpty();
  }
}
