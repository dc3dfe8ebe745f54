package io.agentmanager.local.stack;

import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A part that runs as its image will: from the folder that the image holds, in a JVM of its own,
 * which makes its AOT cache (JEP 514) of what it does until it is stopped.
 */
public final class ImagePart {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final int OK = 200;
  private final String name;
  private final Path image;
  private final Path cache;

  private ImagePart(String name, Path image, Path cache) {
    this.name = name;
    this.image = image;
    this.cache = cache;
  }

  /**
   * A starter that starts one part so, and the others within this JVM.
   *
   * @param module the part's module; {@code worker-runner} holds the worker
   * @param image the folder with {@code app.jar}, {@code lib} and {@code jvm.options}
   * @param cache where the cache is made
   */
  public static LocalStack.Starter apart(String module, Path image, Path cache) {
    String name = module.equals("worker-runner") ? Parts.WORKER : module;
    ImagePart part = new ImagePart(name, image, cache);
    return (other, folder, port) ->
        other.equals(name) ? part.start(folder, port) : Parts.start(other, folder, port);
  }

  private Part start(DataFolder folder, int port) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + image.resolve("jvm.options"));
    command.add("-XX:AOTCacheOutput=" + cache);
    command.addAll(List.of("-jar", image.resolve("app.jar").toString()));
    if (name.equals(Parts.WORKER)) {
      command.addAll(List.of("--config", workerConfiguration(folder, port).toString()));
    } else {
      command.addAll(Parts.arguments(name, folder, port));
    }
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.logs().resolve(name + ".image").toFile())
            .start();
    if (!name.equals(Parts.WORKER)) {
      awaitReady(process, Parts.healthUrl(name, folder, port));
    }
    return () -> stop(process);
  }

  private static Path workerConfiguration(DataFolder folder, int port) throws IOException {
    Map<String, Object> settings =
        Map.of(
            "client_agent_id",
            "built-in",
            "server_url",
            "http://127.0.0.1:" + port,
            "auth_token",
            Files.readString(folder.token()).strip(),
            "max_parallel_tasks",
            4,
            "agent_capabilities",
            List.of("researcher", "writer", "analyst"),
            "workspace",
            folder.workspace().toString());
    Path file = folder.root().resolve("run/worker.json");
    return Files.writeString(file, WireJson.mapper().writeValueAsString(settings));
  }

  private void awaitReady(Process process, String url) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isReady(url)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        process.destroyForcibly();
        throw new IllegalStateException(name + " did not become ready from " + image);
      }
      Thread.sleep(LOOK);
    }
  }

  private static boolean isReady(String url) {
    try {
      return ((HttpURLConnection) URI.create(url).toURL().openConnection()).getResponseCode() == OK;
    } catch (IOException e) {
      return false;
    }
  }

  /** The cache is written after the end of the application, by the same process. */
  private void stop(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || !Files.exists(cache)) {
        process.destroyForcibly();
        throw new IllegalStateException(name + " left no cache at " + cache);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
