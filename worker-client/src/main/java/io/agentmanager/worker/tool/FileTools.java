package io.agentmanager.worker.tool;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.file.WorkspacePath;
import io.agentmanager.worker.agent.UsesFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files of the workspace. A file that a call names is locked while the call runs, at the server and
 * in the operating system, unless the step declares it and holds it anyway.
 */
public final class FileTools {
  private static final long LARGEST_READ = 512 * 1024;
  private static final int MOST_LISTED = 500;
  private static final int MOST_FOUND = 100;
  private static final int DEEPEST = 12;

  private final Workspace workspace;

  /** Tools for any number of steps. */
  public FileTools(Workspace workspace) {
    this.workspace = workspace;
  }

  /** Reads a text file. */
  @UsesFile
  @Tool(name = "read_file", value = "Reads a text file of the workspace and returns its content")
  public String readFile(@P(name = "path", value = "path relative to the workspace") String path)
      throws IOException {
    Path file = workspace.existing(path);
    if (!Files.isRegularFile(file)) {
      throw new IOException(path + " is not a file");
    }
    if (Files.size(file) > LARGEST_READ) {
      throw new IOException(path + " is larger than 512 KiB");
    }
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  /** Lists files. */
  @Tool(name = "list_files", value = "Lists the files under a folder of the workspace")
  public String listFiles(
      @P(name = "path", value = "folder relative to the workspace, . for all") String path)
      throws IOException {
    Path folder = workspace.existing(path);
    try (Stream<Path> files = Files.walk(folder, DEEPEST)) {
      return files
          .filter(Files::isRegularFile)
          .map(workspace::name)
          .filter(name -> !name.startsWith(Workspace.OWN + "/"))
          .sorted()
          .limit(MOST_LISTED + 1L)
          .collect(lines(MOST_LISTED, "files"));
    }
  }

  /** Searches files. */
  @Tool(
      name = "search_files",
      value = "Finds lines that contain a text, in the files under a folder of the workspace")
  public String searchFiles(
      @P(name = "text", value = "what to find, upper or lower case") String text,
      @P(name = "path", value = "folder relative to the workspace, . for all") String path)
      throws IOException {
    String wanted = text.toLowerCase(Locale.ROOT);
    Path folder = workspace.existing(path);
    try (Stream<Path> files = Files.walk(folder, DEEPEST)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !workspace.name(file).startsWith(Workspace.OWN + "/"))
          .sorted()
          .flatMap(file -> matches(file, wanted))
          .limit(MOST_FOUND + 1L)
          .collect(lines(MOST_FOUND, "lines"));
    }
  }

  /** Writes a file. */
  @UsesFile(access = AccessType.WRITE)
  @Tool(name = "write_file", value = "Writes a text file of the workspace, the whole of it")
  public String writeFile(
      @P(name = "path", value = "path relative to the workspace") String path,
      @P(name = "content", value = "the whole content") String content)
      throws IOException {
    String name =
        WorkspacePath.parse(path)
            .map(WorkspacePath::value)
            .orElseThrow(() -> new IOException(path + " is no path within the workspace"));
    Path target = workspace.writable(name);
    Path draft = Files.createTempFile(workspace.root(), ".writing", ".tmp");
    Files.writeString(draft, content);
    Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
    return "wrote " + name + ", " + content.length() + " characters";
  }

  /** A line each; whoever reads it is told when there are more. */
  private static Collector<String, ?, String> lines(int most, String what) {
    return Collectors.collectingAndThen(
        Collectors.toList(),
        found ->
            found.size() <= most
                ? String.join("\n", found)
                : String.join("\n", found.subList(0, most))
                    + "\n[... there are more than these "
                    + most
                    + " "
                    + what
                    + " ...]");
  }

  private Stream<String> matches(Path file, String wanted) {
    try {
      if (Files.size(file) > LARGEST_READ) {
        return Stream.empty();
      }
      List<String> lines =
          new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
      return java.util.stream.IntStream.range(0, lines.size())
          .filter(i -> lines.get(i).toLowerCase(Locale.ROOT).contains(wanted))
          .mapToObj(i -> workspace.name(file) + ":" + (i + 1) + ": " + lines.get(i).strip());
    } catch (IOException e) {
      return Stream.empty();
    }
  }
}
