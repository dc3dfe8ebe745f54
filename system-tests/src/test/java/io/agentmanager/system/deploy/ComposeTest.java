package io.agentmanager.system.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The compose files: what they name is there, and what they set is read. */
class ComposeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Set<String> SERVICES =
      Set.of("gateway", "planner-service", "task-service", "audit-service");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)(:?[?-])?");
  private static final Pattern PINNED = Pattern.compile(".+:v?\\d+\\.\\d+(\\.\\d+)?");

  /** The parts of the Compose Specification that are used here; another name is a slip. */
  private static final Set<String> KEYS =
      Set.of(
          "image",
          "build",
          "restart",
          "read_only",
          "tmpfs",
          "cap_drop",
          "security_opt",
          "stop_grace_period",
          "mem_limit",
          "networks",
          "environment",
          "depends_on",
          "ports",
          "volumes",
          "command",
          "user",
          "entrypoint",
          "network_mode",
          "healthcheck",
          "profiles",
          "deploy");

  private static final Set<String> HEALTH_KEYS =
      Set.of("test", "interval", "timeout", "retries", "start_period");

  private final JsonNode compose = read("docker-compose.yml");
  private final JsonNode cluster = read("docker-compose.cluster.yml");

  @TempDir private Path folder;

  private static JsonNode read(String file) {
    try {
      Object document =
          new Yaml(new SafeConstructor(new LoaderOptions()))
              .load(Files.readString(ROOT.resolve(file)));
      return JsonMapper.shared().valueToTree(document);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Set<Map.Entry<String, JsonNode>> services(JsonNode file) {
    return file.path("services").properties();
  }

  private static List<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asString).toList();
  }

  @Test
  void everyKeyIsOneOfCompose() {
    for (JsonNode file : List.of(compose, cluster)) {
      for (var service : services(file)) {
        assertThat(service.getValue().propertyNames()).as(service.getKey()).isSubsetOf(KEYS);
        assertThat(service.getValue().path("healthcheck").propertyNames()).isSubsetOf(HEALTH_KEYS);
      }
      assertThat(file.propertyNames())
          .filteredOn(name -> !name.startsWith("x-"))
          .isSubsetOf("name", "services", "networks", "volumes");
    }
  }

  @Test
  void imagesArePinnedAndOursAreBuiltByTheDockerfile() throws IOException {
    String dockerfile = Files.readString(ROOT.resolve("Dockerfile"));
    for (var service : services(compose)) {
      JsonNode definition = service.getValue();
      assertThat(definition.path("image").asString()).matches(PINNED);
      if (definition.has("build")) {
        String module = definition.path("build").path("args").path("SERVICE").asString();
        assertThat(ROOT.resolve(module).resolve("pom.xml")).content().contains("<image.main>");
        assertThat(dockerfile).contains(module);
        String target = definition.path("build").path("target").asString("");
        assertThat(target.isEmpty() || dockerfile.contains(" AS " + target)).isTrue();
      }
    }
  }

  @Test
  void whatIsWaitedForSaysWhenItIsHealthy() throws IOException {
    for (var service : services(compose)) {
      JsonNode needs = service.getValue().path("depends_on");
      if (needs.isArray()) {
        texts(needs).forEach(name -> assertThat(compose.path("services").has(name)).isTrue());
      }
      for (var need : needs.properties()) {
        JsonNode needed = compose.path("services").path(need.getKey());
        assertThat(needed.isObject()).as(need.getKey()).isTrue();
        switch (need.getValue().path("condition").asString()) {
          case "service_healthy" ->
              assertThat(needed.has("healthcheck") || needed.has("build"))
                  .as(need.getKey())
                  .isTrue();
          case "service_started" ->
              assertThat(needed.has("healthcheck") || needed.has("build"))
                  .as(need.getKey() + " could be waited for")
                  .isFalse();
          case "service_completed_successfully" ->
              assertThat(needed.has("restart")).as(need.getKey() + " ends").isFalse();
          default -> throw new AssertionError("unknown condition of " + service.getKey());
        }
      }
    }
    assertThat(Files.readString(ROOT.resolve("Dockerfile"))).contains("HEALTHCHECK");
  }

  @Test
  void everyVariableOfAServiceIsRead() {
    for (JsonNode file : List.of(compose, cluster)) {
      for (var service : services(file)) {
        if (SERVICES.contains(service.getKey())) {
          KnownSettings known = KnownSettings.of(service.getKey());
          assertThat(service.getValue().path("environment").propertyNames())
              .as(service.getKey())
              .allMatch(known::has);
        }
      }
    }
  }

  @Test
  void everySecretIsMadeByTheScript() throws Exception {
    assumeTrue(KubernetesTest.isOnPath("openssl"), "openssl makes secrets");
    Path file = folder.resolve("secrets");
    KubernetesTest.makeSecrets(file);
    String once = Files.readString(file);
    Set<String> made =
        once.lines().map(line -> line.substring(0, line.indexOf('='))).collect(Collectors.toSet());
    Set<String> wanted = new HashSet<>();
    var found = VARIABLE.matcher(Files.readString(ROOT.resolve("docker-compose.yml")));
    while (found.find()) {
      if (!":-".equals(found.group(2))) {
        wanted.add(found.group(1));
      }
    }
    assertThat(wanted).hasSizeGreaterThan(10).isSubsetOf(made);
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
  }

  @Test
  void filesAndVolumesThatAreMountedAreThere() {
    for (JsonNode file : List.of(compose, cluster)) {
      for (var service : services(file)) {
        for (String mount : texts(service.getValue().path("volumes"))) {
          String source = mount.substring(0, mount.indexOf(':'));
          if (source.startsWith("./")) {
            assertThat(ROOT.resolve(source)).exists();
            assertThat(mount).as("nothing of the project is written").endsWith(":ro");
          } else {
            assertThat(file.path("volumes").has(source)).as(mount).isTrue();
          }
        }
      }
    }
  }

  @Test
  void whatASettingNamesIsAPartThatSharesANetwork() throws IOException {
    for (String client : SERVICES) {
      JsonNode environment = compose.path("services").path(client).path("environment");
      for (String name :
          List.of(
              "DATABASE_URL",
              "KAFKA_BOOTSTRAP_SERVERS",
              "PLANNER_SERVICE_URL",
              "TASK_SERVICE_URL",
              "AUDIT_SERVICE_URL",
              "OTEL_EXPORTER_OTLP_ENDPOINT")) {
        assertReaches(client, environment.path(name).asString());
      }
    }
    assertReaches(
        "gateway", compose.at("/services/gateway/environment/OIDC_JWK_SET_URI").asString());
    JsonNode worker =
        JsonMapper.shared().readTree(Files.readString(ROOT.resolve("deploy/compose/worker.json")));
    assertReaches("worker", worker.path("server_url").asString());
    assertThat(compose.at("/services/worker/volumes"))
        .anyMatch(v -> v.asString().endsWith(":" + worker.path("workspace").asString()));
  }

  private void assertReaches(String client, String address) {
    String host = address.replaceAll("^(jdbc:)?([a-z]+://)?", "").replaceAll("[:/].*", "");
    JsonNode server = compose.path("services").path(host);
    assertThat(server.isObject()).as(client + " asks " + address).isTrue();
    assertThat(texts(compose.path("services").path(client).path("networks")))
        .as(client + " and " + host)
        .containsAnyElementsOf(texts(server.path("networks")));
  }

  @Test
  void portsAreOpenOnThisMachineAloneAndServicesKeepToThemselves() {
    for (var service : services(compose)) {
      texts(service.getValue().path("ports"))
          .forEach(port -> assertThat(port).as(service.getKey()).startsWith("127.0.0.1:"));
      if (SERVICES.contains(service.getKey())) {
        assertThat(service.getValue().path("read_only").asBoolean()).isTrue();
        assertThat(texts(service.getValue().path("cap_drop"))).containsExactly("ALL");
      }
    }
    List<String> published = new ArrayList<>();
    services(compose).stream()
        .filter(s -> s.getValue().has("ports"))
        .forEach(s -> published.add(s.getKey()));
    assertThat(published)
        .containsExactlyInAnyOrder("gateway", "kafka", "keycloak", "prometheus", "grafana");
  }

  @Test
  void theClusterHasThreeBrokersThatKnowEachOtherAndThreeTaskServices() {
    Set<String> nodes = new HashSet<>();
    for (String broker : List.of("kafka", "kafka-2", "kafka-3")) {
      JsonNode environment = cluster.path("services").path(broker).path("environment");
      nodes.add(environment.path("KAFKA_NODE_ID").asString());
      assertThat(environment.path("KAFKA_ADVERTISED_LISTENERS").asString())
          .startsWith("PLAINTEXT://" + broker + ":9092,HOST://localhost:");
      String host =
          environment.path("KAFKA_ADVERTISED_LISTENERS").asString().replaceAll(".*localhost:", "");
      JsonNode ports =
          Stream.of(cluster, compose)
              .map(file -> file.path("services").path(broker).path("ports"))
              .filter(JsonNode::isArray)
              .findFirst()
              .orElseThrow();
      assertThat(texts(ports)).as(broker).containsExactly("127.0.0.1:" + host + ":9094");
      assertThat(environment.path("KAFKA_CONTROLLER_QUORUM_VOTERS").asString())
          .contains(environment.path("KAFKA_NODE_ID").asString() + "@" + broker + ":9093");
    }
    assertThat(nodes).containsExactlyInAnyOrder("1", "2", "3");
    assertThat(
            cluster.path("services").path("task-service").path("deploy").path("replicas").asInt())
        .isEqualTo(3);
  }
}
