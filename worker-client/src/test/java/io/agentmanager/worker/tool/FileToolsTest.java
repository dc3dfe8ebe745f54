package io.agentmanager.worker.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.worker.agent.ToolFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileToolsTest {
  @TempDir private Path folder;
  private Path root;
  private FileTools tools;

  @BeforeEach
  void aWorkspaceWithASecretBesideIt() throws IOException {
    root = Files.createDirectories(folder.resolve("workspace/docs")).getParent();
    Files.writeString(root.resolve("docs/a.md"), "alpha\nBeta");
    Files.writeString(folder.resolve("secret"), "secret");
    Files.createSymbolicLink(root.resolve("link"), folder.resolve("secret"));
    Files.createSymbolicLink(root.resolve("out"), folder);
    tools = new FileTools(new Workspace(root));
  }

  @Test
  void filesAreReadListedAndSearched() throws IOException {
    assertThat(tools.readFile("docs/a.md")).isEqualTo("alpha\nBeta");
    assertThat(tools.listFiles(".")).contains("docs/a.md");
    assertThat(tools.searchFiles("beta", ".")).isEqualTo("docs/a.md:2: Beta");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret", "link", "out/secret", "/etc/passwd", "docs/../../secret"})
  void nothingOutsideIsRead(String path) {
    assertThatThrownBy(() -> tools.readFile(path)).isInstanceOf(IOException.class);
  }

  @Test
  void nothingOutsideIsWritten() throws IOException {
    assertThat(tools.writeFile("./new/report.md", "text")).contains("wrote new/report.md");
    assertThat(Files.readString(root.resolve("new/report.md"))).isEqualTo("text");
    assertThatThrownBy(() -> tools.writeFile("out/evil.md", "x"))
        .hasMessageContaining("leaves the workspace");
    assertThatThrownBy(() -> tools.writeFile("../evil.md", "x")).isInstanceOf(IOException.class);
    assertThat(folder.resolve("evil.md")).doesNotExist();
  }

  @Test
  void whatIsTheWorkersOwnIsNeitherReadNorWritten() throws IOException {
    Path own = Files.createDirectories(root.resolve(".agentmanager/results"));
    Files.writeString(own.resolve("r.json"), "a result that waits to be sent");
    Files.createSymbolicLink(root.resolve("alias"), root.resolve(".agentmanager"));
    for (String path : List.of(".agentmanager/results/r.json", "alias/results/r.json")) {
      assertThatThrownBy(() -> tools.readFile(path)).hasMessageContaining("worker's own");
      assertThatThrownBy(() -> tools.writeFile(path, "forged"))
          .hasMessageContaining("worker's own");
    }
    assertThat(own.resolve("r.json")).hasContent("a result that waits to be sent");
    assertThat(tools.listFiles(".")).doesNotContain("r.json");
  }

  @Test
  void theFileThatACallNamesIsLockedAsItIsUsed() {
    Map<String, Map<String, AccessType>> files =
        ToolFiles.of(tools, "{\"path\": \"docs/a.md\", \"content\": \"x\"}");
    assertThat(files)
        .containsEntry("read_file", Map.of("docs/a.md", AccessType.READ))
        .containsEntry("write_file", Map.of("docs/a.md", AccessType.WRITE))
        .containsEntry("list_files", Map.of());
  }

  @Test
  void whoListsOrSearchesIsToldThatThereIsMore() throws IOException {
    Path many = Files.createDirectories(root.resolve("many"));
    for (int i = 0; i < 501; i++) {
      Files.writeString(many.resolve("f" + i), i < 101 ? "needle" : "hay");
    }
    assertThat(tools.listFiles("many").lines())
        .hasSize(501)
        .last()
        .isEqualTo("[... there are more than these 500 files ...]");
    assertThat(tools.searchFiles("needle", "many").lines())
        .hasSize(101)
        .last()
        .isEqualTo("[... there are more than these 100 lines ...]");
    assertThat(tools.searchFiles("needle", "many/f1").lines()).hasSize(1);
  }
}
