package io.agentmanager.http;

import java.net.InetSocketAddress;
import org.springframework.core.env.Environment;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Requests that came in by the port of probes and metrics, where a service has one of its own
 * ({@code MANAGEMENT_SERVER_PORT}). No caller reaches it, so it asks for no token.
 */
public final class ManagementPort implements ServerWebExchangeMatcher {
  private static final int NONE = -1;
  private static final String PATHS = "/actuator/";
  private final int port;

  private ManagementPort(int port) {
    this.port = port;
  }

  /** The port of a service with these settings; nothing matches where it has none of its own. */
  public static ManagementPort of(Environment settings) {
    Integer own = settings.getProperty("management.server.port", Integer.class);
    Integer server = settings.getProperty("server.port", Integer.class);
    return new ManagementPort(own == null || own.equals(server) ? NONE : own);
  }

  @Override
  public Mono<MatchResult> matches(ServerWebExchange exchange) {
    InetSocketAddress local = exchange.getRequest().getLocalAddress();
    return local != null
            && local.getPort() == port
            && exchange.getRequest().getPath().value().startsWith(PATHS)
        ? MatchResult.match()
        : MatchResult.notMatch();
  }
}
