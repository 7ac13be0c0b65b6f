package dev.areaflow.api.login;

import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.Nonce;
import java.net.URI;

/**
 * One that people can log in with, by the authorization code flow with PKCE (RFC 6749, section 4.1,
 * and RFC 7636). Safe for several threads; its calls occupy their thread.
 */
public sealed interface IdentityProvider permits OpenIdProvider, GithubProvider {

  /** As the operator's settings name it, for example {@code github}. */
  String id();

  /** As people read it. */
  String name();

  /**
   * The address of the page where a person says yes.
   *
   * @throws LoginException if the provider has to be asked for it and gives no usable answer
   */
  URI authorizeUrl(Attempt attempt) throws LoginException, InterruptedException;

  /**
   * Who came back with a code.
   *
   * @throws LoginException if that is not proven
   */
  Identity identify(Attempt attempt, String code) throws LoginException, InterruptedException;

  /**
   * What one attempt to log in is recognised by.
   *
   * @param redirect where the provider sends the person back to, exactly as registered there
   * @param state what comes back in the address
   * @param nonce what comes back in the ID token
   * @param verifier what proves that the code is asked for by whoever began
   */
  record Attempt(URI redirect, State state, Nonce nonce, CodeVerifier verifier) {
    @Override
    public String toString() {
      return "Attempt[" + redirect + "]";
    }
  }
}
