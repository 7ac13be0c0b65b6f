package dev.areaflow.api.hooks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.Webhook;
import dev.areaflow.schemas.hooks.HookKey;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;

/** Where providers deliver to, and how they sign. Immutable and safe for several threads. */
public final class HookAddresses {
  private final ServiceCatalog catalog;
  private final HookKey key;
  private final URI base;

  /**
   * @param base the address under which providers reach the ingress, without a trailing slash
   */
  public HookAddresses(ServiceCatalog catalog, HookKey key, URI base) {
    this.catalog = catalog;
    this.key = key;
    this.base = base;
  }

  /** The URL of a hook, where its action is pushed. */
  public Optional<String> url(Hook hook) {
    return webhook(hook.service(), hook.action()).map(_ -> url(hook.id()));
  }

  private String url(UUID hookId) {
    return base + "/hooks/" + key.token(hookId);
  }

  /** The signing secret in force, where the action has one with these inputs. */
  public Optional<String> secret(Hook hook) {
    return hasSecret(hook, hook.inputs())
        ? Optional.of(key.secret(hook.id(), hook.secretGeneration()))
        : Optional.empty();
  }

  /** Whether the hook's deliveries would be signed with these inputs. */
  public boolean hasSecret(Hook hook, JsonNode inputs) {
    return webhook(hook.service(), hook.action())
        .map(webhook -> webhook.hasSecret(inputs))
        .orElse(false);
  }

  private Optional<Webhook> webhook(String service, String action) {
    return catalog.action(service, action).flatMap(Action::webhook);
  }
}
