package io.agentmanager.database;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The two roles that a service works as; the owner of {@code DATABASE_URL} migrates the schema and
 * makes them where they are missing.
 *
 * @param roleSecret what their passwords are derived from, where none is set
 * @param engine for what spans tenants; absent: {@code DATABASE_engine}
 * @param tenant for reads of one tenant; absent: {@code DATABASE_tenant}
 * @param tenantConnections the most connections for such reads
 */
@ConfigurationProperties("agentmanager.database")
public record RoleSettings(
    @DefaultValue("") String roleSecret,
    @DefaultValue Login engine,
    @DefaultValue Login tenant,
    @DefaultValue("6") int tenantConnections) {

  private static final String MAC = "HmacSHA256";

  /** A role and its password, as far as they are set. */
  public record Login(@DefaultValue("") String user, @DefaultValue("") String password) {
    @Override
    public String toString() {
      return "Login[" + user + "]";
    }

    private Login orElse(String standardUser, String secret) {
      String name = user.isBlank() ? standardUser : user;
      return new Login(name, password.isBlank() ? derived(secret, name) : password);
    }
  }

  @Override
  public String toString() {
    return "RoleSettings[" + engine + ", " + tenant + "]";
  }

  Login engineOf(String database) {
    return engine.orElse(database + "_engine", roleSecret);
  }

  Login tenantOf(String database) {
    return tenant.orElse(database + "_tenant", roleSecret);
  }

  /** A password that every replica comes to by itself, and that nobody else can. */
  private static String derived(@Nullable String secret, String user) {
    if (secret == null || secret.isBlank()) {
      throw new IllegalArgumentException(
          "set DATABASE_ROLE_SECRET, or agentmanager.database.engine.password and"
              + " .tenant.password");
    }
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), MAC));
      byte[] password = mac.doFinal(("database role " + user).getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(password);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + MAC, e);
    }
  }
}
