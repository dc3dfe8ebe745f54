package io.agentmanager.gateway.route;

import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Which service answers which call. Nothing is retried: a repeat is the caller's decision. */
@Configuration(proxyBeanMethods = false)
class Routes {
  @Bean
  RouteLocator serviceRoutes(RouteLocatorBuilder routes, ServiceUrls services) {
    return routes
        .routes()
        .route("submissions", r -> r.path("/v1/tasks").uri(services.planner()))
        .route(
            "audits-and-trail",
            r ->
                r.path("/v1/workflows/{id}/audits", "/v1/trail", "/v1/trail/**")
                    .uri(services.audit()))
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
                        "/v1/overview",
                        "/v1/locks",
                        "/v1/locks/**")
                    .uri(services.task()))
        .build();
  }
}
