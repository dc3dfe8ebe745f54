package io.agentmanager.gateway;

import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.gateway.identity.IdentifyCaller;
import io.agentmanager.gateway.identity.KnownCaller;
import io.agentmanager.gateway.limit.OpenCalls;
import io.agentmanager.gateway.limit.RateLimit;
import io.agentmanager.gateway.limit.Strangers;
import io.agentmanager.gateway.route.BrowserHeaders;
import io.agentmanager.gateway.route.CorsSettings;
import io.agentmanager.gateway.session.LastingCalls;
import io.agentmanager.gateway.session.SessionGuard;
import io.agentmanager.gateway.status.StatusPageController;
import io.agentmanager.http.AccessRules;
import io.agentmanager.http.InternalSettings;
import io.agentmanager.http.InternalTokens;
import io.agentmanager.http.LastingEventLoops;
import io.agentmanager.http.LimitSettings;
import io.agentmanager.http.ManagementPort;
import io.agentmanager.http.ProblemAdvice;
import io.agentmanager.http.RequestIdFilter;
import io.agentmanager.http.ServiceHttpConfiguration;
import io.agentmanager.http.TracingConfiguration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.firewall.ServerExchangeRejectedHandler;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Identity at the door, and the same manners towards callers as the services have. */
@Configuration(proxyBeanMethods = false)
@EnableWebFluxSecurity
@EnableConfigurationProperties({InternalSettings.class, LimitSettings.class})
@Import({TracingConfiguration.class, LastingEventLoops.class})
class GatewayConfiguration {
  @Bean
  InstantSource clock() {
    return InstantSource.system();
  }

  @Bean(destroyMethod = "dispose")
  Scheduler blocking() {
    return Schedulers.fromExecutorService(Executors.newVirtualThreadPerTaskExecutor(), "blocking");
  }

  @Bean
  InternalTokens internalTokens(InternalSettings settings, InstantSource clock) {
    return new InternalTokens(settings.secret(), "gateway", clock);
  }

  @Bean
  SecurityWebFilterChain gatewaySecurity(
      ServerHttpSecurity http,
      IdentifyCaller identify,
      SessionGuard sessions,
      RateLimit rateLimit,
      LastingCalls lasting,
      OpenCalls openCalls,
      Strangers strangers,
      CorsSettings cors,
      Environment settings) {
    BrowserHeaders.configure(http, cors);
    return ServiceHttpConfiguration.stateless(http)
        .addFilterBefore(strangers::filter, SecurityWebFiltersOrder.AUTHENTICATION)
        .addFilterAfter(new KnownCaller(), SecurityWebFiltersOrder.AUTHENTICATION)
        .addFilterAfter(rateLimit::filter, SecurityWebFiltersOrder.AUTHENTICATION)
        .addFilterAfter(openCalls::filter, SecurityWebFiltersOrder.AUTHENTICATION)
        .addFilterBefore(sessions::filter, SecurityWebFiltersOrder.AUTHORIZATION)
        .addFilterAfter(lasting::filter, SecurityWebFiltersOrder.AUTHORIZATION)
        .authorizeExchange(
            calls ->
                calls
                    .matchers(ManagementPort.of(settings))
                    .permitAll()
                    .pathMatchers(ServiceHttpConfiguration.PROBES)
                    .permitAll()
                    .pathMatchers("/v1/openapi.json", "/v3/api-docs")
                    .permitAll()
                    .pathMatchers(StatusPageController.PATHS)
                    .permitAll()
                    .anyExchange()
                    .access(new AccessRules()))
        .oauth2ResourceServer(
            server ->
                server
                    .authenticationManagerResolver(exchange -> Mono.just(identify))
                    .authenticationEntryPoint(ServiceHttpConfiguration.unauthorized()))
        .exceptionHandling(
            failures ->
                failures
                    .authenticationEntryPoint(ServiceHttpConfiguration.unauthorized())
                    .accessDeniedHandler(ServiceHttpConfiguration.forbidden()))
        .build();
  }

  /** A span and a timer for each filter of the chain would cost more than the filters. */
  @Bean
  SecurityObservationSettings securityObservations() {
    return SecurityObservationSettings.noObservations();
  }

  @Bean
  ServerExchangeRejectedHandler rejectedHandler() {
    return ServiceHttpConfiguration.rejected();
  }

  @Bean
  JsonMapperBuilderCustomizer wireJson() {
    return WireJson::configure;
  }

  @Bean
  WebFluxConfigurer gatewayWeb() {
    return ServiceHttpConfiguration.callers();
  }

  @Bean
  RequestIdFilter requestIdFilter() {
    return new RequestIdFilter();
  }

  @Bean
  ProblemAdvice problemAdvice() {
    return new ProblemAdvice();
  }
}
