import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Checks or rewrites the format of every Java file, with google-java-format.
 *
 * <p>Run by the root POM with the JDK of the toolchain: the formatter parses with the compiler of
 * the JVM that it runs in, and Maven itself may run on an older one (docs/adr/0002).
 */
public class Format {
  public static void main(String[] args) throws Exception {
    boolean write = args[0].equals("write");
    Path root = Path.of(args[1]);
    List<Path> wrong = sources(root).parallelStream().filter(file -> isWrong(file, write)).map(root::relativize).toList();
    if (!write && !wrong.isEmpty()) {
      wrong.forEach(file -> System.err.println("not formatted: " + file));
      System.err.println("Run: mvn -q -N process-sources -Dformat.mode=write");
      System.exit(1);
    }
  }

  private static boolean isWrong(Path file, boolean write) {
    var formatter = new Formatter(JavaFormatterOptions.builder().reorderModifiers(true).build());
    try {
      String before = Files.readString(file);
      String after = formatter.formatSourceAndFixImports(RemoveUnusedImports.removeUnusedImports(before));
      if (before.equals(after)) return false;
      if (write) Files.writeString(file, after);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (FormatterException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static List<Path> sources(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      return files.filter(f -> f.toString().endsWith(".java"))
          .filter(f -> root.relativize(f).toString().contains("src/"))
          .filter(f -> !root.relativize(f).toString().contains("target/"))
          .sorted()
          .toList();
    }
  }
}
