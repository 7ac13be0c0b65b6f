package dev.areaflow.api;

import dev.areaflow.api.accounts.Accounts;
import dev.areaflow.api.accounts.AccountsConfig;
import dev.areaflow.api.accounts.CheapPasswords;
import dev.areaflow.api.accounts.OwnerSuspension;
import dev.areaflow.api.accounts.SignUp;
import dev.areaflow.api.audit.Audit;
import dev.areaflow.api.audit.AuditConfig;
import dev.areaflow.api.audit.AuditRoutes;
import dev.areaflow.api.catalog.DocumentRoutes;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.ApiRouting;
import dev.areaflow.api.http.ApiServer;
import dev.areaflow.api.http.HttpConfig;
import dev.areaflow.api.http.Idempotency;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.login.IdentityProvider;
import dev.areaflow.api.login.Logins;
import dev.areaflow.catalog.vault.Vault;
import dev.areaflow.catalog.vault.VaultKeys;
import dev.areaflow.schemas.config.Secret;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The API for tests: the real HTTP server on a free port and a fresh database, with accounts, the
 * documents, and whatever routes a test brings. To be closed.
 */
public final class TestApi implements AutoCloseable {
  public static final VaultKeys VAULT = VaultKeys.of(Vault.create());
  public static final String PASSWORD = "correct horse battery";

  private final Database database = TestDatabase.migrated();
  private final TestClock clock = new TestClock();
  private final AtomicInteger users = new AtomicInteger();
  private final Idempotency idempotency = new Idempotency(database, clock);
  private final Audit audit;
  private final Accounts accounts;
  private final List<Routes> routes;
  private final ApiServer server;

  private TestApi(Builder builder) {
    HttpConfig http =
        new HttpConfig(
            builder.loopback ? "127.0.0.1" : "0.0.0.0",
            0,
            builder.publicUrl,
            builder.trustedProxies);
    this.accounts =
        new Accounts(
            database,
            new AccountsConfig(builder.signUp, builder.setUpToken, Duration.ofDays(7)),
            http,
            clock,
            builder.suspension,
            new Logins(database, builder.providers.apply(clock), VAULT, http::address, clock),
            CheapPasswords.make(),
            "test");
    this.audit = new Audit(database, new AuditConfig(Duration.ofDays(365)), clock);
    this.routes = new ArrayList<>(accounts.routes());
    this.routes.add(new AuditRoutes(audit));
    this.routes.add(new DocumentRoutes());
    this.routes.addAll(builder.more.apply(database, clock));
    this.server =
        new ApiServer(
            http,
            new ApiRouting(
                http,
                routes,
                accounts.authentication(),
                idempotency,
                audit,
                new SimpleMeterRegistry(),
                rules -> {}));
    server.start();
  }

  /** How the API under test is set up; the defaults are those of {@code area up}. */
  public static final class Builder {
    private boolean loopback = true;
    private Optional<URI> publicUrl = Optional.empty();
    private Set<String> trustedProxies = Set.of();
    private Optional<SignUp> signUp = Optional.empty();
    private Optional<Secret> setUpToken = Optional.empty();
    private OwnerSuspension suspension = (handle, owner, suspended, by) -> {};
    private Function<Clock, List<IdentityProvider>> providers = clock -> List.of();
    private BiFunction<Database, Clock, List<Routes>> more = (database, clock) -> List.of();

    public Builder beyondLoopback() {
      this.loopback = false;
      return this;
    }

    public Builder publicUrl(String url) {
      this.publicUrl = Optional.of(URI.create(url));
      return this;
    }

    public Builder trustedProxies(String... addresses) {
      this.trustedProxies = Set.of(addresses);
      return this;
    }

    public Builder signUp(SignUp rule) {
      this.signUp = Optional.of(rule);
      return this;
    }

    public Builder setUpToken(String token) {
      this.setUpToken = Optional.of(new Secret(token));
      return this;
    }

    public Builder suspension(OwnerSuspension what) {
      this.suspension = what;
      return this;
    }

    /** What people can log in with besides passwords. */
    public Builder providers(Function<Clock, List<IdentityProvider>> ways) {
      this.providers = ways;
      return this;
    }

    /** Routes more, over the API's own database and clock. */
    public Builder routes(BiFunction<Database, Clock, List<Routes>> routes) {
      this.more = routes;
      return this;
    }

    public TestApi start() {
      return new TestApi(this);
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  public Database database() {
    return database;
  }

  public TestClock clock() {
    return clock;
  }

  public Accounts accounts() {
    return accounts;
  }

  public Idempotency idempotency() {
    return idempotency;
  }

  public Audit audit() {
    return audit;
  }

  /** All routes that are served. */
  public List<Routes> routes() {
    return routes;
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  /** A client without login. */
  public ContractClient anyone() {
    return new ContractClient(uri());
  }

  /** A client logged in as a new user; the first one is admin. */
  public ContractClient newUser() {
    return logIn(signUp());
  }

  /** Makes an account with {@link #PASSWORD} and gives its e-mail address. */
  public String signUp() {
    String email = "user" + users.incrementAndGet() + "@example.org";
    anyone().post("/api/v1/users", Map.of("email", email, "password", PASSWORD)).expect(201);
    return email;
  }

  /** A client with a fresh session of that account. */
  public ContractClient logIn(String email) {
    return anyone()
        .as(
            anyone()
                .post("/api/v1/sessions", Map.of("email", email, "password", PASSWORD))
                .expect(200)
                .field("token"));
  }

  /** A client with a fresh API token of that client's user. */
  public ContractClient token(ContractClient user, String... scopes) {
    return anyone()
        .as(
            user.post("/api/v1/tokens", Map.of("name", "test", "scopes", List.of(scopes)))
                .expect(201)
                .field("token"));
  }

  @Override
  public void close() {
    server.close();
    database.close();
  }
}
