package io.agentmanager.gateway.token;

import io.agentmanager.contracts.api.IssuedToken;
import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.api.TokenList;
import io.agentmanager.contracts.api.TokenRequest;
import io.agentmanager.contracts.api.TokenRotation;
import io.agentmanager.contracts.api.TokenView;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.Caller;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * API tokens over HTTP, for administrators. One sees and changes those of its own tenant; with the
 * role {@link Role#OPERATOR}, those of all.
 */
@RestController
@RequestMapping("/v1/tokens")
class ApiTokenController {
  private static final Duration STANDARD_GRACE = Duration.ofHours(1);
  private static final Duration LONGEST_GRACE = Duration.ofDays(7);

  private final ApiTokens tokens;
  private final InstantSource clock;
  private final Scheduler blocking;

  ApiTokenController(ApiTokens tokens, InstantSource clock, Scheduler blocking) {
    this.tokens = tokens;
    this.clock = clock;
    this.blocking = blocking;
  }

  @PostMapping
  Mono<ResponseEntity<IssuedToken>> create(
      Caller caller, @RequestBody(required = false) byte @Nullable [] body) {
    TokenView token = checked(caller, JsonBody.readStrict(body, TokenRequest.class));
    return later(() -> tokens.issue(token))
        .map(
            issued ->
                ResponseEntity.status(HttpStatus.CREATED)
                    .header("Location", "/v1/tokens/" + issued.token().tokenId())
                    .cacheControl(CacheControl.noStore())
                    .body(issued));
  }

  @GetMapping
  Mono<TokenList> list(Caller caller) {
    return later(() -> new TokenList(tokens.list(reach(caller))));
  }

  @PostMapping("/{token}/rotate")
  Mono<ResponseEntity<IssuedToken>> rotate(
      Caller caller,
      @PathVariable String token,
      @RequestBody(required = false) byte @Nullable [] body) {
    Duration grace = grace(body);
    return later(() -> tokens.rotate(caller, token, reach(caller), grace))
        .map(issued -> ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(issued));
  }

  @DeleteMapping("/{token}")
  Mono<ResponseEntity<Void>> revoke(Caller caller, @PathVariable String token) {
    return Mono.<Void>fromRunnable(() -> tokens.revoke(token, reach(caller)))
        .subscribeOn(blocking)
        .thenReturn(ResponseEntity.noContent().build());
  }

  private <T> Mono<T> later(Supplier<T> work) {
    return Mono.fromSupplier(work).subscribeOn(blocking);
  }

  private static ApiTokenStore.Reach reach(Caller caller) {
    return new ApiTokenStore.Reach(caller.tenant(), TokenRules.isOperator(caller));
  }

  private static Duration grace(byte @Nullable [] body) {
    Duration asked =
        body == null || body.length == 0
            ? null
            : JsonBody.readStrict(body, TokenRotation.class).grace();
    Duration grace = Objects.requireNonNullElse(asked, STANDARD_GRACE);
    if (grace.isNegative() || grace.compareTo(LONGEST_GRACE) > 0) {
      throw ProblemException.invalid("/grace", "must be PT0S to P7D");
    }
    return grace;
  }

  private TokenView checked(Caller caller, TokenRequest request) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    TokenRules.check(request, now);
    TokenRules.checkReach(caller, request);
    return new TokenView(
        UUID.randomUUID().toString(),
        Objects.requireNonNull(request.name()),
        request.tenant() == null ? caller.tenant() : new TenantId(request.tenant()),
        TokenRules.distinct(request.roles()),
        TokenRules.distinct(request.capabilities()),
        now,
        caller.name(),
        request.expiresAt() == null ? null : request.expiresAt().truncatedTo(ChronoUnit.MICROS),
        null);
  }
}
