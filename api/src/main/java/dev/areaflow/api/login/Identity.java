package dev.areaflow.api.login;

import java.util.Optional;

/**
 * Who a person is, as an identity provider says.
 *
 * @param provider as the operator's settings name it
 * @param issuer who says so: the provider itself, whatever the settings name it
 * @param subject the account there, the same for ever; never a mail address, which may change hands
 * @param name what the provider calls the person, to be shown
 * @param verifiedEmail a mail address that the provider vouches for
 */
public record Identity(
    String provider,
    String issuer,
    String subject,
    Optional<String> name,
    Optional<String> verifiedEmail) {}
