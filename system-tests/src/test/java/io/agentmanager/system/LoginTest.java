package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person at the command line, from the code that is confirmed to a list of its tenant. */
class LoginTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  @TempDir static Path folder;
  private final LocalProvider provider = LocalProvider.get();
  private final RunningSystem system = RunningSystem.split();

  private Process am(Path output, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(Launcher.am(arguments));
    command.addAll(List.of("--url", system.url() + "/"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("XDG_CONFIG_HOME", folder.resolve("config").toString());
    return builder.start();
  }

  @Test
  void aTokenThatIsRefusedIsSaidToComeFromTheEnvironment() throws Exception {
    Path said = folder.resolve("refused");
    ProcessBuilder builder =
        new ProcessBuilder(Launcher.am("list", "--url", system.url().toString()))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().put("AM_TOKEN", "amt_of_nobody");
    assertThat(status(builder.start())).isNotZero();
    assertThat(said).content().contains("(401)").contains("It is the one in AM_TOKEN.");
  }

  private Process login(Path output) throws IOException {
    return am(output, "login", "--issuer", provider.issuer());
  }

  private static int status(Process process) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  @Test
  void aPersonConfirmsTheCodeAndIsKnownUntilTheLoginEnds() throws Exception {
    Path output = folder.resolve("login.log");
    provider.answersWith("authorization_pending");
    Process login = login(output);
    await().atMost(PATIENCE).until(() -> Files.readString(output).contains("ABCD-EFGH"));
    assertThat(Files.readString(output)).contains("Open " + provider.issuer() + "/confirm");
    assertThat(login.isAlive()).isTrue();
    provider.answersWith("");
    assertThat(status(login)).as(Files.readString(output)).isZero();
    Path kept = folder.resolve("config/agentmanager/logins.json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
        .isEqualTo("rw-------");
    int before = provider.refreshes();
    for (int i = 0; i < 2; i++) {
      Path list = folder.resolve("list.log");
      assertThat(status(am(list, "list"))).as(Files.readString(list)).isZero();
    }
    assertThat(provider.refreshes()).as("the first token was over").isEqualTo(before + 1);
    assertThat(status(am(output, "login", "--end"))).isZero();
    assertThat(status(am(output, "list"))).isOne();
    assertThat(Files.readString(output)).contains("--token");
  }

  @Test
  void aPersonThatDeclinesIsNotSignedIn() throws Exception {
    Path output = folder.resolve("declined.log");
    provider.answersWith("access_denied");
    assertThat(status(login(output))).isOne();
    assertThat(Files.readString(output)).contains("The identity provider refused: access_denied.");
  }
}
