package io.agentmanager.local.client;

import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/**
 * The logins of this person on this machine: {@code agentmanager/logins.json} in the folder that
 * {@code XDG_CONFIG_HOME} names, else in {@code .config} at home; of mode 0600.
 */
final class Logins {
  private final Path file;

  Logins() {
    String folder = System.getenv("XDG_CONFIG_HOME");
    Path settings =
        folder == null || folder.isBlank()
            ? Path.of(System.getProperty("user.home"), ".config")
            : Path.of(folder);
    this.file = settings.resolve("agentmanager").resolve("logins.json");
  }

  private record Kept(List<Login> logins) {}

  /** The login at a gateway. */
  Optional<Login> at(String url) throws IOException {
    return read().stream().filter(login -> login.url().equals(url)).findFirst();
  }

  /** Keeps a login in place of the one before at the same gateway. */
  void keep(Login login) throws IOException {
    List<Login> all = others(login.url());
    all.add(login);
    write(all);
  }

  void forget(String url) throws IOException {
    write(others(url));
  }

  private List<Login> others(String url) throws IOException {
    return new ArrayList<>(read().stream().filter(login -> !login.url().equals(url)).toList());
  }

  private List<Login> read() throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      return WireJson.mapper().readValue(Files.readAllBytes(file), Kept.class).logins();
    } catch (JacksonException e) {
      throw new IOException(file + " cannot be read: remove it, and ./am login again.", e);
    }
  }

  private void write(List<Login> logins) throws IOException {
    Files.createDirectories(file.getParent());
    Path draft =
        Files.createTempFile(
            file.getParent(),
            "logins",
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(draft, WireJson.mapper().writeValueAsBytes(new Kept(logins)));
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
