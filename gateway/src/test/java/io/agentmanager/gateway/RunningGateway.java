package io.agentmanager.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/**
 * The gateway on a real database, in one or more replicas, before a neighbour that answers every
 * call with the claims of the internal token that it came with.
 */
public final class RunningGateway implements AutoCloseable {
  /** The administrator's token, as SERVER_API_TOKEN sets it. */
  public static final String ADMINISTRATOR = "fixed-administrators-token";

  /** A ring with one key, of zeros. */
  public static final String KEYS = "1:" + Base64.getEncoder().encodeToString(new byte[32]);

  /** The neighbour holds calls whose path or query has that. */
  public static final String HELD = "held";

  private final AtomicInteger held = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final EmbeddedPostgreSql postgres;
  private final HttpServer neighbour;
  private final List<ConfigurableApplicationContext> replicas = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private RunningGateway(EmbeddedPostgreSql postgres, HttpServer neighbour) {
    this.postgres = postgres;
    this.neighbour = neighbour;
  }

  /** Starts that many replicas with these settings, such as {@code a.b=c}. */
  public static RunningGateway start(int count, String... settings) throws Exception {
    Path folder = Files.createTempDirectory("gateway-test");
    EmbeddedPostgreSql postgres = EmbeddedPostgreSql.start(folder, FreePorts.next());
    HttpServer neighbour = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    neighbour.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    neighbour.start();
    RunningGateway gateway = new RunningGateway(postgres, neighbour);
    neighbour.createContext("/", gateway::answer);
    for (int i = 0; i < count; i++) {
      gateway.startReplica(settings);
    }
    return gateway;
  }

  private void startReplica(String... settings) {
    int port = FreePorts.next();
    String service = "http://127.0.0.1:" + neighbour.getAddress().getPort();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=" + port,
                "--agentmanager.internal.secret=0123456789abcdef0123456789abcdef",
                "--agentmanager.encryption.keys=" + KEYS,
                "--agentmanager.gateway.api-token=" + ADMINISTRATOR,
                "--agentmanager.services.planner=" + service,
                "--agentmanager.services.task=" + service,
                "--agentmanager.services.audit=" + service,
                // A busy machine is no reason to refuse anything.
                "--spring.datasource.hikari.connection-timeout=10000",
                "--spring.datasource.url=" + postgres.database("gateway")));
    for (String setting : settings) {
      arguments.add("--" + setting);
    }
    replicas.add(Gateway.application().run(arguments.toArray(String[]::new)));
    ports.add(port);
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().toString().contains(HELD)) {
      hold(exchange);
    } else {
      tellClaims(exchange);
    }
  }

  /** Begins an answer where that is a stream, and never ends it. */
  private void hold(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    if (exchange.getRequestURI().getPath().endsWith("/events")) {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(":\n\n".getBytes(StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
    }
    held.incrementAndGet();
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exchange.close();
  }

  /** How many calls the neighbour has kept without an answer. */
  public int held() {
    return held.get();
  }

  private static void tellClaims(HttpExchange exchange) throws IOException {
    String token = exchange.getRequestHeaders().getFirst("Authorization").split("\\.")[1];
    byte[] claims = Base64.getUrlDecoder().decode(token);
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    boolean hasBody = !exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(200, hasBody ? claims.length : -1);
    if (hasBody) {
      exchange.getResponseBody().write(claims);
    }
    exchange.close();
  }

  /** Where the first replica listens. */
  public int port() {
    return port(0);
  }

  /** Where a replica listens. */
  public int port(int replica) {
    return ports.get(replica);
  }

  /** A bean of the first replica. */
  public <T> T bean(Class<T> type) {
    return replicas.getFirst().getBean(type);
  }

  /** An answer; of the neighbour, the claims that reached it. */
  public record Answer(int status, JsonNode body, HttpHeaders headers) {
    /** A field of the body, empty when it is not there. */
    public String text(String field) {
      return body.path(field).asString("");
    }
  }

  /** Calls the first replica. */
  public Answer call(String token, String method, String path) {
    return call(0, token, method, path, null);
  }

  /** Calls the first replica with a body. */
  public Answer call(String token, String method, String path, @Nullable String body) {
    return call(0, token, method, path, body);
  }

  /** Calls a replica. */
  public Answer call(int replica, String token, String method, String path, @Nullable String body) {
    return call(replica, token, method, path, body, "User-Agent", "test");
  }

  /** Calls a replica with headers of one's own: names and values in turn. */
  public Answer call(
      int replica,
      String token,
      String method,
      String path,
      @Nullable String body,
      String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(replica) + path))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .headers(headers)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      return new Answer(
          response.statusCode(),
          response.body().isEmpty()
              ? WireJson.mapper().nullNode()
              : WireJson.mapper().readTree(response.body()),
          response.headers());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes a token through the API, and returns its secret. */
  public String token(String name, String more) {
    Answer answer =
        call(ADMINISTRATOR, "POST", "/v1/tokens", "{\"name\":\"" + name + "\"," + more + "}");
    if (answer.status() != 201) {
      throw new AssertionError(answer.toString());
    }
    return answer.text("secret");
  }

  @Override
  public void close() throws IOException {
    replicas.forEach(ConfigurableApplicationContext::close);
    closed.countDown();
    neighbour.stop(0);
    postgres.close();
  }
}
