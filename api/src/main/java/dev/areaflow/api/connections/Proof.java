package dev.areaflow.api.connections;

import dev.areaflow.catalog.connections.CredentialFields;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Credentials, and what the service says of them.
 *
 * @param lifetime how long they are good from now on; empty where they have no end
 * @param scopes what they are good for; empty where nobody knows
 */
record Proof(
    CredentialFields.Entered entered,
    Optional<Duration> lifetime,
    Optional<List<String>> scopes,
    Probe.Finding finding) {
  Proof {
    scopes = scopes.map(List::copyOf);
  }

  /** Of credentials as a person entered them. */
  static Proof of(CredentialFields.Entered entered, Probe.Finding finding) {
    return new Proof(entered, Optional.empty(), Optional.empty(), finding);
  }
}
