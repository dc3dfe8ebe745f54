package io.agentmanager.system.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What watches the system in compose: each file against the parts that it names. */
class MonitoringFilesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private final JsonNode services = read("docker-compose.yml").path("services");
  private final JsonNode prometheus = read("deploy/compose/prometheus.yml");
  private final JsonNode collector = read("deploy/monitoring/otel-collector.yaml");
  private final JsonNode tempo = read("deploy/monitoring/tempo.yaml");

  private static JsonNode read(String file) {
    try {
      return JsonMapper.shared()
          .valueToTree(
              (Object)
                  new Yaml(new SafeConstructor(new LoaderOptions()))
                      .load(Files.readString(ROOT.resolve(file))));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asString).toList();
  }

  /** Where a mounted file of the project is found in a container, or the other way round. */
  private boolean isMounted(String service, String source, String target) {
    return texts(services.path(service).path("volumes")).contains(source + ":" + target + ":ro");
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  @Test
  void prometheusAsksEveryServiceAtItsManagementPortAndTheCollectorForWorkers() throws IOException {
    JsonNode own = prometheus.path("scrape_configs").path(0);
    assertThat(texts(own.path("dns_sd_configs").path(0).path("names")))
        .containsExactlyInAnyOrder("gateway", "planner-service", "task-service", "audit-service")
        .allMatch(services::has);
    assertThat(own.path("metrics_path").asString()).isEqualTo("/actuator/prometheus");
    assertThat(Files.readString(ROOT.resolve("Dockerfile")))
        .contains("MANAGEMENT_SERVER_PORT=" + own.at("/dns_sd_configs/0/port").asInt());
    String workers = texts(prometheus.at("/scrape_configs/1/static_configs/0/targets")).getFirst();
    assertThat(services.has(workers.split(":")[0])).isTrue();
    assertThat(port(workers))
        .isEqualTo(port(collector.at("/exporters/prometheus/endpoint").asString()));
  }

  @Test
  void prometheusFindsItsAlerts() {
    for (String rules : texts(prometheus.path("rule_files"))) {
      assertThat(isMounted("prometheus", "./deploy/monitoring/alerts.yml", rules)).isTrue();
    }
    assertThat(texts(services.path("prometheus").path("command")))
        .anyMatch(
            option ->
                option.startsWith("--config.file=")
                    && isMounted(
                        "prometheus",
                        "./deploy/compose/prometheus.yml",
                        option.substring("--config.file=".length())));
  }

  @Test
  void servicesSendTracesToTheCollectorAndItToTempo() {
    URI endpoint =
        URI.create(services.at("/task-service/environment/OTEL_EXPORTER_OTLP_ENDPOINT").asString());
    assertThat(services.has(endpoint.getHost())).isTrue();
    assertThat(endpoint.getPort())
        .isEqualTo(port(collector.at("/receivers/otlp/protocols/http/endpoint").asString()));
    String next = collector.path("exporters").path("otlp/tempo").path("endpoint").asString();
    assertThat(services.has(next.split(":")[0])).isTrue();
    assertThat(port(next))
        .isEqualTo(
            port(tempo.at("/distributor/receivers/otlp/protocols/grpc/endpoint").asString()));
  }

  @Test
  void everyPipelineOfTheCollectorIsMadeOfPartsThatThereAre() {
    for (var pipeline : collector.at("/service/pipelines").properties()) {
      for (String kind : List.of("receivers", "processors", "exporters")) {
        assertThat(texts(pipeline.getValue().path(kind)))
            .as(pipeline.getKey())
            .isNotEmpty()
            .allMatch(collector.path(kind)::has);
      }
    }
  }

  @Test
  void grafanaAsksPrometheusAndTempoAndFindsItsDashboards() {
    JsonNode sources =
        read("deploy/compose/grafana/datasources/datasources.yml").path("datasources");
    assertThat(sources).hasSize(2);
    for (JsonNode source : sources) {
      URI url = URI.create(source.path("url").asString());
      assertThat(services.has(url.getHost())).as(url.toString()).isTrue();
    }
    assertThat(URI.create(sources.path(1).path("url").asString()).getPort())
        .isEqualTo(tempo.at("/server/http_listen_port").asInt());
    String boards =
        read("deploy/compose/grafana/dashboards/dashboards.yml")
            .at("/providers/0/options/path")
            .asString();
    assertThat(isMounted("grafana", "./deploy/monitoring/dashboards", boards)).isTrue();
  }

  @Test
  void dashboardsAskTheDataSourcesThatThereAre() throws IOException {
    Set<String> known =
        StreamSupport.stream(
                read("deploy/compose/grafana/datasources/datasources.yml")
                    .path("datasources")
                    .spliterator(),
                false)
            .map(source -> source.path("uid").asString())
            .collect(Collectors.toSet());
    try (var boards = Files.list(ROOT.resolve("deploy/monitoring/dashboards"))) {
      for (Path board : boards.toList()) {
        assertThat(JsonMapper.shared().readTree(board.toFile()).findValues("datasource"))
            .as(board.toString())
            .isNotEmpty()
            .allSatisfy(source -> assertThat(known).contains(source.path("uid").asString()));
      }
    }
  }

  @Test
  void everyServiceHasADatabaseOfItsOwnThatTheScriptMakes() throws IOException {
    String script = Files.readString(ROOT.resolve("deploy/postgres/databases.sh"));
    for (String service : List.of("gateway", "planner", "task", "audit")) {
      JsonNode environment =
          services
              .path(service.equals("gateway") ? service : service + "-service")
              .path("environment");
      assertThat(environment.path("DATABASE_URL").asString())
          .isEqualTo("jdbc:postgresql://postgres:5432/" + service);
      assertThat(environment.path("SPRING_DATASOURCE_USERNAME").asString()).isEqualTo(service);
      assertThat(script).containsPattern("for service in [a-z ]*\\b" + service + "\\b");
      assertThat(services.at("/postgres/environment").propertyNames())
          .contains(service.toUpperCase(java.util.Locale.ROOT) + "_DATABASE_PASSWORD");
    }
  }
}
