package io.agentmanager.worker.tool;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import java.io.IOException;
import java.io.InputStream;
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

/**
 * Fetches pages of allowed hosts. Private, loopback and link-local addresses are refused even for
 * an allowed host, and redirects are not followed: the next page is a call of its own.
 */
public final class FetchTool {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int LARGEST = 512 * 1024;
  private static final int HTTPS = 443;
  private static final int HTTP = 80;
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

  static boolean isPrivate(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    boolean sharedSpace = bytes.length == 4 && (bytes[0] & 0xff) == 100 && (bytes[1] & 0xc0) == 64;
    return address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()
        || uniqueLocal
        || sharedSpace;
  }
}
