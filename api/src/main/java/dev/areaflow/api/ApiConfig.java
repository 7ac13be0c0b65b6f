package dev.areaflow.api;

import dev.areaflow.api.accounts.AccountsConfig;
import dev.areaflow.api.audit.AuditConfig;
import dev.areaflow.api.database.DatabaseConfig;
import dev.areaflow.api.http.HttpConfig;
import dev.areaflow.api.login.LoginConfig;
import dev.areaflow.api.projections.ProjectionConfig;
import dev.areaflow.catalog.CatalogConfig;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.catalog.vault.VaultKeys;
import dev.areaflow.schemas.config.Secret;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.config.SharedSettings;
import dev.areaflow.schemas.hooks.HookKey;
import dev.areaflow.schemas.topics.TopicSettings;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/**
 * The api role's configuration.
 *
 * @param http where it listens
 * @param database where its tables are
 * @param accounts rules for accounts
 * @param login what people can log in with besides passwords
 * @param audit how long it is kept who did what
 * @param hooksUrl address of the ingress as providers see it; a hook's URL begins with it
 * @param hooksKey key of hook URLs and secrets in Base64, the same as the ingress has
 * @param vault what credentials are sealed with
 * @param client how services are asked whether credentials are good
 * @param projections how long what is projected is kept
 * @param topics how topics are made and reached
 * @param services which there are
 */
public record ApiConfig(
    HttpConfig http,
    DatabaseConfig database,
    AccountsConfig accounts,
    LoginConfig login,
    AuditConfig audit,
    URI hooksUrl,
    Secret hooksKey,
    VaultKeys vault,
    HttpClientConfig client,
    ProjectionConfig projections,
    TopicSettings topics,
    CatalogConfig services) {
  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS =
      Stream.of(
              HttpConfig.SETTINGS,
              DatabaseConfig.SETTINGS,
              AccountsConfig.SETTINGS,
              LoginConfig.SETTINGS,
              AuditConfig.SETTINGS,
              List.<Setting<?>>of(SharedSettings.HOOKS_URL, HookKey.SETTING, VaultKeys.SETTING),
              HttpClientConfig.SETTINGS,
              ProjectionConfig.SETTINGS,
              TopicSettings.SETTINGS,
              CatalogConfig.SETTINGS)
          .flatMap(List::stream)
          .toList();

  /** Reads them; problems are noted in {@code settings}. */
  public static ApiConfig from(Settings settings) {
    return new ApiConfig(
        HttpConfig.from(settings),
        DatabaseConfig.from(settings),
        AccountsConfig.from(settings),
        LoginConfig.from(settings),
        AuditConfig.from(settings),
        settings.get(SharedSettings.HOOKS_URL),
        settings.get(HookKey.SETTING),
        settings.get(VaultKeys.SETTING),
        HttpClientConfig.from(settings),
        ProjectionConfig.from(settings),
        TopicSettings.from(settings),
        CatalogConfig.from(settings));
  }
}
