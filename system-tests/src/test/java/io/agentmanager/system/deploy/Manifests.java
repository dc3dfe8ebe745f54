package io.agentmanager.system.deploy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code kubectl kustomize} makes of an overlay, read strictly: every object into its type of
 * the Kubernetes model and back, so that what the type does not know, or knows as another type,
 * shows as a difference.
 */
final class Manifests {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final Map<String, Class<? extends HasMetadata>> TYPES =
      Map.ofEntries(
          Map.entry("v1/Namespace", Namespace.class),
          Map.entry("v1/ConfigMap", ConfigMap.class),
          Map.entry("v1/Secret", Secret.class),
          Map.entry("v1/Service", Service.class),
          Map.entry("v1/PersistentVolumeClaim", PersistentVolumeClaim.class),
          Map.entry("apps/v1/Deployment", Deployment.class),
          Map.entry("apps/v1/StatefulSet", StatefulSet.class),
          Map.entry("batch/v1/Job", Job.class),
          Map.entry("policy/v1/PodDisruptionBudget", PodDisruptionBudget.class),
          Map.entry("autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
          Map.entry("networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class),
          Map.entry("networking.k8s.io/v1/Ingress", Ingress.class));

  /** Types that come from elsewhere, and have no class in the model. */
  private static final String SCALED_OBJECT = "keda.sh/v1alpha1/ScaledObject";

  private final List<HasMetadata> objects = new ArrayList<>();
  private final List<JsonNode> scaledObjects = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  private Manifests() {}

  /** Renders an overlay. */
  static Manifests render(Path overlay) throws IOException, InterruptedException {
    Process kubectl =
        new ProcessBuilder("kubectl", "kustomize", overlay.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String yaml = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (kubectl.waitFor() != 0) {
      throw new IllegalStateException("kubectl kustomize " + overlay + " failed");
    }
    return read(yaml);
  }

  static Manifests read(String yaml) {
    Manifests manifests = new Manifests();
    for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml)) {
      manifests.add(MAPPER.valueToTree(document));
    }
    return manifests;
  }

  private void add(JsonNode document) {
    String type = document.path("apiVersion").asString() + "/" + document.path("kind").asString();
    String name = type + " " + document.path("metadata").path("name").asString();
    if (type.equals(SCALED_OBJECT)) {
      scaledObjects.add(document);
      return;
    }
    Class<? extends HasMetadata> known = TYPES.get(type);
    if (known == null) {
      faults.add(name + ": no known type");
      return;
    }
    try {
      HasMetadata object = MAPPER.treeToValue(document, known);
      compare(name, document, MAPPER.valueToTree(object));
      unknown(name, object);
      objects.add(object);
    } catch (RuntimeException e) {
      faults.add(name + ": " + e.getMessage());
    }
  }

  /** Everything that is written must come back as it was. */
  private void compare(String at, JsonNode written, JsonNode read) {
    if (written.isObject() && read.isObject()) {
      written
          .properties()
          .forEach(p -> compare(at + "/" + p.getKey(), p.getValue(), read.path(p.getKey())));
    } else if (written.isArray() && read.isArray() && written.size() == read.size()) {
      for (int i = 0; i < written.size(); i++) {
        compare(at + "/" + i, written.get(i), read.get(i));
      }
    } else if (!isSame(written, read) && !(isEmpty(written) && isEmpty(read))) {
      faults.add(at + ": written " + written + ", read " + read);
    }
  }

  /** A number is the same in an int and in a long; a text is no number. */
  private static boolean isSame(JsonNode written, JsonNode read) {
    return written.isIntegralNumber() && read.isIntegralNumber()
        ? written.asLong() == read.asLong()
        : written.equals(read);
  }

  private static boolean isEmpty(JsonNode node) {
    return node.isMissingNode() || node.isNull() || node.isContainer() && node.isEmpty();
  }

  /** The types keep fields that they do not know, and would write them again. */
  private void unknown(String at, Object value) {
    switch (value) {
      case List<?> items -> {
        for (int i = 0; i < items.size(); i++) {
          if (items.get(i) != null) {
            unknown(at + "/" + i, items.get(i));
          }
        }
      }
      case Map<?, ?> entries ->
          entries.forEach(
              (key, entry) -> {
                if (entry != null) {
                  unknown(at + "/" + key, entry);
                }
              });
      default -> unknownOfBean(at, value);
    }
  }

  private void unknownOfBean(String at, Object bean) {
    if (!bean.getClass().getName().startsWith("io.fabric8.")) {
      return;
    }
    for (var method : bean.getClass().getMethods()) {
      if (method.getName().startsWith("get")
          && method.getParameterCount() == 0
          && method.getDeclaringClass().getName().startsWith("io.fabric8.")) {
        try {
          Object part = method.invoke(bean);
          if (method.getName().equals("getAdditionalProperties")
              && part instanceof Map<?, ?> rest
              && !rest.isEmpty()) {
            faults.add(at + ": unknown " + rest.keySet());
          } else if (part != null) {
            unknown(at + "/" + method.getName().substring(3), part);
          }
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException(at + " " + method, e);
        }
      }
    }
  }

  List<String> faults() {
    return faults;
  }

  List<JsonNode> scaledObjects() {
    return scaledObjects;
  }

  <T extends HasMetadata> List<T> all(Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** Whatever runs pods. */
  record Workload(String name, PodTemplateSpec template) {
    String label(String key) {
      return template.getMetadata().getLabels().getOrDefault("app.kubernetes.io/" + key, "");
    }

    boolean isOurs() {
      return label("part-of").equals("agentmanager");
    }

    boolean matches(Map<String, String> selector) {
      return template.getMetadata().getLabels().entrySet().containsAll(selector.entrySet());
    }
  }

  List<Workload> workloads() {
    return Stream.of(
            all(Deployment.class).stream().map(d -> of(d, d.getSpec().getTemplate())),
            all(StatefulSet.class).stream().map(s -> of(s, s.getSpec().getTemplate())),
            all(Job.class).stream().map(j -> of(j, j.getSpec().getTemplate())))
        .flatMap(s -> s)
        .toList();
  }

  private static Workload of(HasMetadata object, PodTemplateSpec template) {
    return new Workload(object.getMetadata().getName(), template);
  }
}
