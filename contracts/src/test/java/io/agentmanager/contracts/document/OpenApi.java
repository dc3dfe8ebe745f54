package io.agentmanager.contracts.document;

import io.agentmanager.contracts.api.ApprovalAnswer;
import io.agentmanager.contracts.api.AuditReport;
import io.agentmanager.contracts.api.BatchAnswer;
import io.agentmanager.contracts.api.CancelRequest;
import io.agentmanager.contracts.api.ClaimAnswer;
import io.agentmanager.contracts.api.ClaimRequest;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Diagnosis;
import io.agentmanager.contracts.api.Heartbeat;
import io.agentmanager.contracts.api.HeartbeatAnswer;
import io.agentmanager.contracts.api.HistoryPage;
import io.agentmanager.contracts.api.IssuedToken;
import io.agentmanager.contracts.api.IterationReport;
import io.agentmanager.contracts.api.LockAnswer;
import io.agentmanager.contracts.api.LockRequest;
import io.agentmanager.contracts.api.Overview;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ResealAnswer;
import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.ResultBatch;
import io.agentmanager.contracts.api.SessionList;
import io.agentmanager.contracts.api.StepFinalResult;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.api.StepResults;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.api.SubmissionAnswer;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.TokenList;
import io.agentmanager.contracts.api.TokenRequest;
import io.agentmanager.contracts.api.TokenRotation;
import io.agentmanager.contracts.api.TrailCheckpoint;
import io.agentmanager.contracts.api.TrailPage;
import io.agentmanager.contracts.api.TrailVerification;
import io.agentmanager.contracts.api.TrailVerifyRequest;
import io.agentmanager.contracts.api.WorkerList;
import io.agentmanager.contracts.api.WorkerRegistration;
import io.agentmanager.contracts.api.WorkerTerms;
import io.agentmanager.contracts.api.WorkflowPage;
import io.agentmanager.contracts.api.WorkflowResult;
import io.agentmanager.contracts.api.WorkflowView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The OpenAPI 3.1 document of the gateway: operations listed here, schemas read off the records.
 */
final class OpenApi {
  private final RecordSchemas schemas = new RecordSchemas("#/components/schemas/");
  private final Map<String, Map<String, Object>> paths = new TreeMap<>();

  static Map<String, Object> document() {
    return new OpenApi().build();
  }

  private Map<String, Object> build() {
    call("post", "/v1/tasks", "Submit a goal, with or without a plan")
        .header("Idempotency-Key")
        .header("Prefer")
        .body(TaskSubmission.class)
        .answer(201, SubmissionAnswer.class)
        .answer(202, SubmissionAnswer.class)
        .problems(400, 413, 422, 503)
        .add();
    call(
            "get",
            "/v1/workflows",
            "List workflows, newest first; results of over 20,000 characters are left out")
        .query("status", "created_after", "limit", "cursor")
        .answer(200, WorkflowPage.class)
        .problems(422)
        .add();
    call("get", "/v1/workflows/{id}", "A workflow with its steps")
        .answer(200, WorkflowView.class)
        .problems(404)
        .add();
    call("get", "/v1/workflows/{id}/result", "The outcome of a finished workflow")
        .answer(200, WorkflowResult.class)
        .problems(404, 409)
        .add();
    call("get", "/v1/workflows/{id}/history", "The journal, page by page")
        .query("after", "limit")
        .answer(200, HistoryPage.class)
        .problems(404, 422)
        .add();
    call("get", "/v1/workflows/{id}/events", "The journal, live, as server-sent events")
        .header("Last-Event-ID")
        .stream()
        .nothing(204)
        .problems(404, 422)
        .add();
    call("get", "/v1/workflows/{id}/audits", "The audit reports")
        .answers(200, AuditReport.class)
        .problems(404)
        .add();
    call("post", "/v1/workflows/{id}/cancel", "Cancel a workflow")
        .optionalBody(CancelRequest.class)
        .answer(202, WorkflowView.class)
        .problems(400, 404, 409, 422)
        .add();
    call("get", "/v1/workflows/{id}/steps/{step}/results", "Every attempt's result of a step")
        .answer(200, StepResults.class)
        .problems(404)
        .add();
    call("get", "/v1/workflows/{id}/steps/{step}/result", "The accepted result of a step")
        .answer(200, StepFinalResult.class)
        .problems(404, 409)
        .add();
    call("post", "/v1/workflows/{id}/steps/{step}/approval", "Answer what a step asks a person")
        .body(ApprovalAnswer.class)
        .answer(200, StepView.class)
        .problems(400, 404, 409, 422)
        .add();
    call("post", "/v1/workflows/{id}/steps/{step}/claim", "Claim one named step")
        .body(ClaimRequest.class)
        .answer(200, ClaimedTask.class)
        .problems(400, 404, 409, 422)
        .add();
    call("post", "/v1/workflows/{id}/steps/{step}/iterations", "Live progress of an attempt")
        .body(IterationReport.class)
        .nothing(202)
        .problems(400, 404, 409, 422)
        .add();
    call("get", "/v1/tasks/ready", "Claim the next ready step, with a long poll")
        .query("agent_id", "client_capabilities", "wait")
        .answer(200, ClaimedTask.class)
        .nothing(204)
        .problems(422)
        .add();
    call("post", "/v1/tasks/claims", "Claim ready steps, with a long poll")
        .body(ClaimRequest.class)
        .answer(200, ClaimAnswer.class)
        .problems(400, 404, 422)
        .add();
    call("post", "/v1/results", "Post a result")
        .body(StepResult.class)
        .answer(200, ResultAnswer.class)
        .problems(400, 404, 409, 413, 422)
        .add();
    call("post", "/v1/results/batch", "Post 1 to 100 results, each judged alone")
        .body(ResultBatch.class)
        .answer(200, BatchAnswer.class)
        .problems(400, 413, 422)
        .add();
    call("post", "/v1/locks", "Lock a file for a running attempt, waiting if others hold it")
        .body(LockRequest.class)
        .answer(201, LockAnswer.class)
        .problems(400, 404, 409, 422)
        .add();
    call("delete", "/v1/locks/{lock}", "Let a lock go before its attempt ends")
        .nothing(204)
        .problems(404)
        .add();
    call("post", "/v1/tokens", "Make an API token; its secret is shown here once")
        .body(TokenRequest.class)
        .answer(201, IssuedToken.class)
        .problems(400, 409, 413, 422)
        .add();
    call("get", "/v1/tokens", "The API tokens, without their secrets")
        .answer(200, TokenList.class)
        .add();
    call("post", "/v1/tokens/{token}/rotate", "Give an API token a new secret")
        .optionalBody(TokenRotation.class)
        .answer(200, IssuedToken.class)
        .problems(400, 404, 413, 422)
        .add();
    call("delete", "/v1/tokens/{token}", "Revoke an API token").nothing(204).problems(404).add();
    call("get", "/v1/sessions", "The open sessions of people: one's own, or a tenant's")
        .query("person")
        .answer(200, SessionList.class)
        .problems(422)
        .add();
    call("delete", "/v1/sessions", "End all sessions of a person, one's own unless told otherwise")
        .query("person")
        .nothing(204)
        .problems(422)
        .add();
    call("delete", "/v1/sessions/{session}", "End a session").nothing(204).problems(404).add();
    call("post", "/v1/encryption/rotate", "Seal anew, with the newest key, what older ones sealed")
        .answer(200, ResealAnswer.class)
        .add();
    call("get", "/v1/diagnostics", "What the installation depends on, and what to do about faults")
        .answer(200, Diagnosis.class)
        .add();
    call("get", "/v1/trail", "Who did what, oldest first")
        .query("after", "limit", "actor", "action", "object", "tenant")
        .answer(200, TrailPage.class)
        .problems(404, 422)
        .add();
    call("get", "/v1/trail/checkpoint", "Where the trail stands, signed")
        .query("tenant")
        .answer(200, TrailCheckpoint.class)
        .problems(404)
        .add();
    call("post", "/v1/trail/verify", "Look for what was changed, left out or cut off")
        .optionalBody(TrailVerifyRequest.class)
        .answer(200, TrailVerification.class)
        .problems(400, 413, 422)
        .add();
    call("get", "/v1/overview", "What goes on in the tenant, and what does not")
        .answer(200, Overview.class)
        .add();
    call("get", "/v1/workers", "Who is there, and what they hold")
        .answer(200, WorkerList.class)
        .add();
    call("put", "/v1/workers/{worker}", "Register a worker")
        .body(WorkerRegistration.class)
        .answer(200, WorkerTerms.class)
        .problems(400, 422)
        .add();
    call("delete", "/v1/workers/{worker}", "Let a worker go; what it holds goes back")
        .query("instance_id")
        .nothing(204)
        .problems(404, 409)
        .add();
    call("post", "/v1/workers/{worker}/heartbeat", "One heartbeat for all running attempts")
        .body(Heartbeat.class)
        .answer(200, HeartbeatAnswer.class)
        .problems(400, 404, 409, 422)
        .add();

    Map<String, Object> document = new LinkedHashMap<>();
    document.put("openapi", "3.1.0");
    document.put(
        "info",
        Map.of(
            "title", "AgentManager",
            "version", "1",
            "license", Map.of("name", "Apache-2.0", "identifier", "Apache-2.0")));
    document.put("security", List.of(Map.of("token", List.of())));
    document.put("paths", paths);
    document.put(
        "components",
        Map.of(
            "schemas", schemas.all(),
            "securitySchemes", Map.of("token", Map.of("type", "http", "scheme", "bearer"))));
    return document;
  }

  private Call call(String method, String path, String summary) {
    return new Call(method, path, summary);
  }

  private final class Call {
    private final String method;
    private final String path;
    private final Map<String, Object> operation = new LinkedHashMap<>();
    private final List<Object> parameters = new ArrayList<>();
    private final Map<String, Object> responses = new TreeMap<>();

    Call(String method, String path, String summary) {
      this.method = method;
      this.path = path;
      operation.put("summary", summary);
      operation.put(
          "operationId", method + path.replaceAll("[^a-z0-9]+", "-").replaceAll("-$", ""));
      java.util.regex.Pattern.compile("\\{(\\w+)}")
          .matcher(path)
          .results()
          .forEach(m -> parameter(m.group(1), "path", true));
      problems(400, 401, 403, 429, 500, 503);
      if (path.contains("{")) {
        problems(404);
      }
    }

    Call query(String... names) {
      for (String name : names) {
        parameter(name, "query", name.equals("agent_id") || name.equals("client_capabilities"));
      }
      return this;
    }

    Call header(String name) {
      parameter(name, "header", false);
      return this;
    }

    private void parameter(String name, String in, boolean required) {
      Map<String, Object> schema =
          name.equals("client_capabilities")
              ? Map.of("type", "array", "items", Map.of("type", "string"))
              : Map.of("type", "string");
      parameters.add(
          new TreeMap<>(Map.of("name", name, "in", in, "required", required, "schema", schema)));
    }

    Call body(Class<?> type) {
      return body(type, true);
    }

    Call optionalBody(Class<?> type) {
      return body(type, false);
    }

    private Call body(Class<?> type, boolean required) {
      operation.put(
          "requestBody",
          new TreeMap<>(Map.of("required", required, "content", json("application/json", type))));
      return problems(413, 422);
    }

    Call answer(int status, Class<?> type) {
      responses.put("" + status, response("OK", json("application/json", type)));
      return this;
    }

    Call answers(int status, Class<?> type) {
      Map<String, Object> schema = Map.of("type", "array", "items", schemas.ref(type));
      responses.put(
          "" + status, response("OK", Map.of("application/json", Map.of("schema", schema))));
      return this;
    }

    Call stream() {
      responses.put(
          "200",
          response(
              "Events until the workflow ends",
              Map.of("text/event-stream", Map.of("schema", Map.of("type", "string")))));
      return this;
    }

    Call nothing(int status) {
      responses.put("" + status, Map.of("description", "Done, with nothing to say"));
      return this;
    }

    Call problems(int... statuses) {
      for (int status : statuses) {
        responses.put(
            "" + status, response("Problem", json("application/problem+json", Problem.class)));
      }
      return this;
    }

    void add() {
      if (!parameters.isEmpty()) {
        operation.put("parameters", parameters);
      }
      operation.put("responses", responses);
      paths.computeIfAbsent(path, p -> new TreeMap<>()).put(method, operation);
    }

    private Map<String, Object> json(String mediaType, Class<?> type) {
      return Map.of(mediaType, Map.of("schema", schemas.ref(type)));
    }

    private static Map<String, Object> response(String description, Object content) {
      return new TreeMap<>(Map.of("description", description, "content", content));
    }
  }
}
