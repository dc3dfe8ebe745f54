package io.agentmanager.local.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server a command talks to, and with which token. */
public final class ServerOptions {
  private static final Duration SOON = Duration.ofSeconds(20);

  @Option(names = "--url", description = "the gateway (else AM_URL, else the local stack)")
  private @Nullable String url;

  @Option(
      names = "--token",
      description = "a token (else AM_TOKEN, else that of ./am login, else the local stack's)")
  private @Nullable String token;

  @Option(
      names = "--data",
      defaultValue = ".agentmanager",
      description = "folder of the local stack (.agentmanager)")
  private Path data = Path.of(".agentmanager");

  /**
   * A client for that server.
   *
   * @throws IOException when neither options, environment nor a local stack name one
   */
  public ApiClient client() throws IOException {
    String gateway = url();
    return new ApiClient(gateway, tokens(gateway));
  }

  /**
   * The gateway.
   *
   * @throws IOException when neither option, environment nor a local stack name one
   */
  String url() throws IOException {
    String named = first(url, "AM_URL", data.resolve("run").resolve("url"));
    return named.endsWith("/") ? named.substring(0, named.length() - 1) : named;
  }

  private ApiClient.Tokens tokens(String gateway) throws IOException {
    String fixed = token == null ? System.getenv("AM_TOKEN") : token;
    Logins logins = new Logins();
    if ((fixed == null || fixed.isBlank()) && logins.at(gateway).isPresent()) {
      return () -> fresh(logins, gateway);
    }
    String secret = first(token, "AM_TOKEN", data.resolve("token"));
    return token == null && secret.equals(fixed) ? new FromEnvironment(secret) : () -> secret;
  }

  /** A worker's, perhaps, which was exported for another command. */
  private record FromEnvironment(String token) implements ApiClient.Tokens {
    @Override
    public String origin() {
      return " It is the one in AM_TOKEN.";
    }
  }

  /** An access token that is good for a while yet. */
  private static String fresh(Logins logins, String gateway) throws IOException {
    InstantSource clock = InstantSource.system();
    Login login =
        logins
            .at(gateway)
            .orElseThrow(() -> new IOException("The login has ended: ./am login again."));
    if (clock.instant().isAfter(login.expiresAt().minus(SOON))) {
      login = new Provider(clock).refreshed(login);
      logins.keep(login);
    }
    return login.accessToken();
  }

  private static String first(@Nullable String option, String variable, Path file)
      throws IOException {
    if (option != null) {
      return option;
    }
    String value = System.getenv(variable);
    if (value != null && !value.isBlank()) {
      return value;
    }
    if (!Files.exists(file)) {
      throw new IOException(
          "No server is known: start one with ./am up, or give --url and --token"
              + " (or AM_URL and AM_TOKEN).");
    }
    return Files.readString(file).strip();
  }
}
