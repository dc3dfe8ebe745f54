package io.agentmanager.gateway.route;

import io.agentmanager.http.RequestIdFilter;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.GatewayFilterSpec;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.cloud.gateway.route.builder.UriSpec;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.server.ServerWebExchange;

/** Which service answers which call. Nothing is retried: a repeat is the caller's decision. */
@Configuration(proxyBeanMethods = false)
class Routes {
  @Bean
  RouteLocator serviceRoutes(RouteLocatorBuilder routes, ServiceUrls services) {
    return routes
        .routes()
        .route(
            "submissions", r -> r.path("/v1/tasks").filters(Routes::named).uri(services.planner()))
        .route(
            "audits",
            r -> r.path("/v1/workflows/{id}/audits").filters(Routes::named).uri(services.audit()))
        .route(
            "workflows-and-workers",
            r ->
                r.path(
                        "/v1/tasks/**",
                        "/v1/workflows",
                        "/v1/workflows/**",
                        "/v1/workers",
                        "/v1/workers/**",
                        "/v1/results",
                        "/v1/results/**",
                        "/v1/locks",
                        "/v1/locks/**")
                    .filters(Routes::named)
                    .uri(services.task()))
        .build();
  }

  /** The request's name goes along, so that one name leads through all logs. */
  private static UriSpec named(GatewayFilterSpec filters) {
    return filters.filter((exchange, chain) -> chain.filter(withRequestId(exchange)));
  }

  private static ServerWebExchange withRequestId(ServerWebExchange exchange) {
    return exchange
        .mutate()
        .request(
            request ->
                request.headers(
                    headers -> headers.set(RequestIdFilter.HEADER, RequestIdFilter.of(exchange))))
        .build();
  }
}
