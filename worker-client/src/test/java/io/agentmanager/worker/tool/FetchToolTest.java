package io.agentmanager.worker.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class FetchToolTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpServer server;
  private FetchTool fetch;

  @BeforeEach
  void aServerAtAnAddressThatIsAllowedHere() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/page", exchange -> answer(exchange, 200, "the page"));
    server.createContext("/long", exchange -> answer(exchange, 200, "x".repeat(600 * 1024)));
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/page");
          answer(exchange, 302, "elsewhere");
        });
    server.createContext("/slow", this::drip);
    server.start();
    fetch = within(Duration.ofSeconds(20));
  }

  private static FetchTool within(Duration time) {
    return new FetchTool(List.of("LOCALHOST"), port -> true, address -> false, time);
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void aPageComesWithItsStatus() throws Exception {
    assertThat(fetch.fetchUrl(url("/page"))).isEqualTo("HTTP 200\nthe page");
    assertThat(fetch.fetchUrl(url("/none"))).startsWith("HTTP 404");
  }

  @Test
  void aRedirectIsToldAndNotFollowed() throws Exception {
    assertThat(fetch.fetchUrl(url("/moved"))).isEqualTo("HTTP 302\nelsewhere");
  }

  @Test
  void ofALongPageTheBeginningComesAndThatItGoesOn() throws Exception {
    assertThat(fetch.fetchUrl(url("/long")))
        .endsWith("[... the page goes on after these 512 KiB ...]")
        .hasSizeBetween(512 * 1024, 513 * 1024);
  }

  @Test
  void aPageThatDripsIsGivenUp() {
    FetchTool brief = within(Duration.ofSeconds(3));
    assertThatThrownBy(() -> brief.fetchUrl(url("/slow")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not come whole within PT3S");
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost/, localhost has a private address",
    "https://example.org/, example.org is not among the allowed hosts",
    "http://localhost.example.org/, is not among the allowed hosts",
    "file:///etc/passwd, only plain http and https",
    "http://a@localhost/, only plain http and https",
    "http://localhost:8080/, only plain http and https",
    "gopher://localhost, only plain http and https",
    "not a url, not a URL"
  })
  void nothingButAllowedPublicHostsIsFetched(String url, String why) {
    FetchTool strict = new FetchTool(List.of("localhost"));
    assertThatThrownBy(() -> strict.fetchUrl(url))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.1.2.3",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "::ffff:127.0.0.1",
        "ff02::1",
        "2001:db8::1"
      })
  void anAddressThatIsNotPublicIsNotFetchedFrom(String address) {
    assertThat(FetchTool.isPrivate(InetAddress.ofLiteral(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1.1.1", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111"})
  void aPublicAddressIs(String address) {
    assertThat(FetchTool.isPrivate(InetAddress.ofLiteral(address))).isFalse();
  }

  private String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** The head and a byte come at once, and nothing after them. */
  private void drip(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(200, 100);
      exchange.getResponseBody().write('x');
      exchange.getResponseBody().flush();
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
