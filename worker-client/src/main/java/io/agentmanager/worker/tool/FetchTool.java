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
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofSeconds(5))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /** Fetches from these hosts alone. */
  public FetchTool(List<String> allowedHosts) {
    this.allowedHosts =
        Set.copyOf(allowedHosts.stream().map(h -> h.toLowerCase(Locale.ROOT)).toList());
  }

  /** Fetches a page. */
  @Tool(name = "fetch_url", value = "Fetches the text behind an http or https URL")
  public String fetchUrl(@P(name = "url", value = "the URL") String url)
      throws IOException, InterruptedException {
    URI uri = check(url);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(LIMIT).build();
    HttpResponse<InputStream> response =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      String text = new String(body.readNBytes(LARGEST), StandardCharsets.UTF_8);
      return "HTTP " + response.statusCode() + "\n" + text;
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
    boolean standardPort = uri.getPort() == -1 || uri.getPort() == HTTP || uri.getPort() == HTTPS;
    if (!web || uri.getHost() == null || uri.getUserInfo() != null || !standardPort) {
      throw new IOException("only plain http and https URLs are fetched, not " + url);
    }
    if (!allowedHosts.contains(uri.getHost().toLowerCase(Locale.ROOT))) {
      throw new IOException(
          uri.getHost() + " is not among the allowed hosts (fetch_allowed_hosts)");
    }
    for (InetAddress address : InetAddress.getAllByName(uri.getHost())) {
      if (isPrivate(address)) {
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
