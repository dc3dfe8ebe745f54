package io.agentmanager.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A proxy between worker and server that answers some calls itself, as rules say. */
final class WeakLink implements AutoCloseable {
  /** The rule that lets everything through. */
  static final Rule SOUND = (call, body) -> 0;

  private final URI server;
  private final HttpServer proxy;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Rule rule;

  /** What comes of a call, such as {@code POST /v1/results/batch}: its status, or 0 to pass it. */
  interface Rule {
    int status(String call, String body);
  }

  WeakLink(URI server, Rule rule) throws IOException {
    this.server = server;
    this.rule = rule;
    this.proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    proxy.setExecutor(threads);
    proxy.createContext("/", this::serve);
    proxy.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + proxy.getAddress().getPort());
  }

  void rule(Rule other) {
    rule = other;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String call = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      int status = rule.status(call, new String(body, StandardCharsets.UTF_8));
      if (status == 0) {
        pass(exchange, body);
      } else {
        exchange.sendResponseHeaders(status, -1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pass(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(exchange.getRequestURI().toString()))
            .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
    for (String header : new String[] {"Authorization", "Content-Type"}) {
      request.header(header, exchange.getRequestHeaders().getFirst(header));
    }
    HttpResponse<byte[]> answer =
        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    int length = answer.body().length == 0 ? -1 : answer.body().length;
    exchange.sendResponseHeaders(answer.statusCode(), length);
    exchange.getResponseBody().write(answer.body());
  }

  @Override
  public void close() {
    proxy.stop(0);
    threads.shutdownNow();
    http.close();
  }
}
