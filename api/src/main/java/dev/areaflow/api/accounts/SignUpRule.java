package dev.areaflow.api.accounts;

import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.UserRole;
import dev.areaflow.schemas.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may make an account, and what the account may do, whatever way its user logs in.
 *
 * @param later who may, once there is a first user
 * @param setUpTokenRequired whether the first user has to know the set-up token
 */
record SignUpRule(SignUp later, boolean setUpTokenRequired, Optional<Secret> setUpToken) {

  /**
   * @param loopback whether only this machine reaches the API
   */
  static SignUpRule of(AccountsConfig config, boolean loopback) {
    return new SignUpRule(
        config.signUp().orElse(loopback ? SignUp.OPEN : SignUp.CLOSED),
        !loopback,
        config.setUpToken());
  }

  /**
   * The role of a new user.
   *
   * @param first whether there is no user yet
   * @param presentedToken null where none came with the request
   * @throws Problem 403 where there must be none
   */
  UserRole roleOfNewUser(boolean first, @Nullable String presentedToken) {
    if (first) {
      if (setUpTokenRequired && !isSetUpToken(presentedToken)) {
        throw Problem.forbidden(
            "The first user is the admin and must send the setUpToken that the API was started with"
                + " (api.set-up-token).");
      }
      return UserRole.ADMIN;
    }
    if (later == SignUp.CLOSED) {
      throw Problem.forbidden("Sign-up is closed here; ask the operator for an account.");
    }
    return UserRole.USER;
  }

  private boolean isSetUpToken(@Nullable String presented) {
    return presented != null
        && setUpToken
            .filter(
                expected ->
                    MessageDigest.isEqual(
                        expected.value().getBytes(StandardCharsets.UTF_8),
                        presented.getBytes(StandardCharsets.UTF_8)))
            .isPresent();
  }
}
