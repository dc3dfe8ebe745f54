package io.agentmanager.worker;

import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * A worker's configuration file, {@code mcp_client_config.json}: a JSON object in whose values
 * {@code ${NAME}} stands for a variable of the environment. Its keys are read by whom they concern:
 * {@link WorkerConfig}, and whatever else a worker is made of.
 */
public final class ConfigFile {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");
  private final Path path;
  private final ObjectNode content;

  private ConfigFile(Path path, ObjectNode content) {
    this.path = path;
    this.content = content;
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException when it cannot be used; the message says what to change
   */
  public static ConfigFile read(Path file) {
    return read(file, System::getenv);
  }

  /** The same with another environment. */
  public static ConfigFile read(Path file, Function<String, @Nullable String> environment) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
    }
    try {
      return new ConfigFile(
          file, WireJson.mapper().readValue(substitute(text, environment), ObjectNode.class));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file + " is not valid: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Its content as a record; keys that the record lacks are passed over.
   *
   * @throws IllegalArgumentException when a value has another type; the message names it
   */
  public <T> T as(Class<T> type) {
    try {
      return WireJson.mapper().treeToValue(content, type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(path + " is not valid: " + e.getOriginalMessage(), e);
    }
  }

  /** Where it lies. */
  public Path path() {
    return path;
  }

  /** The names of its keys. */
  public Collection<String> keys() {
    return content.propertyNames();
  }

  private static String substitute(String text, Function<String, @Nullable String> environment) {
    return VARIABLE
        .matcher(text)
        .replaceAll(
            found -> {
              String value = environment.apply(found.group(1));
              if (value == null) {
                throw new IllegalArgumentException(
                    "the environment variable " + found.group(1) + " is not set");
              }
              String quoted = WireJson.mapper().writeValueAsString(value);
              return Matcher.quoteReplacement(quoted.substring(1, quoted.length() - 1));
            });
  }
}
