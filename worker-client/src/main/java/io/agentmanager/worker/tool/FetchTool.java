package io.agentmanager.worker.tool;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Fetches pages of allowed hosts. Private, loopback and link-local addresses are refused even for
 * an allowed host, and redirects are not followed: the next page is a call of its own. The address
 * that is checked is the one that is called: the JVM remembers it for longer than that takes.
 */
public final class FetchTool {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int LARGEST = 512 * 1024;
  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  /** Not public (IANA's special-purpose registries), or with an IPv4 address in them. */
  private static final List<Block> RESERVED =
      Stream.of(
              "0.0.0.0/8",
              "100.64.0.0/10",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "240.0.0.0/4",
              "64:ff9b::/96",
              "64:ff9b:1::/48",
              "100::/64",
              "2001::/32",
              "2001:db8::/32",
              "2002::/16",
              "fc00::/7")
          .map(Block::of)
          .toList();

  private final Set<String> allowedHosts;
  private final IntPredicate allowedPorts;
  private final Predicate<InetAddress> refused;
  private final Duration limit;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofSeconds(5))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /** Fetches from these hosts alone. */
  public FetchTool(List<String> allowedHosts) {
    this(
        allowedHosts,
        port -> port == -1 || port == HTTP || port == HTTPS,
        FetchTool::isPrivate,
        LIMIT);
  }

  /**
   * For tests, whose servers listen at private addresses.
   *
   * @param limit for a page, from the call to its last byte
   */
  FetchTool(
      List<String> allowedHosts,
      IntPredicate allowedPorts,
      Predicate<InetAddress> refused,
      Duration limit) {
    this.allowedHosts =
        Set.copyOf(allowedHosts.stream().map(h -> h.toLowerCase(Locale.ROOT)).toList());
    this.allowedPorts = allowedPorts;
    this.refused = refused;
    this.limit = limit;
  }

  /** Fetches a page. */
  @Tool(name = "fetch_url", value = "Fetches the text behind an http or https URL")
  public String fetchUrl(@P(name = "url", value = "the URL") String url)
      throws IOException, InterruptedException {
    URI uri = check(url);
    FutureTask<String> page = new FutureTask<>(() -> fetch(uri));
    Thread fetching = Thread.ofVirtual().name("fetch").start(page);
    try {
      return page.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(url + " did not come whole within " + limit, e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } finally {
      fetching.interrupt();
    }
  }

  private String fetch(URI uri) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(limit).build();
    HttpResponse<InputStream> response =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      String text = new String(body.readNBytes(LARGEST), StandardCharsets.UTF_8);
      String cut = body.read() < 0 ? "" : "\n[... the page goes on after these 512 KiB ...]";
      return "HTTP " + response.statusCode() + "\n" + text + cut;
    }
  }

  private URI check(String url) throws IOException {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new IOException("not a URL: " + url, e);
    }
    String scheme = uri.getScheme();
    boolean web = "http".equals(scheme) || "https".equals(scheme);
    if (!web
        || uri.getHost() == null
        || uri.getUserInfo() != null
        || !allowedPorts.test(uri.getPort())) {
      throw new IOException("only plain http and https URLs are fetched, not " + url);
    }
    if (!allowedHosts.contains(uri.getHost().toLowerCase(Locale.ROOT))) {
      throw new IOException(
          uri.getHost() + " is not among the allowed hosts (fetch_allowed_hosts)");
    }
    for (InetAddress address : InetAddress.getAllByName(uri.getHost())) {
      if (refused.test(address)) {
        throw new IOException(uri.getHost() + " has a private address");
      }
    }
    return uri;
  }

  /** Whether an address is not one of the public internet, or hides one that is not. */
  static boolean isPrivate(InetAddress address) {
    return address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()
        || RESERVED.stream().anyMatch(block -> block.holds(address.getAddress()));
  }

  private record Block(InetAddress start, int bits) {
    static Block of(String cidr) {
      String[] parts = cidr.split("/");
      return new Block(InetAddress.ofLiteral(parts[0]), Integer.parseInt(parts[1]));
    }

    boolean holds(byte[] address) {
      byte[] first = start.getAddress();
      int rest = first.length * Byte.SIZE - bits;
      return first.length == address.length
          && new BigInteger(1, first)
              .shiftRight(rest)
              .equals(new BigInteger(1, address).shiftRight(rest));
    }
  }
}
