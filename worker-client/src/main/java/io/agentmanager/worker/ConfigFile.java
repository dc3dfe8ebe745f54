package io.agentmanager.worker;

import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
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

  /**
   * The keys that none of these records has, however deep, such as {@code mcp_servers.files.args}:
   * most are misspelt.
   */
  public SortedSet<String> unknownKeys(List<Class<? extends Record>> records) {
    SortedSet<String> unknown = new TreeSet<>();
    for (Map.Entry<String, JsonNode> field : content.properties()) {
      List<Type> known =
          records.stream().flatMap(record -> typeOf(record, field.getKey()).stream()).toList();
      if (known.isEmpty()) {
        unknown.add(field.getKey());
      }
      known.forEach(type -> addUnknown(field.getKey(), field.getValue(), type, unknown));
    }
    return unknown;
  }

  private static void addUnknown(String path, JsonNode value, Type type, Set<String> unknown) {
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      String at = path + "." + field.getKey();
      if (type instanceof Class<?> record && record.isRecord()) {
        typeOf(record, field.getKey())
            .ifPresentOrElse(
                inner -> addUnknown(at, field.getValue(), inner, unknown), () -> unknown.add(at));
      } else if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
        addUnknown(at, field.getValue(), map.getActualTypeArguments()[1], unknown);
      }
    }
  }

  /** The type of a record's component, by its name in JSON. */
  private static Optional<Type> typeOf(Class<?> record, String key) {
    return Stream.of(record.getRecordComponents())
        .filter(part -> snakeCase(part.getName()).equals(key))
        .map(RecordComponent::getGenericType)
        .findFirst();
  }

  private static String snakeCase(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
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
