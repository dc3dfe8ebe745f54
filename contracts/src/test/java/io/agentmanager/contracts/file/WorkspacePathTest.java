package io.agentmanager.contracts.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkspacePathTest {
  @ParameterizedTest
  @CsvSource({
    "docs/a.md, docs/a.md",
    "./docs//a.md, docs/a.md",
    "docs/../docs/a.md, docs/a.md",
    "a/b/../../c, c"
  })
  void twoSpellingsOfOneFileAreEqual(String text, String normal) {
    assertThat(WorkspacePath.parse(text).orElseThrow().value()).isEqualTo(normal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "/etc/passwd",
        "..",
        "../a",
        "a/../../b",
        ".",
        "a\\b",
        "C:/x",
        "a\u0007b"
      })
  void whatLeavesTheWorkspaceIsNoPath(String text) {
    assertThat(WorkspacePath.parse(text)).isEmpty();
  }
}
