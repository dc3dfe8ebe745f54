package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.json.WireJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the logs of the shared stack show after all other tests have used it. */
@Order(Integer.MAX_VALUE)
class LogsTest {
  /** API tokens, and the beginning of any JSON Web Token, those between services included. */
  private static final Pattern TOKEN =
      Pattern.compile("amt_[A-Za-z0-9_-]{43}|eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}");

  @Test
  void showNoSecretAndNobodyForgesTheirLines() throws Exception {
    RunningSystem system = RunningSystem.split();
    Api made = system.api();
    made.get("/v1/workflows/x%0d%0aFORGED%20LINE");
    made.post("/v1/tasks", "{\"description\": \"a\\r\\nFORGED LINE\"}");
    made.send("GET", "/v1/workflows", null, "X-Request-Id", "FORGED LINE");
    new Api(system.url(), "a-token-that-nobody-has").get("/v1/workflows");
    List<String> secrets = secrets(system);
    try (Stream<Path> logs = Files.list(system.data().resolve("logs"))) {
      for (Path log : logs.toList()) {
        try (BufferedReader lines = open(log)) {
          for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            assertThat(secrets).as(log + ": " + line).noneMatch(line::contains);
            assertThat(TOKEN.matcher(line).find()).as(log + ": " + line).isFalse();
            assertThat(line).as(log.toString()).doesNotStartWith("FORGED");
          }
        }
      }
    }
  }

  private static List<String> secrets(RunningSystem system) throws IOException {
    List<String> secrets = new ArrayList<>(List.of(system.token(), "a-token-that-nobody-has"));
    for (String file : List.of("internal-secret", "encryption-keys", "trail-keys")) {
      String secret = Files.readString(system.data().resolve("run").resolve(file)).strip();
      secrets.add(secret.substring(secret.indexOf(':') + 1));
    }
    JsonNode signing =
        WireJson.mapper()
            .readTree(Files.readString(system.data().resolve("run/trail-signing-key")));
    secrets.add(signing.path("d").asString());
    assertThat(secrets).allMatch(secret -> secret.length() > 20);
    return secrets;
  }

  private static BufferedReader open(Path log) throws IOException {
    InputStream file = Files.newInputStream(log);
    return new BufferedReader(
        new InputStreamReader(
            log.toString().endsWith(".gz") ? new GZIPInputStream(file) : file,
            StandardCharsets.ISO_8859_1));
  }
}
