package io.agentmanager.system.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentmanager.http.ServiceHttpConfiguration;
import io.agentmanager.system.deploy.Manifests.Workload;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every overlay, as kubectl renders it. */
class KubernetesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Set<String> SERVICES =
      Set.of("gateway", "planner-service", "task-service", "audit-service");
  private static final Pattern PINNED = Pattern.compile(".+:v?\\d+\\.\\d+(\\.\\d+)?");
  private static final Map<Overlay, Manifests> RENDERED = new HashMap<>();

  @TempDir private static Path folder;

  enum Overlay {
    DEV,
    PROD,
    PROD_WITH_A_WORKSPACE
  }

  @BeforeAll
  static void render() throws IOException, InterruptedException {
    assumeTrue(isOnPath("kubectl") && isOnPath("openssl"), "kubectl and openssl render overlays");
    // As somebody would who tries it: a copy of what is delivered, and the secrets that are made.
    for (String part : List.of("deploy/k8s", "deploy/postgres", "deploy/keycloak")) {
      copy(ROOT.resolve(part), folder.resolve(part));
    }
    Path dev = folder.resolve("deploy/k8s/overlays/dev");
    makeSecrets(dev.resolve("secrets.env"));
    RENDERED.put(Overlay.DEV, Manifests.render(dev));
    RENDERED.put(Overlay.PROD, Manifests.render(dev.resolveSibling("prod")));
    Path shared = Files.createDirectories(dev.resolveSibling("shared"));
    Files.writeString(
        shared.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: agentmanager
        resources: [../prod]
        components: [../../components/workspace]
        """);
    RENDERED.put(Overlay.PROD_WITH_A_WORKSPACE, Manifests.render(shared));
  }

  static boolean isOnPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(at -> Files.isExecutable(Path.of(at, program)));
  }

  static void makeSecrets(Path file) throws IOException, InterruptedException {
    Files.deleteIfExists(file);
    Process made =
        new ProcessBuilder(ROOT.resolve("deploy/make-secrets").toString(), file.toString())
            .inheritIO()
            .start();
    assertThat(made.waitFor()).isZero();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static Manifests of(Overlay overlay) {
    return Objects.requireNonNull(RENDERED.get(overlay));
  }

  @Test
  void whatTheModelDoesNotKnowIsFound() {
    Manifests wrong =
        Manifests.read(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: s, label: {a: b}}
            spec:
              ports: [{port: "80", targetprt: 1}]
            ---
            apiVersion: v1
            kind: Servce
            metadata: {name: t}
            """);
    assertThat(wrong.faults())
        .anyMatch(fault -> fault.contains("unknown [label]"))
        .anyMatch(fault -> fault.contains("unknown [targetprt]"))
        .anyMatch(fault -> fault.contains("/ports/0/port: written"))
        .anyMatch(fault -> fault.contains("Servce"));
  }

  @ParameterizedTest
  @EnumSource
  void everyObjectIsOfTheKubernetesModel(Overlay overlay) {
    assertThat(of(overlay).faults()).isEmpty();
    assertThat(of(overlay).all(Deployment.class))
        .extracting(d -> d.getMetadata().getName())
        .contains("worker")
        .containsAll(SERVICES);
  }

  @ParameterizedTest
  @EnumSource
  void servicesReachPodsByNamesThatAreThere(Overlay overlay) {
    for (Service service : of(overlay).all(Service.class)) {
      List<Workload> behind = selected(of(overlay), service.getSpec().getSelector());
      assertThat(behind).as("behind " + service.getMetadata().getName()).hasSize(1);
      for (ServicePort port : service.getSpec().getPorts()) {
        assertThat(ports(behind)).contains(port.getTargetPort().getStrVal());
      }
    }
    for (NetworkPolicy policy : of(overlay).all(NetworkPolicy.class)) {
      assertThat(policy.getSpec().getPodSelector().getMatchExpressions())
          .as("how it selects")
          .allMatch(e -> e.getOperator().equals("In"));
      List<Workload> behind =
          of(overlay).workloads().stream().filter(w -> isSelected(policy, w)).toList();
      assertThat(behind).as("behind " + policy.getMetadata().getName()).isNotEmpty();
      policy.getSpec().getIngress().stream()
          .flatMap(rule -> rule.getPorts().stream())
          .map(NetworkPolicyPort::getPort)
          .forEach(port -> assertThat(isPort(behind, port)).as(port.toString()).isTrue());
    }
  }

  private static boolean isSelected(NetworkPolicy policy, Workload workload) {
    var selector = policy.getSpec().getPodSelector();
    return workload.matches(Objects.requireNonNullElse(selector.getMatchLabels(), Map.of()))
        && selector.getMatchExpressions().stream()
            .allMatch(
                e ->
                    e.getValues()
                        .contains(workload.template().getMetadata().getLabels().get(e.getKey())));
  }

  private static boolean isPort(List<Workload> workloads, IntOrString port) {
    return port.getStrVal() != null
        ? ports(workloads).contains(port.getStrVal())
        : workloads.stream()
            .flatMap(KubernetesTest::containerPorts)
            .anyMatch(p -> p.getContainerPort().equals(port.getIntVal()));
  }

  @ParameterizedTest
  @EnumSource
  void onlyTheGatewayIsReachedByEverybody(Overlay overlay) {
    List<String> open =
        of(overlay).all(NetworkPolicy.class).stream()
            .filter(p -> p.getSpec().getIngress().stream().anyMatch(r -> r.getFrom().isEmpty()))
            .flatMap(p -> of(overlay).workloads().stream().filter(w -> isSelected(p, w)))
            .map(Workload::name)
            .toList();
    assertThat(open).containsExactly("gateway");
    for (Workload workload : of(overlay).workloads()) {
      assertThat(of(overlay).all(NetworkPolicy.class))
          .as("what guards " + workload.name())
          .anyMatch(p -> isSelected(p, workload));
    }
    of(overlay)
        .all(Ingress.class)
        .forEach(
            i ->
                assertThat(i.getSpec().getRules().getFirst().getHttp().getPaths())
                    .extracting(p -> p.getBackend().getService().getName())
                    .containsOnly("gateway"));
    assertThat(of(overlay).all(Service.class))
        .allMatch(
            s ->
                Objects.requireNonNullElse(s.getSpec().getType(), "ClusterIP").equals("ClusterIP"));
  }

  @ParameterizedTest
  @EnumSource
  void probesAskWhatIsServedOnPortsThatAreThere(Overlay overlay) {
    for (Workload workload : of(overlay).workloads()) {
      for (Container container : workload.template().getSpec().getContainers()) {
        for (Probe probe : probes(container)) {
          if (probe.getHttpGet() != null) {
            assertThat(ports(List.of(workload))).contains(probe.getHttpGet().getPort().getStrVal());
          }
        }
        if (SERVICES.contains(workload.name())) {
          assertThat(probes(container)).hasSize(3);
          assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
          assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/livez");
          assertThat(probes(container))
              .extracting(p -> p.getHttpGet().getPath())
              .isSubsetOf(ServiceHttpConfiguration.PROBES);
        }
      }
    }
  }

  private static List<Probe> probes(Container container) {
    return Stream.of(
            container.getStartupProbe(),
            container.getLivenessProbe(),
            container.getReadinessProbe())
        .filter(Objects::nonNull)
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void everyVariableIsReadAndComesFromWhereItIsKept(Overlay overlay) throws IOException {
    Map<String, Set<String>> maps =
        of(overlay).all(ConfigMap.class).stream()
            .collect(Collectors.toMap(m -> m.getMetadata().getName(), m -> m.getData().keySet()));
    Set<String> secret = secretKeys(overlay);
    for (Workload workload : of(overlay).workloads()) {
      for (Container container : workload.template().getSpec().getContainers()) {
        Set<String> variables = new HashSet<>();
        for (EnvVar variable : container.getEnv()) {
          assertThat(variables.add(variable.getName())).as("once: " + variable).isTrue();
          check(variable, maps, secret);
        }
        container
            .getEnvFrom()
            .forEach(f -> variables.addAll(keys(maps, f.getConfigMapRef().getName())));
        if (workload.isOurs()) {
          assertThat(unread(workload, container, variables)).as(workload.name()).isEmpty();
        }
      }
    }
  }

  /** What an installation keeps outside is written down in the operations' page. */
  private static Set<String> secretKeys(Overlay overlay) throws IOException {
    if (overlay == Overlay.DEV) {
      Secret secret = of(overlay).all(Secret.class).getFirst();
      return secret.getData().keySet();
    }
    String page = Files.readString(ROOT.resolve("docs/operations.md"));
    return Pattern.compile("\\| `([A-Z_]+)`")
        .matcher(page)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  private static void check(EnvVar variable, Map<String, Set<String>> maps, Set<String> secret) {
    EnvVarSource source = variable.getValueFrom();
    if (source == null) {
      assertThat(variable.getValue()).as(variable.getName()).isNotBlank();
    } else if (source.getSecretKeyRef() != null) {
      assertThat(source.getSecretKeyRef().getName()).startsWith("agentmanager");
      if (!Boolean.TRUE.equals(source.getSecretKeyRef().getOptional())) {
        assertThat(secret).contains(source.getSecretKeyRef().getKey());
      }
    } else if (source.getConfigMapKeyRef() != null
        && !Boolean.TRUE.equals(source.getConfigMapKeyRef().getOptional())) {
      assertThat(keys(maps, source.getConfigMapKeyRef().getName()))
          .contains(source.getConfigMapKeyRef().getKey());
    }
  }

  private static Set<String> keys(Map<String, Set<String>> maps, String name) {
    assertThat(maps).containsKey(name);
    return maps.getOrDefault(name, Set.of());
  }

  /** One map serves all four services; what one of them reads is enough. */
  private static List<String> unread(
      Workload workload, Container container, Set<String> variables) {
    List<KnownSettings> known = new ArrayList<>();
    if (workload.label("component").equals("worker")) {
      known.add(KnownSettings.ofWorker());
    } else {
      String service = container.getImage().replaceAll("agentmanager/|:.*", "");
      known.add(KnownSettings.of(service));
    }
    Set<String> own = container.getEnv().stream().map(EnvVar::getName).collect(Collectors.toSet());
    SERVICES.forEach(service -> known.add(KnownSettings.of(service)));
    return variables.stream()
        .filter(name -> !(own.contains(name) ? known.getFirst().has(name) : isRead(known, name)))
        .filter(name -> !isOfTheWorkersFile(workload, name))
        .filter(name -> !name.endsWith("_DATABASE_URL"))
        .toList();
  }

  private static boolean isRead(List<KnownSettings> known, String name) {
    return known.stream().anyMatch(settings -> settings.has(name));
  }

  private static boolean isOfTheWorkersFile(Workload workload, String name) {
    return workload.label("component").equals("worker")
        && Set.of("HOSTNAME", "AM_TOKEN").contains(name);
  }

  @ParameterizedTest
  @EnumSource
  void addressesAreThoseOfServices(Overlay overlay) {
    ConfigMap settings =
        of(overlay).all(ConfigMap.class).stream()
            .filter(m -> m.getData().containsKey("TASK_SERVICE_URL"))
            .findFirst()
            .orElseThrow();
    for (String part : List.of("PLANNER", "TASK", "AUDIT")) {
      URI url = URI.create(settings.getData().get(part + "_SERVICE_URL"));
      assertThat(of(overlay).all(Service.class))
          .anyMatch(
              s ->
                  s.getMetadata().getName().equals(url.getHost())
                      && s.getSpec().getPorts().stream()
                          .anyMatch(
                              p -> p.getPort() == url.getPort() && p.getName().equals("http")));
    }
    if (overlay == Overlay.DEV) {
      for (String database : List.of("GATEWAY", "PLANNER", "TASK", "AUDIT")) {
        String url = settings.getData().get(database + "_DATABASE_URL");
        assertServes(overlay, URI.create(url.substring("jdbc:".length())));
      }
      assertServes(
          overlay, URI.create("kafka://" + settings.getData().get("KAFKA_BOOTSTRAP_SERVERS")));
      assertServes(overlay, URI.create(settings.getData().get("OIDC_JWK_SET_URI")));
    }
    for (Workload workload : of(overlay).workloads()) {
      if (SERVICES.contains(workload.name())) {
        assertThat(containerPorts(workload))
            .as("the ports of the image")
            .extracting(ContainerPort::getContainerPort)
            .containsExactlyInAnyOrderElementsOf(imagePorts());
      }
    }
  }

  /** What everything inside the cluster is asked for is a Service of it. */
  private static void assertServes(Overlay overlay, URI url) {
    assertThat(of(overlay).all(Service.class))
        .as(url.toString())
        .anyMatch(
            s ->
                s.getMetadata().getName().equals(url.getHost())
                    && s.getSpec().getPorts().stream().anyMatch(p -> p.getPort() == url.getPort()));
  }

  @Test
  void theWorkersFileNamesTheGatewayAndEndsBeforeItsGraceIsOver() throws IOException {
    JsonNode file =
        JsonMapper.shared()
            .readTree(Files.readString(ROOT.resolve("deploy/k8s/base/mcp_client_config.json")));
    assertServes(Overlay.DEV, URI.create(file.path("server_url").asString()));
    Workload worker =
        of(Overlay.DEV).workloads().stream()
            .filter(w -> w.name().equals("worker"))
            .findFirst()
            .orElseThrow();
    assertThat(worker.template().getSpec().getTerminationGracePeriodSeconds())
        .isGreaterThan(file.path("drain_sec").asLong());
    assertThat(
            worker.template().getSpec().getContainers().getFirst().getVolumeMounts().stream()
                .map(VolumeMount::getMountPath))
        .contains(file.path("workspace").asString());
  }

  private static List<Integer> imagePorts() {
    try {
      String file = Files.readString(ROOT.resolve("Dockerfile"));
      return Pattern.compile("(?:SERVER_PORT|MANAGEMENT_SERVER_PORT)=(\\d+)")
          .matcher(file)
          .results()
          .map(found -> Integer.valueOf(found.group(1)))
          .distinct()
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void mountsAndVolumesAgree(Overlay overlay) {
    Set<String> maps =
        of(overlay).all(ConfigMap.class).stream()
            .map(m -> m.getMetadata().getName())
            .collect(Collectors.toSet());
    for (Workload workload : of(overlay).workloads()) {
      List<Volume> volumes = workload.template().getSpec().getVolumes();
      Set<String> mounted =
          workload.template().getSpec().getContainers().stream()
              .flatMap(c -> c.getVolumeMounts().stream())
              .map(VolumeMount::getName)
              .collect(Collectors.toSet());
      assertThat(volumes).as(workload.name()).extracting(Volume::getName).isSubsetOf(mounted);
      mounted.remove("data");
      assertThat(mounted).isSubsetOf(volumes.stream().map(Volume::getName).toList());
      volumes.stream()
          .filter(v -> v.getConfigMap() != null)
          .forEach(v -> assertThat(maps).contains(v.getConfigMap().getName()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void podsMayDoNothingThatTheyNeedNot(Overlay overlay) {
    for (Workload workload : of(overlay).workloads()) {
      var pod = workload.template().getSpec();
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).as(workload.name()).isTrue();
      assertThat(pod.getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      assertThat(pod.getAutomountServiceAccountToken()).isFalse();
      for (Container container : pod.getContainers()) {
        assertThat(container.getImage()).matches(PINNED);
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).contains("ALL");
        assertThat(container.getResources().getLimits()).containsKey("memory");
        assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
        if (workload.isOurs()) {
          assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRollOutTakesNoReplicaAwayBeforeAnotherServes(Overlay overlay) {
    for (Deployment deployment : of(overlay).all(Deployment.class)) {
      String name = deployment.getMetadata().getName();
      if (SERVICES.contains(name)) {
        assertThat(
                deployment
                    .getSpec()
                    .getStrategy()
                    .getRollingUpdate()
                    .getMaxUnavailable()
                    .getIntVal())
            .isZero();
        var pod = deployment.getSpec().getTemplate().getSpec();
        long sleep =
            pod.getContainers().getFirst().getLifecycle().getPreStop().getSleep().getSeconds();
        // Spring's own bound of a graceful stop is 30 seconds.
        assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThan(sleep + 30);
        assertThat(deployment.getSpec().getReplicas())
            .as("an autoscaler decides how many, and an apply must not")
            .isNull();
        assertThat(of(overlay).all(PodDisruptionBudget.class))
            .anyMatch(
                b ->
                    selected(of(overlay), b.getSpec().getSelector().getMatchLabels()).stream()
                        .anyMatch(w -> w.name().equals(name)));
      }
    }
  }

  private static List<Workload> selected(Manifests manifests, Map<String, String> selector) {
    return manifests.workloads().stream().filter(w -> w.matches(selector)).toList();
  }

  private static Stream<ContainerPort> containerPorts(Workload workload) {
    return workload.template().getSpec().getContainers().stream()
        .flatMap(c -> c.getPorts().stream());
  }

  private static Set<String> ports(List<Workload> workloads) {
    return workloads.stream()
        .flatMap(KubernetesTest::containerPorts)
        .map(ContainerPort::getName)
        .collect(Collectors.toSet());
  }
}
