package io.agentmanager.gateway.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agentmanager.contracts.api.IssuedToken;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.api.TokenView;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * API tokens: made, rotated and revoked, and looked up at the door. A secret that was found is
 * remembered for three seconds, so that a revocation reaches every replica within that.
 */
@Component
public final class ApiTokens {
  /** How long a token is believed that another replica may have ended. */
  static final Duration MEMORY = Duration.ofSeconds(3);

  private static final Duration USE_NOTED_EVERY = Duration.ofMinutes(1);
  private static final int MOST_REMEMBERED = 10_000;
  private static final int MOST_OF_A_TENANT = 1000;

  private final ApiTokenStore store;
  private final TransactionTemplate transactions;
  private final InstantSource clock;
  private final Cache<String, ApiTokenStore.Found> known =
      Caffeine.newBuilder().expireAfterWrite(MEMORY).maximumSize(MOST_REMEMBERED).build();

  ApiTokens(ApiTokenStore store, TransactionTemplate transactions, InstantSource clock) {
    this.store = store;
    this.transactions = transactions;
    this.clock = clock;
  }

  /** Whom a secret stands for, when that was looked up just now. */
  public Optional<Caller> remembered(String secret) {
    return Optional.ofNullable(known.getIfPresent(TokenSecret.hash(secret)))
        .filter(this::isValid)
        .map(found -> caller(found.token()));
  }

  /**
   * Looks up whom a secret stands for. Blocking.
   *
   * @throws InvalidBearerTokenException when it stands for nobody, or no longer
   */
  public Caller check(String secret) {
    String hash = TokenSecret.hash(secret);
    ApiTokenStore.Found found =
        store
            .find(hash)
            .filter(this::isValid)
            .orElseThrow(() -> new InvalidBearerTokenException("unknown token"));
    known.put(hash, found);
    noteUse(found.token());
    return caller(found.token());
  }

  private boolean isValid(ApiTokenStore.Found found) {
    return found.until() == null || clock.instant().isBefore(found.until());
  }

  private void noteUse(TokenView token) {
    Instant now = clock.instant();
    Instant unlessSince = now.minus(USE_NOTED_EVERY);
    if (token.lastUsedAt() == null || token.lastUsedAt().isBefore(unlessSince)) {
      store.used(token.tokenId(), now, unlessSince);
    }
  }

  private static Caller caller(TokenView token) {
    Set<String> roles =
        token.roles().stream().map(Role::wireName).collect(Collectors.toUnmodifiableSet());
    return new Caller(
        token.tenant(), "token:" + token.name(), roles, Set.copyOf(token.capabilities()));
  }

  /**
   * Keeps a new token and makes its secret.
   *
   * @throws ProblemException 409 when its tenant has one of that name, or a thousand others
   */
  IssuedToken issue(TokenView token) {
    String secret = TokenSecret.make();
    transactions.executeWithoutResult(
        transaction -> {
          if (store.count(token.tenant()) >= MOST_OF_A_TENANT) {
            throw ProblemException.of(
                ProblemType.CONFLICT, "The tenant has 1000 tokens. Revoke those without use.");
          }
          if (!store.insert(token)) {
            throw ProblemException.of(
                ProblemType.CONFLICT, "There is a token named " + token.name() + " already.");
          }
          store.addSecret(token.tokenId(), TokenSecret.hash(secret), clock.instant());
        });
    return new IssuedToken(secret, token);
  }

  /** The tokens in reach, without their secrets. */
  List<TokenView> list(ApiTokenStore.Reach reach) {
    return store.list(reach);
  }

  /**
   * Gives a token a new secret; the one before is taken until the grace is over, those before that
   * no more.
   *
   * @throws ProblemException 404 when there is no such token in reach, 403 when the caller is bound
   *     to other capabilities
   */
  IssuedToken rotate(Caller caller, String id, ApiTokenStore.Reach reach, Duration grace) {
    String secret = TokenSecret.make();
    TokenView token =
        transactions.execute(
            transaction -> {
              TokenView locked = store.lock(id, reach).orElseThrow(ApiTokens::unknown);
              TokenRules.checkBinding(caller, locked.capabilities());
              Instant now = clock.instant();
              store.endSecrets(id, now.plus(grace));
              store.addSecret(id, TokenSecret.hash(secret), now);
              return locked;
            });
    known.invalidateAll();
    return new IssuedToken(secret, Objects.requireNonNull(token));
  }

  /**
   * Ends a token with all its secrets.
   *
   * @throws ProblemException 404 when there is no such token in reach
   */
  void revoke(String id, ApiTokenStore.Reach reach) {
    if (!store.delete(id, reach)) {
      throw unknown();
    }
    known.invalidateAll();
  }

  /** Makes sure of a token with exactly this secret. */
  void ensure(TokenView token, String secret) {
    transactions.executeWithoutResult(
        transaction -> {
          String id = store.ensure(token);
          store.removeSecrets(id);
          store.addSecret(id, TokenSecret.hash(secret), clock.instant());
        });
  }

  /** Whether a secret stands for anybody now. */
  boolean isKnown(String secret) {
    return store.find(TokenSecret.hash(secret)).filter(this::isValid).isPresent();
  }

  private static ProblemException unknown() {
    return ProblemException.of(ProblemType.NOT_FOUND, "There is no such token.");
  }
}
