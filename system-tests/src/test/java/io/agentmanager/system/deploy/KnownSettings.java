package io.agentmanager.system.deploy;

import io.agentmanager.models.provider.ModelSettings;
import io.agentmanager.worker.cli.WorkerLogging;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The environment variables that a service reads; a variable of another name would do nothing. */
final class KnownSettings {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)");
  private static final Set<String> OF_BOOT = ofBoot();
  private static final Set<String> OF_OURS = ofOurs();
  private final Set<String> names = new HashSet<>();

  private KnownSettings() {}

  /** Those of a service: of its configuration file, of our types, and of Spring Boot. */
  static KnownSettings of(String service) {
    KnownSettings known = new KnownSettings();
    Matcher placeholders = PLACEHOLDER.matcher(text(service + ".yml"));
    while (placeholders.find()) {
      known.names.add(placeholders.group(1));
    }
    known.names.addAll(OF_BOOT);
    known.names.addAll(OF_OURS);
    known.addModels();
    return known;
  }

  /** Those of the worker: its model's and how it logs; what its file names comes on top. */
  static KnownSettings ofWorker() {
    KnownSettings known = new KnownSettings();
    known.addModels();
    known.names.add(WorkerLogging.FORMAT);
    return known;
  }

  boolean has(String variable) {
    // Spring Boot maps OpenTelemetry's own names to its settings, and whatever Kafka knows goes to
    // its clients.
    return names.contains(variable)
        || variable.equals("OTEL_EXPORTER_OTLP_ENDPOINT")
        || variable.startsWith("SPRING_KAFKA_PROPERTIES_");
  }

  private void addModels() {
    ModelSettings unused =
        ModelSettings.from(
            name -> {
              names.add(name);
              return null;
            });
  }

  private static Set<String> ofBoot() {
    Set<String> names = new HashSet<>();
    try {
      ClassLoader loader = KnownSettings.class.getClassLoader();
      for (URL url :
          Collections.list(loader.getResources("META-INF/spring-configuration-metadata.json"))) {
        try (InputStream in = url.openStream()) {
          JsonNode metadata = JsonMapper.shared().readTree(in);
          metadata.path("properties").forEach(p -> names.add(variable(p.path("name").asString())));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }

  private static Set<String> ofOurs() {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    Set<String> names = new HashSet<>();
    for (var found : scanner.findCandidateComponents("io.agentmanager")) {
      try {
        Class<?> type = Class.forName(found.getBeanClassName());
        add(names, type.getAnnotation(ConfigurationProperties.class).value(), type);
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
    return names;
  }

  private static void add(Set<String> names, String prefix, Class<?> type) {
    for (RecordComponent part : type.getRecordComponents()) {
      String name = prefix + "." + part.getName();
      names.add(variable(name));
      if (part.getType().isRecord()) {
        add(names, name, part.getType());
      }
    }
  }

  /** By the rules of Spring Boot's relaxed binding. */
  private static String variable(String property) {
    return property.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  private static String text(String resource) {
    try (InputStream in = KnownSettings.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
