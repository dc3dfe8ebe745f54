package io.agentmanager.http;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.json.WireJson;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpHeaders;
import org.springframework.http.codec.ServerCodecConfigurer;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.server.resource.authentication.JwtGrantedAuthoritiesConverter;
import org.springframework.security.oauth2.server.resource.authentication.ReactiveJwtAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.authentication.ReactiveJwtGrantedAuthoritiesConverterAdapter;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.security.web.server.authorization.ServerAccessDeniedHandler;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.firewall.ServerExchangeRejectedHandler;
import org.springframework.security.web.server.savedrequest.NoOpServerRequestCache;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.result.method.annotation.ArgumentResolverConfigurer;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The HTTP side of a service behind the gateway; a service imports it. */
@Configuration(proxyBeanMethods = false)
@EnableWebFluxSecurity
@EnableConfigurationProperties({InternalSettings.class, LimitSettings.class})
@Import({TracingConfiguration.class, LastingEventLoops.class})
public class ServiceHttpConfiguration {
  /** Paths that say whether a service lives and serves, and nothing else of it. */
  public static final String[] PROBES = {"/livez", "/readyz", "/actuator/health/**"};

  private static final Pattern PATHS_ASIDE = Pattern.compile("(?i)\\b(parameter|header)\\b");
  private static final int LARGEST_BODY = 8 * 1024 * 1024;

  @Bean
  InstantSource clock() {
    return InstantSource.system();
  }

  /** Where blocking work goes that starts from a reactive chain: a virtual thread each. */
  @Bean(destroyMethod = "dispose")
  Scheduler blocking() {
    return Schedulers.fromExecutorService(Executors.newVirtualThreadPerTaskExecutor(), "blocking");
  }

  @Bean
  InternalTokens internalTokens(
      InternalSettings settings,
      @Value("${spring.application.name}") String service,
      InstantSource clock) {
    return new InternalTokens(settings.secret(), service, clock);
  }

  @Bean
  SecurityWebFilterChain serviceSecurity(
      ServerHttpSecurity http, InternalTokens tokens, Environment settings) {
    ReactiveJwtAuthenticationConverter roles = new ReactiveJwtAuthenticationConverter();
    roles.setJwtGrantedAuthoritiesConverter(
        new ReactiveJwtGrantedAuthoritiesConverterAdapter(authorities()));
    return stateless(http)
        // For browsers, which meet the gateway, and it writes them.
        .headers(ServerHttpSecurity.HeaderSpec::disable)
        .authorizeExchange(
            calls ->
                calls
                    .matchers(ManagementPort.of(settings))
                    .permitAll()
                    .pathMatchers(PROBES)
                    .permitAll()
                    .pathMatchers("/internal/**")
                    .hasRole(InternalTokens.SERVICE_ROLE)
                    .anyExchange()
                    .access(new AccessRules()))
        .oauth2ResourceServer(
            server ->
                server
                    .jwt(jwt -> jwt.jwtDecoder(tokens.decoder()).jwtAuthenticationConverter(roles))
                    .authenticationEntryPoint(unauthorized()))
        .exceptionHandling(
            failures ->
                failures.authenticationEntryPoint(unauthorized()).accessDeniedHandler(forbidden()))
        .build();
  }

  /** Nothing is kept of a caller between two calls: no session, and nothing of browsers' forms. */
  public static ServerHttpSecurity stateless(ServerHttpSecurity http) {
    return http.csrf(ServerHttpSecurity.CsrfSpec::disable)
        .httpBasic(ServerHttpSecurity.HttpBasicSpec::disable)
        .formLogin(ServerHttpSecurity.FormLoginSpec::disable)
        .logout(ServerHttpSecurity.LogoutSpec::disable)
        .securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
        .requestCache(cache -> cache.requestCache(NoOpServerRequestCache.getInstance()));
  }

  /** A span and a timer for each filter of the chain would cost more than the filters. */
  @Bean
  SecurityObservationSettings securityObservations() {
    return SecurityObservationSettings.noObservations();
  }

  @Bean
  RequestIdFilter requestIdFilter() {
    return new RequestIdFilter();
  }

  @Bean
  ProblemAdvice problemAdvice() {
    return new ProblemAdvice();
  }

  @Bean
  JsonMapperBuilderCustomizer wireJson() {
    return WireJson::configure;
  }

  @Bean
  WebFluxConfigurer serviceWeb() {
    return new WebFluxConfigurer() {
      @Override
      public void configureHttpMessageCodecs(ServerCodecConfigurer codecs) {
        codecs.defaultCodecs().maxInMemorySize(LARGEST_BODY);
      }
    };
  }

  @Bean
  WebFluxConfigurer callerArguments() {
    return callers();
  }

  /** Hands controllers the {@link Caller} of a request. */
  public static WebFluxConfigurer callers() {
    return new WebFluxConfigurer() {
      @Override
      public void configureArgumentResolvers(ArgumentResolverConfigurer resolvers) {
        resolvers.addCustomResolver(new CallerArgument());
      }
    };
  }

  @Bean
  ServerExchangeRejectedHandler rejectedHandler() {
    return rejected();
  }

  /**
   * Answers what no firewall lets through: a path as what it is, nothing that is served; a header
   * or a parameter as malformed.
   */
  public static ServerExchangeRejectedHandler rejected() {
    return (exchange, failure) ->
        ProblemResponses.write(
            PATHS_ASIDE.matcher(String.valueOf(failure.getMessage())).find()
                ? ProblemType.MALFORMED_REQUEST.detail(
                    "A header or parameter has characters that are not allowed.")
                : ProblemType.NOT_FOUND.detail("There is nothing at this path."),
            exchange);
  }

  /** Answers 401 as a problem, with the time at which the token was looked at. */
  public static ServerAuthenticationEntryPoint unauthorized() {
    return (exchange, failure) -> {
      exchange.getResponse().getHeaders().setDate(InstantSource.system().millis());
      return ProblemResponses.write(
          ProblemType.UNAUTHORIZED.detail(
              exchange.getRequest().getHeaders().containsHeader(HttpHeaders.AUTHORIZATION)
                  ? "The token is unknown, has expired or was revoked."
                  : "Send Authorization: Bearer <token>."),
          exchange);
    };
  }

  /** Answers 403 as a problem. */
  public static ServerAccessDeniedHandler forbidden() {
    return (exchange, failure) ->
        ProblemResponses.write(
            ProblemType.FORBIDDEN.detail("The token's roles do not allow this."), exchange);
  }

  private static JwtGrantedAuthoritiesConverter authorities() {
    JwtGrantedAuthoritiesConverter converter = new JwtGrantedAuthoritiesConverter();
    converter.setAuthoritiesClaimName(InternalTokens.ROLES);
    converter.setAuthorityPrefix("ROLE_");
    return converter;
  }
}
