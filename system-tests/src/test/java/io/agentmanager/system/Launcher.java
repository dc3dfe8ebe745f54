package io.agentmanager.system;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How tests run {@code ./am}: as it runs itself where this build has packaged it. */
final class Launcher {
  private static final Path PACKAGED = Path.of("local", "target", "local.jar");
  private static final String CLASS_PATH =
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

  private Launcher() {}

  /** A command line of the launcher. */
  static List<String> am(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        packaged()
            .map(Launcher::fromJar)
            .orElseGet(() -> List.of("-XX:+UseSerialGC", "-cp", CLASS_PATH)));
    command.addAll(
        List.of(
            "-Xmx700m",
            // No test lives long enough to be paid back for the second compiler's work.
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "io.agentmanager.local.Am"));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The jar, if these tests run on it; in a build that goes to {@code test} they do not. */
  private static Optional<Path> packaged() {
    return Stream.of(CLASS_PATH.split(File.pathSeparator))
        .map(Path::of)
        .filter(path -> path.endsWith(PACKAGED))
        .findFirst();
  }

  /** With the AOT cache, which starts every part in less than half the time. */
  private static List<String> fromJar(Path jar) {
    Path target = jar.getParent();
    return List.of(
        "@" + target.resolveSibling("jvm.options"),
        "-XX:AOTCache=" + target.resolve("local.aot"),
        "-cp",
        jar + File.pathSeparator + target.resolve("lib") + "/*");
  }
}
