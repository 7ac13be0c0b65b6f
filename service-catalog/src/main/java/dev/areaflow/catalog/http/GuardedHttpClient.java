package dev.areaflow.catalog.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client that reaches only what its {@link EgressPolicy} permits, follows no redirects,
 * uses no proxy, and bounds time and size. Connections are kept and reused. Safe for several
 * threads; a call occupies its thread, so virtual threads are what to call it from.
 *
 * <p>The guard is the resolver of names: the addresses that it judged are those that are connected
 * to, so a name that changes between judgement and connection gains nothing. Answers are never
 * decompressed: none is asked for, and an unasked one is handed on as it is.
 */
public final class GuardedHttpClient implements AutoCloseable {
  private static final Set<String> METHODS_WITH_BODY = Set.of("POST", "PUT", "PATCH");
  private static final byte[] NOTHING = {};
  private static final int MAX_HEADERS = 200;
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final TimeValue IDLE = TimeValue.ofSeconds(30);
  private static final TimeValue LIFETIME = TimeValue.ofMinutes(10);

  private final HttpClientConfig config;
  private final RequestConfig usual;
  private final CloseableHttpClient client;
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();

  /** A client that resolves names as the machine does. */
  public GuardedHttpClient(HttpClientConfig config) {
    this(config, EgressPolicy.HostAddresses::system);
  }

  GuardedHttpClient(HttpClientConfig config, EgressPolicy.HostAddresses addresses) {
    this.config = config;
    this.usual = requestConfig(config.callTimeout());
    this.client =
        HttpClients.custom()
            .setConnectionManager(connections(config, addresses))
            .setUserAgent("Areaflow")
            .setRequestExecutor(new Departing())
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableContentCompression()
            .disableCookieManagement()
            .disableAuthCaching()
            .evictExpiredConnections()
            .evictIdleConnections(IDLE)
            .build();
  }

  private static RequestConfig requestConfig(Duration timeout) {
    return RequestConfig.custom()
        .setConnectionRequestTimeout(Timeout.of(timeout))
        .setResponseTimeout(Timeout.of(timeout))
        .setRedirectsEnabled(false)
        .setAuthenticationEnabled(false)
        .setExpectContinueEnabled(false)
        .setProtocolUpgradeEnabled(false)
        .build();
  }

  private static PoolingHttpClientConnectionManager connections(
      HttpClientConfig config, EgressPolicy.HostAddresses addresses) {
    return new DirectConnections()
        .setDnsResolver(new GuardedResolver(config.egress(), addresses))
        .setConnectionFactory(
            ManagedHttpClientConnectionFactory.builder()
                .http1Config(
                    Http1Config.custom()
                        .setMaxHeaderCount(MAX_HEADERS)
                        .setMaxLineLength(MAX_HEADER_BYTES)
                        .build())
                .build())
        .setDefaultConnectionConfig(
            ConnectionConfig.custom()
                .setConnectTimeout(Timeout.of(config.connectTimeout()))
                .setSocketTimeout(Timeout.of(config.callTimeout()))
                .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                .setTimeToLive(LIFETIME)
                .build())
        .setDefaultTlsConfig(
            TlsConfig.custom().setHandshakeTimeout(Timeout.of(config.connectTimeout())).build())
        .setDefaultSocketConfig(SocketConfig.custom().setTcpNoDelay(true).build())
        .setMaxConnTotal(config.maxConnections())
        .setMaxConnPerRoute(config.maxConnectionsPerHost())
        .build();
  }

  /**
   * Sends a request and waits for the answer, whatever its status.
   *
   * @throws BlockedTargetException if the target is not permitted; nothing was sent
   * @throws HttpTimeoutException if the call took longer than it may, or its connection did
   * @throws InterruptedException if the caller was interrupted; the call is given up
   * @throws IOException if there was no complete answer; it is unknown whether the request arrived
   */
  public OutboundResponse send(OutboundRequest request) throws IOException, InterruptedException {
    return send(request, config.callTimeout(), new Departure());
  }

  /**
   * Sends a request within a time of its own.
   *
   * @param timeout of the whole call, in the place of the client's
   * @param departure tells, when the call has ended, whether the request began to leave
   * @throws BlockedTargetException if the target is not permitted; nothing was sent
   * @throws HttpTimeoutException if the call took longer than it may, or its connection did
   * @throws InterruptedException if the caller was interrupted; the call is given up
   * @throws IOException if there was no complete answer; {@code departure} says whether the request
   *     may have arrived
   */
  public OutboundResponse send(OutboundRequest request, Duration timeout, Departure departure)
      throws IOException, InterruptedException {
    if (request.uri().getHost() == null) {
      throw new BlockedTargetException(
          String.valueOf(request.uri().getAuthority()), "neither a host name nor an address");
    }
    HttpUriRequestBase message = message(request, timeout);
    // The caller waits for a thread of its own, because nothing else ends every phase of a call in
    // time: an answer that trickles, a handshake that hangs, a resolver that does.
    long start = System.nanoTime();
    Future<OutboundResponse> call = calls.submit(() -> exchange(message, departure));
    try {
      return call.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      giveUp(message, departure, call);
      throw timeout(timeout, e);
    } catch (InterruptedException e) {
      giveUp(message, departure, call);
      throw e;
    } catch (ExecutionException e) {
      throw failure(e, timeout, Duration.ofNanos(System.nanoTime() - start));
    }
  }

  private static void giveUp(HttpUriRequestBase message, Departure departure, Future<?> call) {
    departure.giveUp();
    message.abort();
    call.cancel(true);
  }

  private static IOException timeout(Duration allowed, Exception cause) {
    HttpTimeoutException timeout = new HttpTimeoutException("no complete answer within " + allowed);
    timeout.initCause(cause);
    return timeout;
  }

  /** The socket waits as long as the whole call, so a shorter wait was the connection's. */
  private IOException socketTimeout(
      SocketTimeoutException cause, Duration allowed, Duration after) {
    if (!(cause instanceof ConnectTimeoutException) && after.compareTo(allowed) >= 0) {
      return timeout(allowed, cause);
    }
    HttpConnectTimeoutException timeout =
        new HttpConnectTimeoutException("no connection within " + config.connectTimeout());
    timeout.initCause(cause);
    return timeout;
  }

  private IOException failure(ExecutionException failed, Duration allowed, Duration after) {
    Throwable cause = failed.getCause() == null ? failed : failed.getCause();
    return switch (cause) {
      case UnknownHostException unknown
          when unknown.getCause() instanceof BlockedTargetException blocked ->
          blocked;
      case SocketTimeoutException slow -> socketTimeout(slow, allowed, after);
      case InterruptedIOException slow -> timeout(allowed, slow);
      case IOException io -> io;
      case RuntimeException bug -> throw bug;
      case Error bug -> throw bug;
      default -> new IOException(cause);
    };
  }

  private HttpUriRequestBase message(OutboundRequest request, Duration timeout) {
    HttpUriRequestBase message = new HttpUriRequestBase(request.method(), request.uri());
    message.setConfig(timeout.equals(config.callTimeout()) ? usual : requestConfig(timeout));
    message.setHeader("Accept-Encoding", "identity");
    request.headers().forEach(message::setHeader);
    if (request.body().isPresent() || METHODS_WITH_BODY.contains(request.method())) {
      message.setEntity(new ByteArrayEntity(request.body().orElse(NOTHING), null));
    }
    return message;
  }

  private OutboundResponse exchange(HttpUriRequestBase message, Departure departure)
      throws IOException {
    HttpClientContext context = HttpClientContext.create();
    context.setAttribute(Departing.DEPARTURE, departure);
    ClassicHttpResponse answer = client.executeOpen(null, message, context);
    boolean cut = false;
    try {
      HttpEntity entity = answer.getEntity();
      if (entity == null) {
        return new OutboundResponse(answer.getCode(), headers(answer), NOTHING);
      }
      InputStream content = entity.getContent();
      byte[] body = content.readNBytes(config.maxResponseBytes());
      cut = body.length == config.maxResponseBytes() && content.read() >= 0;
      if (cut) {
        message.abort(); // closing the answer alone would read the rest of it first
      }
      return new OutboundResponse(answer.getCode(), headers(answer), body, cut);
    } finally {
      close(answer, cut);
    }
  }

  /** A connection that was cut on purpose says so when it is closed, which is no failure. */
  private static void close(ClassicHttpResponse answer, boolean cut) throws IOException {
    try {
      answer.close();
    } catch (IOException e) {
      if (!cut) {
        throw e;
      }
    }
  }

  private static Map<String, String> headers(ClassicHttpResponse answer) {
    Map<String, String> headers = new HashMap<>();
    for (Header header : answer.getHeaders()) {
      headers.merge(
          header.getName().toLowerCase(Locale.ROOT),
          header.getValue() == null ? "" : header.getValue(),
          (first, second) -> first + ", " + second);
    }
    return headers;
  }

  /** Gives up the calls under way and closes all connections. */
  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
    calls.shutdownNow();
  }

  /** Notes that a request leaves, after its connection stands and before its first byte. */
  private static final class Departing extends HttpRequestExecutor {
    static final String DEPARTURE = "areaflow.departure";

    @Override
    public ClassicHttpResponse execute(
        ClassicHttpRequest request,
        HttpClientConnection connection,
        @Nullable HttpResponseInformationCallback informationCallback,
        HttpContext context)
        throws IOException, HttpException {
      if (context.getAttribute(DEPARTURE) instanceof Departure departure && !departure.leave()) {
        throw new InterruptedIOException("the call was given up before it began");
      }
      return super.execute(request, connection, informationCallback, context);
    }
  }

  /** Connections that go through no proxy, also where the JVM has a SOCKS proxy for all sockets. */
  private static final class DirectConnections extends PoolingHttpClientConnectionManagerBuilder {
    @Override
    protected HttpClientConnectionOperator createConnectionOperator(
        SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
      return new DefaultHttpClientConnectionOperator(
          proxy -> new Socket(Proxy.NO_PROXY),
          ports,
          names,
          RegistryBuilder.<TlsSocketStrategy>create().register("https", tls).build());
    }
  }

  /** Resolves names for connections, and refuses what must not be connected to. */
  private record GuardedResolver(EgressPolicy policy, EgressPolicy.HostAddresses addresses)
      implements DnsResolver {

    @Override
    public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
      try {
        return policy.resolve(host, port, addresses).stream()
            .map(address -> new InetSocketAddress(address, port))
            .toList();
      } catch (BlockedTargetException e) {
        UnknownHostException refusal = new UnknownHostException(e.getMessage());
        refusal.initCause(e);
        throw refusal;
      }
    }

    @Override
    public InetAddress[] resolve(String host) {
      throw new UnsupportedOperationException("names are resolved together with their port");
    }

    @Override
    public String resolveCanonicalHostname(String host) {
      throw new UnsupportedOperationException("only Kerberos asks for it");
    }
  }
}
