package io.agentmanager.worker.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.worker.agent.ToolFiles;
import java.io.IOException;
import java.net.InetAddress;
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "0.0.0.0"
      })
  void privateAddressesAreKnown(String address) throws Exception {
    assertThat(FetchTool.isPrivate(InetAddress.getByName(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost/",
        "https://example.org/",
        "file:///etc/passwd",
        "http://a@localhost/",
        "http://localhost:8080/",
        "gopher://localhost"
      })
  void nothingButAllowedPublicHostsIsFetched(String url) {
    FetchTool fetch = new FetchTool(List.of("localhost"));
    assertThatThrownBy(() -> fetch.fetchUrl(url)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.1.2.3",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "::ffff:127.0.0.1",
        "ff02::1",
        "2001:db8::1"
      })
  void anAddressThatIsNotPublicIsNotFetchedFrom(String address) {
    assertThat(FetchTool.isPrivate(InetAddress.ofLiteral(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1.1.1", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111"})
  void aPublicAddressIs(String address) {
    assertThat(FetchTool.isPrivate(InetAddress.ofLiteral(address))).isFalse();
  }
}
