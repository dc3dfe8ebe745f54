package io.agentmanager.gateway.token;

import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.api.TokenView;
import io.agentmanager.contracts.id.TenantId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.stereotype.Component;

/**
 * Makes sure at start that there is an administrator: with the fixed token if one is set, else with
 * one that is made now, written to a file of mode 0600 and stored as a hash.
 */
@Component
class FirstAdministrator implements InitializingBean {
  private static final Logger log = LoggerFactory.getLogger(FirstAdministrator.class);
  private static final TenantId TENANT = new TenantId("default");
  private static final List<Role> ROLES =
      List.of(Role.ADMIN, Role.OPERATOR, Role.SUBMITTER, Role.WORKER, Role.AUDITOR);
  private static final int GUESSABLE = 20;
  private final ApiTokens tokens;
  private final TokenSettings settings;
  private final InstantSource clock;

  FirstAdministrator(ApiTokens tokens, TokenSettings settings, InstantSource clock) {
    this.tokens = tokens;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public void afterPropertiesSet() throws IOException {
    String worker = settings.workerToken();
    if (worker != null) {
      if (worker.equals(settings.apiToken())) {
        throw new IllegalArgumentException(
            "WORKER_API_TOKEN must be another than SERVER_API_TOKEN");
      }
      ensure("WORKER_API_TOKEN", token("deployed-worker", List.of(Role.WORKER)), worker);
    }
    String fixed = settings.apiToken();
    if (fixed != null) {
      ensure("SERVER_API_TOKEN", token("administrator", ROLES), fixed);
      if (settings.tokenFile() != null) {
        write(settings.tokenFile(), fixed);
      }
    } else if (settings.tokenFile() != null) {
      make(settings.tokenFile());
    } else {
      log.warn("no SERVER_API_TOKEN and no agentmanager.gateway.token-file: nobody is let in anew");
    }
  }

  private void ensure(String variable, TokenView token, String secret) {
    if (!TokenSecret.isBearer(secret)) {
      throw new IllegalArgumentException(
          variable + " must be of letters, digits and - . _ ~ + / (RFC 6750, 2.1)");
    }
    if (secret.length() < GUESSABLE) {
      log.warn("{} has fewer than {} characters and may be guessed", variable, GUESSABLE);
    }
    tokens.ensure(token, secret);
  }

  private void make(Path file) throws IOException {
    Optional<String> written =
        Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    if (written.isPresent() && tokens.isKnown(written.get())) {
      return;
    }
    String secret = TokenSecret.make();
    tokens.ensure(token("administrator", ROLES), secret);
    write(file, secret);
    log.info("the administrator's token is in {}", file);
  }

  private TokenView token(String name, List<Role> roles) {
    return new TokenView(
        UUID.randomUUID().toString(),
        name,
        TENANT,
        roles,
        List.of(),
        clock.instant(),
        "gateway",
        null,
        null);
  }

  private static void write(Path file, String token) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path draft =
        Files.createTempFile(
            folder,
            "token",
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(draft, token + "\n");
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
