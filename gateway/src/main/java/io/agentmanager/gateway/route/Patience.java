package io.agentmanager.gateway.route;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.stereotype.Component;
import reactor.netty.http.server.HttpServer;

/** Ends connections whose request does not come in: each keeps one to a service as well. */
@Component
@EnableConfigurationProperties(PatienceSettings.class)
final class Patience implements NettyServerCustomizer {
  private final PatienceSettings settings;

  Patience(PatienceSettings settings) {
    this.settings = settings;
  }

  @Override
  public HttpServer apply(HttpServer server) {
    return server.requestTimeout(settings.whole()).readTimeout(settings.silent());
  }
}
