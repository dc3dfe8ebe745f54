package io.agentmanager.gateway.identity;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.stereotype.Component;

/**
 * Tells where calls come from: the connection's address, or what the trusted proxies say of it.
 * Whatever a caller wrote into the header itself stands further to the left, and does not count.
 * (Spring Cloud Gateway's resolver of the same header asks DNS for names in it, and waits.)
 */
@Component
@EnableConfigurationProperties(OriginSettings.class)
public final class Origins {
  private static final String UNKNOWN = "-";
  private static final int NETWORK = 8;
  private static final String FORWARDED_FOR = "X-Forwarded-For";
  private final int proxies;

  Origins(OriginSettings settings) {
    this.proxies = settings.count();
  }

  /** An address, or what a proxy gives for one. */
  public String of(ServerHttpRequest request) {
    return forwardedFor(request).orElseGet(() -> connection(request));
  }

  /**
   * The network that an address belongs to: of IPv6, where one host has them all, the first 64
   * bits.
   */
  public String networkOf(ServerHttpRequest request) {
    String address = of(request);
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      byte[] bytes = InetAddress.ofLiteral(address).getAddress();
      return HexFormat.ofDelimiter(":").formatHex(bytes, 0, Math.min(bytes.length, NETWORK));
    } catch (IllegalArgumentException e) {
      return address;
    }
  }

  /**
   * Each proxy adds whom it heard, so the leftmost that was not made up is as far as they count.
   */
  private Optional<String> forwardedFor(ServerHttpRequest request) {
    List<String> hops =
        request.getHeaders().getOrEmpty(FORWARDED_FOR).stream()
            .flatMap(line -> List.of(line.split(",", -1)).stream())
            .map(String::strip)
            .toList();
    return proxies == 0 || hops.size() < proxies
        ? Optional.empty()
        : Optional.of(hops.get(hops.size() - proxies))
            .filter(hop -> !hop.isEmpty())
            .map(Printable::of);
  }

  private static String connection(ServerHttpRequest request) {
    InetSocketAddress from = request.getRemoteAddress();
    return from == null || from.getAddress() == null ? UNKNOWN : from.getAddress().getHostAddress();
  }
}
