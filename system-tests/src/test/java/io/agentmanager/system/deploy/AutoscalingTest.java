package io.agentmanager.system.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.annotation.KafkaListener;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What scales an installation, as kubectl renders it, against what the services listen to. */
class AutoscalingTest {
  private static final Path PROD = Path.of("../deploy/k8s/overlays/prod");
  private static final Set<String> SERVICES =
      Set.of("gateway", "planner-service", "task-service", "audit-service");
  private static Manifests prod = Manifests.read("");

  @BeforeAll
  static void render() throws IOException, InterruptedException {
    assumeTrue(KubernetesTest.isOnPath("kubectl"), "kubectl renders overlays");
    prod = Manifests.render(PROD);
  }

  private static List<JsonNode> triggers() {
    List<JsonNode> triggers = new ArrayList<>();
    prod.scaledObjects().forEach(s -> s.path("spec").path("triggers").forEach(triggers::add));
    return triggers;
  }

  @Test
  void everyServiceOfAnInstallationIsScaledByOneScaler() {
    List<String> scaled =
        new ArrayList<>(
            prod.all(HorizontalPodAutoscaler.class).stream()
                .map(a -> a.getSpec().getScaleTargetRef().getName())
                .toList());
    prod.scaledObjects()
        .forEach(s -> scaled.add(s.path("spec").path("scaleTargetRef").path("name").asString()));
    assertThat(scaled).doesNotHaveDuplicates().contains("worker").containsAll(SERVICES);
  }

  /** The model has no class for these: another name is a slip, and KEDA would pass it over. */
  @Test
  void everyNameIsOneOfKeda() {
    for (JsonNode scaled : prod.scaledObjects()) {
      JsonNode spec = scaled.path("spec");
      assertThat(spec.propertyNames())
          .containsExactlyInAnyOrder(
              "scaleTargetRef", "minReplicaCount", "maxReplicaCount", "advanced", "triggers");
      assertThat(spec.path("advanced").propertyNames())
          .containsExactly("horizontalPodAutoscalerConfig");
      for (JsonNode trigger : spec.path("triggers")) {
        assertThat(trigger.propertyNames()).isSubsetOf("type", "metricType", "metadata");
        JsonNode metadata = trigger.path("metadata");
        switch (trigger.path("type").asString()) {
          case "kafka" -> {
            assertThat(metadata.propertyNames())
                .containsExactlyInAnyOrder(
                    "bootstrapServersFromEnv",
                    "consumerGroup",
                    "topic",
                    "lagThreshold",
                    "offsetResetPolicy");
            assertThat(metadata.path("bootstrapServersFromEnv").asString())
                .isEqualTo("KAFKA_BOOTSTRAP_SERVERS");
          }
          case "prometheus" ->
              assertThat(metadata.propertyNames())
                  .containsExactlyInAnyOrder(
                      "serverAddress", "query", "ignoreNullValues", "threshold");
          case "cpu" -> assertThat(metadata.path("value").asInt()).isPositive();
          default -> throw new AssertionError("unknown trigger " + trigger);
        }
      }
    }
  }

  @Test
  void workersAreScaledByWhatTheyOfferAndTake() throws IOException {
    JsonNode worker =
        JsonMapper.shared()
            .readTree(Files.readString(Path.of("../deploy/k8s/base/mcp_client_config.json")));
    List<String> offered = new ArrayList<>();
    worker.path("agent_capabilities").forEach(one -> offered.add(one.asString()));
    JsonNode metadata =
        triggers().stream()
            .filter(trigger -> trigger.path("type").asString().equals("prometheus"))
            .findFirst()
            .orElseThrow()
            .path("metadata");
    assertThat(metadata.path("query").asString())
        .contains("capability=~\"" + String.join("|", offered) + "\"");
    assertThat(metadata.path("threshold").asInt())
        .isEqualTo(worker.path("max_parallel_tasks").asInt());
  }

  @Test
  void consumerLagIsLookedAtForEveryTopicThatAServiceReads() {
    Set<String> lags = new HashSet<>();
    for (JsonNode scaled : prod.scaledObjects()) {
      String service = scaled.path("spec").path("scaleTargetRef").path("name").asString();
      for (JsonNode trigger : scaled.path("spec").path("triggers")) {
        if (trigger.path("type").asString().equals("kafka")) {
          JsonNode metadata = trigger.path("metadata");
          assertThat(metadata.path("consumerGroup").asString()).isEqualTo(service);
          lags.add(service + " " + metadata.path("topic").asString());
        }
      }
    }
    List<String> read =
        new ClassFileImporter()
                .importPackages(
                    "io.agentmanager.task", "io.agentmanager.planner", "io.agentmanager.audit")
                .stream()
                .flatMap(type -> type.getMethods().stream())
                .filter(method -> method.isAnnotatedWith(KafkaListener.class))
                .flatMap(AutoscalingTest::readBy)
                .toList();
    assertThat(read).hasSizeGreaterThan(8);
    assertThat(lags).containsExactlyInAnyOrderElementsOf(read);
  }

  /** Groups of one replica each are wake-ups, and no work that others could take over. */
  private static Stream<String> readBy(JavaMethod method) {
    KafkaListener listener = method.getAnnotationOfType(KafkaListener.class);
    return Stream.of(listener.topics())
        .filter(topic -> SERVICES.contains(listener.groupId()))
        .map(topic -> listener.groupId() + " agentmanager." + topic.replaceAll("\\$\\{.*}", ""));
  }
}
