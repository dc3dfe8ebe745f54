package io.agentmanager.gateway.token;

import io.agentmanager.contracts.id.TenantId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
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
  private static final ApiTokenStore.Holder HOLDER =
      new ApiTokenStore.Holder(
          "administrator",
          new TenantId("default"),
          List.of("admin", "submitter", "worker", "auditor"));
  private static final int TOKEN_BYTES = 32;
  private final ApiTokenStore tokens;
  private final TokenSettings settings;
  private final InstantSource clock;

  FirstAdministrator(ApiTokenStore tokens, TokenSettings settings, InstantSource clock) {
    this.tokens = tokens;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public void afterPropertiesSet() throws IOException {
    String fixed = settings.apiToken();
    if (fixed != null && !fixed.isBlank()) {
      tokens.replace(fixed, HOLDER, clock.instant());
      if (settings.tokenFile() != null) {
        write(settings.tokenFile(), fixed);
      }
    } else if (settings.tokenFile() != null) {
      make(settings.tokenFile());
    } else {
      log.warn("no SERVER_API_TOKEN and no agentmanager.gateway.token-file: nobody is let in anew");
    }
  }

  private void make(Path file) throws IOException {
    Optional<String> written =
        Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    if (written.isPresent() && tokens.find(written.get()).isPresent()) {
      return;
    }
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    String token = "amt_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    tokens.replace(token, HOLDER, clock.instant());
    write(file, token);
    log.info("the administrator's token is in {}", file);
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
