package io.agentmanager.local.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server a command talks to, and with which token. */
public final class ServerOptions {
  @Option(names = "--url", description = "the gateway (else AM_URL, else the local stack)")
  private @Nullable String url;

  @Option(names = "--token", description = "an API token (else AM_TOKEN, else the local stack's)")
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
    return new ApiClient(
        first(url, "AM_URL", data.resolve("run").resolve("url")),
        first(token, "AM_TOKEN", data.resolve("token")));
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
