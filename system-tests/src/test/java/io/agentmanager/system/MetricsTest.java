package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Usage;
import io.agentmanager.models.ModelListener;
import io.agentmanager.models.ModelMeters;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What Prometheus finds at the services, and what dashboards and alerts make of it. */
class MetricsTest {
  private static final List<String> SERVICES =
      List.of("gateway", "planner-service", "task-service", "audit-service");
  private static final Path MONITORING = Path.of("../deploy/monitoring");

  /** What a query names beside series: functions, words, labels in braces or after "by". */
  private static final Pattern ASIDE =
      Pattern.compile("\\{[^}]*}|\\[[^]]*]|\\bby \\([^)]*\\)|\"[^\"]*\"");

  private static final Pattern SERIES = Pattern.compile("[a-z]+(_[a-z]+)+\\b(?!\\()");
  private static final String UNSERVED = "agentmanager_steps_unserved{capability=\"nobodys-art\"}";
  private static final String TOKENS = "agentmanager_tenant_tokens_today{tenant=\"default\"}";
  private static RunningSystem system;
  private static String waiting = "";

  @BeforeAll
  static void aWorkflowWithSomethingToTell() {
    system = RunningSystem.split();
    Api api = system.api();
    api.put("/v1/workers/metrics-1", "{\"agent_capabilities\": [\"metrics\"]}");
    String id =
        api.post(
                "/v1/tasks",
                """
                {"description": "told of", "tasks": [
                  {"step_id": "done", "task_description": "x", "assigned_agent": "metrics"}]}
                """)
            .text("workflow_id");
    Api.Answer task =
        api.get("/v1/tasks/ready?agent_id=metrics-1&client_capabilities=metrics&wait=10");
    assertThat(task.status()).isEqualTo(200);
    api.post(
        "/v1/results",
        """
        {"workflow_id": "%s", "step_id": "done", "client_id": "metrics-1", "attempt": 1,
         "status": "completed", "ra_history": {"final_result": "told", "iterations": [
           {"index": 0, "usage": {"input_tokens": 7, "output_tokens": 3, "cost_usd": 0.5,
              "model": "opus"}}]}}
        """
            .formatted(id));
    api.awaitEnd(id);
    waiting =
        api.post(
                "/v1/tasks",
                """
                {"description": "waits", "tasks": [
                  {"step_id": "s", "task_description": "x", "assigned_agent": "nobodys-art"},
                  {"step_id": "t", "task_description": "x", "assigned_agent": "nobodys-art",
                   "dependencies": ["s"]}]}
                """)
            .text("workflow_id");
    // Counted once a second here.
    Awaitility.await()
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(250))
        .until(() -> scrape("task-service").keySet().containsAll(Set.of(UNSERVED, TOKENS)));
  }

  @AfterAll
  static void itIsNotDone() {
    assertThat(system.api().post("/v1/workflows/" + waiting + "/cancel", "{}").status())
        .isEqualTo(202);
  }

  private static Map<String, Double> scrape(String service) {
    URI url = URI.create("http://127.0.0.1:" + system.port(service + "-management"));
    Map<String, Double> samples = new TreeMap<>();
    try (Stream<String> lines = new Api(url, "").stream("/actuator/prometheus").body()) {
      lines
          .filter(line -> !line.startsWith("#") && line.contains(" "))
          .forEach(
              line -> {
                int end = line.lastIndexOf(' ');
                samples.put(line.substring(0, end), Double.valueOf(line.substring(end + 1)));
              });
    }
    return samples;
  }

  private static final Pattern TYPE = Pattern.compile("type(=~?)\"([^\"]*)\"");
  private static final Pattern ONE_OF = Pattern.compile("([\\w.]*)\\(([^)]*)\\)");

  /** Types of transitions that a query asks for, such as {@code step.(claimed|failed)}. */
  private static Stream<String> types(String query) {
    return TYPE.matcher(query)
        .results()
        .flatMap(
            r -> {
              var choice = ONE_OF.matcher(r.group(2));
              return choice.matches()
                  ? Stream.of(choice.group(2).split("\\|")).map(end -> choice.group(1) + end)
                  : Stream.of(r.group(2));
            });
  }

  /** The query that KEDA asks, as the manifest has it. */
  private static String workersAreScaledBy() throws IOException {
    String manifest =
        Files.readString(Path.of("../deploy/k8s/components/keda/scaled-objects.yaml"));
    var query =
        Pattern.compile("query: >-\n(.*?)\n\\s+threshold", Pattern.DOTALL).matcher(manifest);
    assertThat(query.find()).isTrue();
    return query.group(1);
  }

  private static Set<String> names(Map<String, Double> samples) {
    Set<String> names = new HashSet<>();
    samples.keySet().forEach(sample -> names.add(sample.replaceAll("\\{.*", "")));
    return names;
  }

  @Test
  void metricsAnswerOnAPortOfTheirOwnAndNowhereElse() {
    for (String service : SERVICES) {
      assertThat(names(scrape(service))).as(service).contains("jvm_memory_used_bytes");
      URI front =
          service.equals("gateway")
              ? system.url()
              : URI.create("http://127.0.0.1:" + system.port(service));
      assertThat(new Api(front, "").get("/actuator/prometheus").status()).isIn(401, 404);
      assertThat(new Api(front, "").get("/readyz").status()).isEqualTo(200);
      assertThat(new Api(front, "").get("/livez").status()).isEqualTo(200);
    }
    assertThat(system.api().get("/actuator/prometheus").status()).isIn(403, 404);
  }

  @Test
  void whatHappenedToAWorkflowIsCounted() {
    Map<String, Double> task = scrape("task-service");
    assertThat(task.get("agentmanager_transitions_total{type=\"step.claimed\"}")).isPositive();
    assertThat(task.get("agentmanager_transitions_total{type=\"workflow.completed\"}"))
        .isPositive();
    assertThat(task.get("agentmanager_step_wait_seconds_count")).isPositive();
    assertThat(task).containsKey("agentmanager_transitions_total{type=\"step.lease_lost\"}");
    assertThat(scrape("audit-service").get("agentmanager_hop_seconds_count{topic=\"completed\"}"))
        .isPositive();
    assertThat(scrape("gateway").keySet())
        .as("calls that are passed on have the names of the table")
        .anyMatch(sample -> sample.contains("uri=\"/v1/results\""));
  }

  /** By the names that alerts and dashboards ask for. */
  @Test
  void everyTroubleOfAWorkflowIsCountedAndStandsInTheLog() {
    Map<String, Double> before = scrape("task-service");
    Api api = system.api();
    String id =
        api.post(
                "/v1/tasks",
                """
                {"description": "troubled", "audit": {"mode": "rules", "max_rework_cycles": 1},
                 "tasks": [{"step_id": "only", "task_description": "x", "assigned_agent": "trouble",
                            "max_attempts": 9, "checks": {"pattern": "^[0-9]+$"}}]}
                """)
            .text("workflow_id");
    assertThat(claim(api, id)).as("nobody hears of this attempt again").isEqualTo(1);
    assertThat(claim(api, id)).isEqualTo(2);
    send(api, id, 2, "\"status\": \"failed\", \"error\": {\"type\": \"clumsy\"}");
    for (int attempt = 3; attempt <= 4; attempt++) {
      assertThat(claim(api, id)).isEqualTo(attempt);
      send(api, id, attempt, "\"status\": \"completed\"");
    }
    assertThat(api.awaitEnd(id).path("status").asString()).isEqualTo("FAILED");
    Map<String, Integer> times =
        Map.of(
            "step.claimed", 4,
            "step.lease_lost", 1,
            "step.attempt_failed", 1,
            "step.retry_scheduled", 1,
            "step.completed", 2,
            "step.sent_back", 1,
            "workflow.reworking", 1,
            "workflow.audit_failed", 2,
            "workflow.failed", 1);
    // Told right after the commit, which others may have seen before.
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              Map<String, Double> after = scrape("task-service");
              times.forEach(
                  (type, n) -> {
                    String series = "agentmanager_transitions_total{type=\"" + type + "\"}";
                    assertThat(after.get(series) - before.get(series))
                        .as(type)
                        .isEqualTo((double) n);
                  });
              assertThat(Files.readString(system.data().resolve("logs/task-service.log")))
                  .contains(
                      id + " only, attempt 1: a worker was not heard of in time and lost its lease",
                      id + " only, attempt 2: an attempt failed",
                      id + ": an audit sent steps back",
                      id + ": a workflow failed");
            });
  }

  private static int claim(Api api, String workflow) {
    Api.Answer task =
        api.get("/v1/tasks/ready?agent_id=trouble-1&client_capabilities=trouble&wait=20");
    assertThat(task.status()).as(task.toString()).isEqualTo(200);
    assertThat(task.text("workflow_id")).isEqualTo(workflow);
    return task.body().path("attempt").asInt();
  }

  private static void send(Api api, String workflow, int attempt, String outcome) {
    Api.Answer sent =
        api.post(
            "/v1/results",
            """
            {"workflow_id": "%s", "step_id": "only", "client_id": "trouble-1", "attempt": %d, %s,
             "ra_history": {"final_result": "no number"}}
            """
                .formatted(workflow, attempt, outcome));
    assertThat(sent.status()).as(sent.toString()).isEqualTo(200);
  }

  @Test
  void aStepThatNobodyCanDoIsToldWithItsCapability() {
    Map<String, Double> task = scrape("task-service");
    assertThat(task.get(UNSERVED)).isEqualTo(1);
    assertThat(task.get("agentmanager_steps_ready_age_seconds{capability=\"nobodys-art\"}"))
        .isNotNegative();
    assertThat(task.get("agentmanager_workflows{status=\"RUNNING\"}")).isPositive();
    assertThat(task.get("agentmanager_steps_pending")).isPositive();
  }

  @Test
  void whatATenantsModelsSpentIsTold() {
    Map<String, Double> task = scrape("task-service");
    assertThat(task.get(TOKENS)).isGreaterThanOrEqualTo(10);
    assertThat(task.get("agentmanager_tenant_cost_today_usd{tenant=\"default\"}"))
        .isGreaterThanOrEqualTo(0.5);
  }

  @Test
  void whatAWorkersModelTookIsToldByTenantAndModel() {
    Map<String, Double> task = scrape("task-service");
    String of = "{gen_ai_request_model=\"opus\",%stenant=\"default\"}";
    assertThat(task)
        .containsEntry(
            "agentmanager_model_tokens_total" + of.formatted("gen_ai_token_type=\"input\","), 7.0)
        .containsEntry(
            "agentmanager_model_tokens_total" + of.formatted("gen_ai_token_type=\"output\","), 3.0)
        .containsEntry("agentmanager_model_cost_usd_total" + of.formatted(""), 0.5);
  }

  /** This stack has no model; they are told from the first call on. */
  private static Set<String> seriesOfModels() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new ModelMeters(registry)
        .called(
            new ModelListener.ModelCall(
                "openai", "gpt", new Usage(1, 1, 0.1), Duration.ofSeconds(1), null));
    return registry
        .scrape()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.replaceAll("[{ ].*", ""))
        .collect(Collectors.toSet());
  }

  @Test
  void everySeriesOfDashboardsAndAlertsExists() throws IOException {
    Set<String> told = new HashSet<>(Set.of("up"));
    told.addAll(seriesOfModels());
    SERVICES.forEach(service -> told.addAll(names(scrape(service))));
    List<String> queries = new ArrayList<>();
    try (Stream<Path> boards = Files.list(MONITORING.resolve("dashboards"))) {
      for (Path board : boards.toList()) {
        JsonMapper.shared()
            .readTree(board.toFile())
            .findValues("expr")
            .forEach(expr -> queries.add(expr.asString()));
      }
    }
    JsonNode alerts =
        JsonMapper.shared()
            .valueToTree(
                (Object)
                    new Yaml(new SafeConstructor(new LoaderOptions()))
                        .load(Files.readString(MONITORING.resolve("alerts.yml"))));
    alerts.findValues("expr").forEach(expr -> queries.add(expr.asString()));
    assertThat(queries).hasSizeGreaterThan(30);
    queries.add(workersAreScaledBy());
    Set<String> known = new HashSet<>();
    scrape("task-service")
        .keySet()
        .forEach(sample -> TYPE.matcher(sample).results().forEach(r -> known.add(r.group(2))));
    for (String query : queries) {
      List<String> series =
          SERIES
              .matcher(ASIDE.matcher(query).replaceAll(""))
              .results()
              .map(r -> r.group())
              .toList();
      assertThat(told).as(query).containsAll(series);
      types(query).forEach(type -> assertThat(known).as(query).contains(type));
      assertThat(query.contains("up{") || !series.isEmpty()).as(query).isTrue();
    }
  }

  @Test
  void everyAlertIsExplained() throws IOException {
    String page = Files.readString(Path.of("../docs/operations.md"));
    Pattern.compile("alert: (\\w+)")
        .matcher(Files.readString(MONITORING.resolve("alerts.yml")))
        .results()
        .forEach(alert -> assertThat(page).contains("`" + alert.group(1) + "`"));
  }

  @Test
  void labelsDoNotGrowWithWhatCallersSend() {
    for (int i = 0; i < 50; i++) {
      assertThat(system.api().get("/v1/workflows/no-such-" + i).status()).isEqualTo(404);
      assertThat(system.api().get("/nowhere/" + i).status()).isIn(403, 404);
    }
    for (String service : SERVICES) {
      assertThat(scrape(service).keySet())
          .as(service)
          .noneMatch(sample -> sample.contains("no-such-") || sample.contains("/nowhere/"));
    }
  }
}
