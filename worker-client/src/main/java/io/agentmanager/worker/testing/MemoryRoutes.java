package io.agentmanager.worker.testing;

import com.sun.net.httpserver.HttpExchange;
import io.agentmanager.contracts.api.ApprovalAnswer;
import io.agentmanager.contracts.api.AttemptRef;
import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.ClaimAnswer;
import io.agentmanager.contracts.api.ClaimRequest;
import io.agentmanager.contracts.api.Heartbeat;
import io.agentmanager.contracts.api.IterationReport;
import io.agentmanager.contracts.api.LockRequest;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.ResultBatch;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepResults;
import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.api.WorkerTerms;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** The routes of the wire that workers and their tests use, served from memory. */
final class MemoryRoutes {
  /** More often than the real server asks for them, so that tests of cancelling are quick. */
  private static final int HEARTBEAT_SEC = 1;

  private static final int NO_CONTENT = 204;
  private static final int ACCEPTED = 202;
  private static final int CREATED = 201;
  private static final int OK = 200;
  private static final String INSTANCE = "instance_id=";
  private final MemoryWorkflows workflows;
  private final List<StreamedText> shown = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final String token;
  private volatile boolean out;

  MemoryRoutes(MemoryWorkflows workflows, String token) {
    this.workflows = workflows;
    this.token = token;
  }

  /** Answers 503 to everything, or serves again. */
  void outage(boolean isOut) {
    out = isOut;
  }

  /** Every call so far, as method and path. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  /** The texts that models were shown writing. */
  List<StreamedText> shown() {
    return List.copyOf(shown);
  }

  void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Reply reply;
      try {
        reply = reply(exchange);
      } catch (Refused e) {
        reply = problem(e.type(), e.getMessage());
      } catch (JacksonException e) {
        reply = problem(ProblemType.MALFORMED_REQUEST, e.getOriginalMessage());
      } catch (InterruptedException e) {
        reply = problem(ProblemType.UNAVAILABLE, "The server stops.");
      } catch (RuntimeException e) {
        reply = problem(ProblemType.INTERNAL, "The test server failed: " + e);
      }
      send(exchange, reply);
    }
  }

  private record Reply(int status, @Nullable Object body) {
    static Reply ok(Object body) {
      return new Reply(OK, body);
    }
  }

  private static Reply problem(ProblemType type, @Nullable String detail) {
    return new Reply(type.status(), type.detail(detail));
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    if (reply.body() == null) {
      exchange.sendResponseHeaders(reply.status(), -1);
      return;
    }
    byte[] json = WireJson.mapper().writeValueAsBytes(reply.body());
    exchange
        .getResponseHeaders()
        .set(
            "Content-Type",
            reply.body() instanceof Problem ? "application/problem+json" : "application/json");
    exchange.sendResponseHeaders(reply.status(), json.length);
    exchange.getResponseBody().write(json);
  }

  private Reply reply(HttpExchange exchange) throws IOException, InterruptedException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
    if (out) {
      return problem(ProblemType.UNAVAILABLE, "The test server plays an outage.");
    }
    if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return problem(ProblemType.UNAUTHORIZED, "The token is not the test server's.");
    }
    List<String> path =
        Arrays.stream(exchange.getRequestURI().getRawPath().substring(1).split("/", -1))
            .map(part -> URLDecoder.decode(part, StandardCharsets.UTF_8))
            .toList();
    return switch (path.size() > 1 && path.getFirst().equals("v1") ? path.get(1) : "") {
      case "workers" -> worker(exchange.getRequestMethod(), path, body, instance(exchange));
      case "tasks" -> tasks(path, body);
      case "results" -> results(path, body);
      case "locks" -> locks(exchange.getRequestMethod(), path, body);
      case "workflows" -> workflow(exchange.getRequestMethod(), path, body);
      default -> problem(ProblemType.NOT_FOUND, "The test server does not serve that.");
    };
  }

  private Reply worker(String method, List<String> path, byte[] body, @Nullable String instance) {
    String name = path.get(2);
    if (path.size() > 3) {
      return Reply.ok(workflows.heartbeat(name, read(body, Heartbeat.class)));
    }
    if (method.equals("DELETE")) {
      workflows.leave(name, instance);
      return new Reply(NO_CONTENT, null);
    }
    workflows.register(name, read(body, WorkerRegistration.class));
    return Reply.ok(new WorkerTerms(HEARTBEAT_SEC, workflows.leaseSec()));
  }

  /** The only parameter of a query that workers send. */
  private static @Nullable String instance(HttpExchange exchange) {
    String query = exchange.getRequestURI().getQuery();
    return query != null && query.startsWith(INSTANCE) ? query.substring(INSTANCE.length()) : null;
  }

  private Reply tasks(List<String> path, byte[] body) throws InterruptedException {
    if (path.size() > 2) {
      return Reply.ok(new ClaimAnswer(workflows.claim(read(body, ClaimRequest.class))));
    }
    TaskSubmission submission = read(body, TaskSubmission.class);
    if (submission.tasks() == null) {
      return problem(ProblemType.INVALID_REQUEST, "The test server takes explicit plans alone.");
    }
    String id = workflows.submit(submission.tasks(), submission.effectiveBudget());
    return new Reply(CREATED, view(id));
  }

  private Reply results(List<String> path, byte[] body) {
    if (path.size() == 2) {
      return Reply.ok(workflows.accept(read(body, StepResult.class)));
    }
    return Reply.ok(
        new BatchAnswer(
            read(body, ResultBatch.class).results().stream().map(this::judge).toList()));
  }

  private BatchAnswer.Item judge(StepResult result) {
    try {
      return BatchAnswer.Item.accepted(workflows.accept(result));
    } catch (Refused e) {
      return BatchAnswer.Item.refused(
          new AttemptRef(result.workflowId(), result.stepId(), result.attempt()),
          e.type().detail(e.getMessage()));
    }
  }

  private Reply locks(String method, List<String> path, byte[] body) throws InterruptedException {
    if (method.equals("DELETE")) {
      workflows.unlock(path.get(2));
      return new Reply(NO_CONTENT, null);
    }
    return new Reply(CREATED, workflows.lock(read(body, LockRequest.class)));
  }

  private Reply workflow(String method, List<String> path, byte[] body) {
    String id = path.get(2);
    if (path.size() == 3) {
      return Reply.ok(view(id));
    }
    if (path.get(3).equals("cancel")) {
      workflows.cancel(id);
      return new Reply(ACCEPTED, view(id));
    }
    String step = path.get(4);
    return switch (method + " " + path.get(5)) {
      case "POST claim" -> Reply.ok(workflows.claim(id, step, read(body, ClaimRequest.class)));
      case "POST iterations" -> {
        IterationReport report = read(body, IterationReport.class);
        workflows.record(id, step, report);
        if (report.streamed() != null) {
          shown.add(report.streamed());
        }
        yield new Reply(ACCEPTED, null);
      }
      case "POST approval" -> {
        ApprovalAnswer answer = read(body, ApprovalAnswer.class);
        yield answer.decision() == null
            ? problem(ProblemType.INVALID_REQUEST, "decision must be approve or reject")
            : Reply.ok(
                workflows.decide(id, step, answer.attempt(), answer.decision(), answer.comment()));
      }
      case "GET result" -> Reply.ok(workflows.result(id, step));
      case "GET results" -> Reply.ok(new StepResults(id, step, workflows.results(id, step)));
      default -> problem(ProblemType.NOT_FOUND, "The test server does not serve that.");
    };
  }

  /** The part of a workflow's view that the server in memory knows. */
  private Map<String, Object> view(String id) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("workflow_id", id);
    view.put("status", workflows.status(id));
    view.put("tasks", new ArrayList<>(workflows.views(id)));
    view.put("usage", workflows.usage(id));
    return view;
  }

  private static <T> T read(byte[] body, Class<T> type) {
    return Objects.requireNonNull(WireJson.mapper().readValue(body, type));
  }
}
