package io.agentmanager.worker.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class CommandToolTest {
  @TempDir private Path folder;
  private CommandTool tool;

  @BeforeEach
  void aWorkspace() throws IOException {
    Path docs = Files.createDirectories(folder.resolve("workspace/docs"));
    Files.writeString(docs.resolve("a.md"), "alpha");
    tool = within(Duration.ofSeconds(30));
  }

  private CommandTool within(Duration time) throws IOException {
    return new CommandTool(
        new Workspace(folder.resolve("workspace")),
        List.of("cat", "ls -a", "sleep", "printenv", "sh"),
        time,
        4_000);
  }

  @Test
  void anAllowedProgramRunsInAFolderOfTheWorkspace() throws Exception {
    assertThat(tool.runCommand(List.of("cat", "a.md"), "docs")).isEqualTo("exit code 0\nalpha");
    assertThat(tool.runCommand(List.of("ls", "-a"), null)).contains("docs");
    assertThat(tool.runCommand(List.of("cat", "none"), null)).startsWith("exit code 1");
  }

  @Test
  void whatIsNotAllowedDoesNotRun() {
    assertThatThrownBy(() -> tool.runCommand(List.of("rm", "-r", "docs"), null))
        .hasMessageContaining("not among those")
        .hasMessageContaining("ls -a");
    assertThatThrownBy(() -> tool.runCommand(List.of("ls", "-l"), null))
        .hasMessageContaining("not among those");
    assertThatThrownBy(() -> tool.runCommand(List.of("/bin/cat", "x"), null))
        .hasMessageContaining("not among those");
    assertThatThrownBy(() -> tool.runCommand(List.of(), null)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> tool.runCommand(List.of("cat", "x"), "../"))
        .isInstanceOf(IOException.class);
    assertThat(folder.resolve("workspace/docs/a.md")).exists();
  }

  @Test
  void anArgumentHasNoMeaningOfItsOwn() throws Exception {
    assertThat(tool.runCommand(List.of("cat", "docs/a.md; rm docs/a.md"), null))
        .startsWith("exit code 1");
    assertThat(folder.resolve("workspace/docs/a.md")).exists();
  }

  @Test
  void aProgramThatTakesTooLongIsKilledWithWhatItStarted() throws Exception {
    CommandTool brief = within(Duration.ofSeconds(4));
    String said =
        brief.runCommand(List.of("sh", "-c", "echo $$; sleep 300 & echo $!; sleep 300"), null);
    assertThat(said).startsWith("error: it ran longer than PT4S and was killed");
    // The shell may have had time to say what became of its child.
    List<Long> pids =
        said.lines().filter(line -> line.matches("\\d+")).map(Long::parseLong).toList();
    assertThat(pids).as("the shell and what it started").hasSize(2);
    Awaitility.await()
        .until(
            () ->
                pids.stream()
                    .flatMap(pid -> ProcessHandle.of(pid).stream())
                    .noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void whatAProgramLeavesBehindIsEndedAndItsOutputIsKept() throws Exception {
    String said = tool.runCommand(List.of("sh", "-c", "sleep 300 & echo $!; sleep 2"), null);
    assertThat(said).startsWith("exit code 0\n");
    long left = Long.parseLong(said.lines().skip(1).findFirst().orElseThrow());
    Awaitility.await().until(() -> ProcessHandle.of(left).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void longOutputIsCut() throws Exception {
    Files.writeString(folder.resolve("workspace/long"), "x".repeat(5_000));
    assertThat(tool.runCommand(List.of("cat", "long"), null))
        .contains("the first 4000 of 5000 bytes")
        .hasSizeLessThan(4_100);
  }

  @Test
  void theWorkersEnvironmentIsNotPassedOn() throws Exception {
    assertThat(tool.runCommand(List.of("printenv"), null).lines().skip(1))
        .allMatch(line -> line.matches("(PATH|HOME|LANG)=.*"));
  }
}
