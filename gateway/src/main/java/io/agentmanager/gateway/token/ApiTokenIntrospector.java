package io.agentmanager.gateway.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.oauth2.server.resource.introspection.ReactiveOpaqueTokenIntrospector;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Whom an API token stands for; what was found is remembered for a few seconds. */
@Component
public final class ApiTokenIntrospector implements ReactiveOpaqueTokenIntrospector {
  static final String TENANT = "tenant";
  static final String ROLES = "roles";
  private static final Duration MEMORY = Duration.ofSeconds(3);
  private static final int MOST_REMEMBERED = 10_000;
  private static final int LONGEST_TOKEN = 512;

  private final ApiTokenStore tokens;
  private final Scheduler blocking;
  private final Cache<String, ApiTokenStore.Holder> known =
      Caffeine.newBuilder().expireAfterWrite(MEMORY).maximumSize(MOST_REMEMBERED).build();

  ApiTokenIntrospector(ApiTokenStore tokens, Scheduler blocking) {
    this.tokens = tokens;
    this.blocking = blocking;
  }

  @Override
  public Mono<OAuth2AuthenticatedPrincipal> introspect(String token) {
    if (token.length() > LONGEST_TOKEN) {
      return Mono.error(new BadOpaqueTokenException("too long"));
    }
    ApiTokenStore.Holder holder = known.getIfPresent(token);
    Mono<ApiTokenStore.Holder> found =
        holder == null
            ? Mono.fromCallable(() -> lookUp(token)).subscribeOn(blocking)
            : Mono.just(holder);
    return found.map(ApiTokenIntrospector::principal);
  }

  private ApiTokenStore.Holder lookUp(String token) {
    Optional<ApiTokenStore.Holder> found = tokens.find(token);
    found.ifPresent(holder -> known.put(token, holder));
    return found.orElseThrow(() -> new BadOpaqueTokenException("unknown token"));
  }

  private static OAuth2AuthenticatedPrincipal principal(ApiTokenStore.Holder holder) {
    List<GrantedAuthority> authorities =
        holder.roles().stream()
            .<GrantedAuthority>map(role -> new SimpleGrantedAuthority("ROLE_" + role))
            .toList();
    return new DefaultOAuth2AuthenticatedPrincipal(
        holder.name(),
        Map.of(TENANT, holder.tenant().value(), ROLES, holder.roles(), "sub", holder.name()),
        authorities);
  }
}
